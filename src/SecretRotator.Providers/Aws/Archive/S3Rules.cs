namespace SecretRotator.Providers.Aws;

/// <summary>How objects are to be kept. The bucket's own rules hold wherever this says nothing.</summary>
/// <param name="KmsKeyId">The KMS key to encrypt with (id, ARN or alias), or null for the bucket's default encryption.</param>
/// <param name="RetainDays">How many days no one may delete an object, or null for the bucket's default retention.</param>
/// <param name="LockMode">How firmly; only with <paramref name="RetainDays"/>.</param>
internal sealed record S3Rules(string? KmsKeyId, int? RetainDays, LockMode LockMode)
{
    /// <summary>Leaves all to the bucket.</summary>
    public static S3Rules OfTheBucket { get; } = new(null, null, LockMode.Governance);
}

/// <summary>How firmly Object Lock holds.</summary>
internal enum LockMode
{
    /// <summary>An identity with the right to bypass it may delete.</summary>
    Governance,

    /// <summary>No one may delete before the end, not even the account's owner.</summary>
    Compliance,
}
