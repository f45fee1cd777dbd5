namespace SecretRotator.Providers.Aws;

/// <summary>How evidence is kept in S3.</summary>
/// <param name="Region">The bucket's region, or null where nobody said.</param>
/// <param name="Role">The role to take on, or null for the ambient identity.</param>
/// <param name="Rules">How objects are kept.</param>
internal sealed record S3Access(string? Region, string? Role, S3Rules Rules);
