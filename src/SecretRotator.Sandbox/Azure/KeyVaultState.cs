namespace SecretRotator.Sandbox.Azure;

/// <summary>What one Key Vault remembers.</summary>
internal sealed class KeyVaultState
{
    public SortedDictionary<string, AzureSecretState> Secrets { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether an Azure Policy denies what has no end: "Key Vault secrets should have an expiration date".</summary>
    public bool WantsExpiry { get; set; }
}

internal sealed class AzureSecretState
{
    /// <summary>When it was deleted; it can be recovered or purged since then, and its name is taken.</summary>
    public DateTimeOffset? DeletedDate { get; set; }

    /// <summary>Whether it belongs to a certificate, so that it can't be set.</summary>
    public bool Managed { get; set; }

    /// <summary>In the order in which they were made; the last one is current.</summary>
    public List<AzureVersionState> Versions { get; set; } = [];
}

internal sealed class AzureVersionState
{
    public string Id { get; set; } = "";
    public string Value { get; set; } = "";
    public string? ContentType { get; set; }
    public bool Enabled { get; set; } = true;
    public DateTimeOffset Created { get; set; }
    public DateTimeOffset Updated { get; set; }
    public DateTimeOffset? Expires { get; set; }
    public DateTimeOffset? NotBefore { get; set; }
    public SortedDictionary<string, string> Tags { get; set; } = new(StringComparer.Ordinal);
}
