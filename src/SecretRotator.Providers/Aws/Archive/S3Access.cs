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
