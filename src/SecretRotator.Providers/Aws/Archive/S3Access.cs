namespace SecretRotator.Providers.Aws;

/// <summary>How evidence is kept in S3.</summary>
/// <param name="Region">The bucket's region, or null where no one said.</param>
/// <param name="Role">The role to take on, or null for the ambient identity.</param>
/// <param name="Rules">How objects are kept.</param>
internal sealed record S3Access(string? Region, string? Role, S3Rules Rules)
{
    /// <summary>Where S3 answers, unless the settings say otherwise; null where the region isn't known.</summary>
    public Uri? Address => Region is { } region ? AwsProvider.AddressOf("s3", region) : null;
}

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
