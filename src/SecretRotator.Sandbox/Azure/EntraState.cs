namespace SecretRotator.Sandbox.Azure;

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

    /// <summary>The subject of a federated token, or null to take any subject that the sandbox signed a token for.</summary>
    public string? FederatedSubject { get; set; }

    /// <summary>Bearer tokens that Entra issued, by their text, with their end.</summary>
    public SortedDictionary<string, DateTimeOffset> Tokens { get; set; } = new(StringComparer.Ordinal);
}
