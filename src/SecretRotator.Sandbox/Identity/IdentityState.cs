namespace SecretRotator.Sandbox.Identity;

/// <summary>What the identity stand-ins (STS, Entra, the OIDC issuer) remember.</summary>
internal sealed class IdentityState
{
    /// <summary>The issuer's signing key as PKCS#8 in base64. It signs tokens that only this sandbox accepts.</summary>
    public string? SigningKey { get; set; }

    /// <summary>Temporary credentials by access key id.</summary>
    public SortedDictionary<string, AwsCredentialState> AwsCredentials { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The roles of AWS that can be taken on, by ARN.</summary>
    public SortedDictionary<string, AwsRoleState> AwsRoles { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Whom Entra gives tokens to.</summary>
    public EntraState Entra { get; set; } = new();

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

/// <summary>What the trust policy of a role says, and the identity provider that it rests on.</summary>
internal sealed class AwsRoleState
{
    /// <summary>The issuer that is registered as an identity provider in the role's account, or null where none is.</summary>
    public string? Issuer { get; set; }

    /// <summary>The client ids of that provider: a token's audience must be one of them.</summary>
    public List<string> Audiences { get; set; } = [];

    /// <summary>The subject that is admitted, as in StringLike: <c>*</c> stands for anything.</summary>
    public string Subject { get; set; } = "*";

    /// <summary>Whether identities of the same account may take it on by themselves.</summary>
    public bool AdmitsOwnAccount { get; set; } = true;
}

/// <summary>One tenant with one application, which is allowed everything in the sandbox's Key Vaults.</summary>
internal sealed class EntraState
{
    public string Tenant { get; set; } = "7a1f0e52-3c4b-4d5e-8f60-718293a4b5c6";

    public string ClientId { get; set; } = "0c9d8b7a-6f5e-4d3c-9b2a-1f0e9d8c7b6a";

    public string ClientSecret { get; set; } = "sandbox-entra-client-secret";

    /// <summary>The application's certificates, as DER in base64.</summary>
    public List<string> Certificates { get; set; } = [];

    /// <summary>The issuer that a federated token must name, or null to take any.</summary>
    public string? FederatedIssuer { get; set; }

    /// <summary>The subject of a federated token, or null to take any subject that the sandbox's issuer signed.</summary>
    public string? FederatedSubject { get; set; }
}
