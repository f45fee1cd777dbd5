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

    /// <summary>Bearer tokens for Graph, by their text.</summary>
    public SortedDictionary<string, GraphTokenState> GraphTokens { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Applications whose secrets are rotated, by their application (client) id.</summary>
    public SortedDictionary<string, EntraApplicationState> Applications { get; set; } = new(StringComparer.OrdinalIgnoreCase);
}

internal sealed class GraphTokenState
{
    public string ClientId { get; set; } = "";
    public DateTimeOffset Ends { get; set; }
}

internal sealed class EntraApplicationState
{
    /// <summary>The directory that it is registered in, as the inventory names it; null for <see cref="EntraState.Tenant"/>.</summary>
    public string? Tenant { get; set; }

    /// <summary>The client ids of the applications that own it: with Application.ReadWrite.OwnedBy they may change it.</summary>
    public List<string> Owners { get; set; } = [];

    /// <summary>How many secrets it may have; two where personal accounts may sign in.</summary>
    public int MostSecrets { get; set; } = 2;

    /// <summary>The code with which every sign-in is refused, as of an application that is switched off; 0 for none.</summary>
    public int RefusedWith { get; set; }

    public List<EntraSecretState> Secrets { get; set; } = [];
}

internal sealed class EntraSecretState
{
    public string KeyId { get; set; } = "";
    public string? DisplayName { get; set; }
    public string Text { get; set; } = "";
    public DateTimeOffset Start { get; set; }
    public DateTimeOffset End { get; set; }

    /// <summary>From when on it is accepted; null for always.</summary>
    public DateTimeOffset? WorksFrom { get; set; }
}
