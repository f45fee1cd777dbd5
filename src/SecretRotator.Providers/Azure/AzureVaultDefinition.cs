namespace SecretRotator.Providers.Azure;

/// <summary>One Azure Key Vault.</summary>
/// <param name="Name">The name that the inventory gives it.</param>
/// <param name="Uri">The vault's address, such as <c>https://acme.vault.azure.net/</c>.</param>
public sealed record AzureVaultDefinition(string Name, Uri Uri) : VaultDefinition(Name)
{
    /// <summary>The word for this kind of vault in <c>rotation.yaml</c>.</summary>
    public const string KindWord = "azure-key-vault";

    /// <summary>What the name of the secret that holds staged values ends in.</summary>
    internal const string Companion = "-staged";

    /// <inheritdoc />
    public override string Kind => KindWord;

    /// <inheritdoc />
    public override string Product => "Azure Key Vault";

    /// <summary>25,000 ("About Azure Key Vault secrets": a maximum of 25k bytes, read here as the smaller number).</summary>
    public override int LargestSecretBytes => 25_000;

    /// <inheritdoc />
    public override string? StagedSuffix => Companion;

    /// <inheritdoc />
    public override bool KeepsClaimsInHome => true;

    /// <inheritdoc />
    public override ImmutableArray<string?> Canonical => ["azure", Uri.AbsoluteUri];

    /// <inheritdoc />
    public override string PlaceOf(string path) => $"{Uri.Host}/{path}".ToLowerInvariant();
}
