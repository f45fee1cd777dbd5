namespace SecretRotator.Sandbox.Identity;

/// <summary>What the identity stand-ins (STS, Entra, the OIDC issuer) remember.</summary>
internal sealed class IdentityState
{
    /// <summary>The issuer's signing key as PKCS#8 in base64. It signs tokens that only this sandbox accepts.</summary>
    public string? SigningKey { get; set; }

    /// <summary>Temporary credentials by access key id.</summary>
    public SortedDictionary<string, AwsCredentialState> AwsCredentials { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Bearer tokens that Entra gave out, by their text, with their end.</summary>
    public SortedDictionary<string, DateTimeOffset> EntraTokens { get; set; } = new(StringComparer.Ordinal);
}

internal sealed class AwsCredentialState
{
    public string SecretAccessKey { get; set; } = "";

    public string? SessionToken { get; set; }

    public string Account { get; set; } = "";

    public string Arn { get; set; } = "";

    public DateTimeOffset? Expires { get; set; }
}
