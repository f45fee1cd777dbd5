using SecretRotator.Configuration;
using SecretRotator.Providers.Azure.Doctor;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Azure;

/// <summary>Azure Key Vault.</summary>
internal sealed class AzureProvider : IVaultProvider
{
    /// <summary>Entra in the public cloud.</summary>
    public static readonly Uri Entra = new("https://login.microsoftonline.com/");

    /// <inheritdoc />
    public KeyTable Keys => AzureGrammar.Keys;

    /// <inheritdoc />
    public ImmutableArray<SettingKey> SettingKeys => AzureSettings.SettingKeys;

    /// <summary>
    /// The last one isn't a secret: it tells Azure's library to use credentials that the settings leave out, such as those of a program.
    /// </summary>
    public ImmutableArray<string> SecretVariables => ["AZURE_CLIENT_SECRET", "AZURE_TOKEN_CREDENTIALS"];

    /// <inheritdoc />
    public ImmutableArray<string> TrustKinds => ["azure"];

    /// <inheritdoc />
    public VaultStart Start => new(
        "azure",
        """
        kind: azure-key-vault
        uri: https://acme-prod.vault.azure.net/                         # yours
        """,
        "bitbucket",
        "Azure: choose the identity of the pipelines and give it the permissions, with docs/azure.md.");

    /// <inheritdoc />
    public VaultDefinition? Read(string name, MappingReader mapping, ProblemList problems) => AzureGrammar.Read(name, mapping);

    /// <inheritdoc />
    public void CheckPath(PlacedText path, VaultDefinition vault, ProblemList problems) => AzureGrammar.CheckPath(path, problems);

    /// <inheritdoc />
    public object ReadSettings(SettingsValues values) => AzureSettings.Read(values);

    /// <inheritdoc />
    public IEnumerable<Problem> FindProblems(ConfiguredProviders settings, RotationInventory inventory)
    {
        var names = inventory.Vaults.Values.OfType<AzureVaultDefinition>().Select(vault => vault.Name).ToImmutableArray();
        foreach (var name in settings.SettingsOf<AzureSettings>().Endpoints.Keys.Order(StringComparer.OrdinalIgnoreCase))
            if (!names.Contains(name, StringComparer.OrdinalIgnoreCase))
                yield return new Problem(
                    $"endpoints:azure:{name} names no Key Vault of the inventory.",
                    Spelling.Closest(name, names) is { } close
                        ? $"Did you mean {close}?"
                        : "Take the setting out, or name the vault as the inventory does.");
    }

    /// <inheritdoc />
    public BorrowedAccess Borrow(ConfiguredProviders settings, RotationInventory inventory) =>
        BorrowedCredentials.Of(settings.SettingsOf<AzureSettings>(), inventory);

    /// <inheritdoc />
    public IVaultFactory Connect(VaultConnections vaults) => new AzureVaultFactory(
        BorrowedCredentials.Add(vaults.Settings.SettingsOf<AzureSettings>(), vaults),
        vaults.Handler,
        vaults.Locks,
        vaults.Clock,
        vaults.Random,
        vaults.Time);

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(ConfiguredProviders settings, RotationInventory inventory)
    {
        var azure = settings.SettingsOf<AzureSettings>();
        var vaults = inventory.Vaults.Values.OfType<AzureVaultDefinition>().ToImmutableArray();
        foreach (var vault in vaults)
            yield return new($"Key Vault {vault.Name}", azure.Endpoints.GetValueOrDefault(vault.Name, vault.Uri));
        if (!vaults.IsEmpty)
            yield return new("Microsoft Entra", azure.AuthorityHost ?? Entra);
    }

    /// <inheritdoc />
    public IEnumerable<ICheck> IdentityChecks(VaultConnections vaults, WebToken? token) => [new AzureExchangeCheck(vaults)];

    /// <inheritdoc />
    public TrustSet MakeTrust(string kind, TrustRequest request)
    {
        var settings = request.Settings.SettingsOf<AzureSettings>();
        var trusted = BorrowedCredentials.TrustedVault(settings, request.Inventory);
        return request.Inventory.Vaults.Values.Any(vault => vault is AzureVaultDefinition)
            ? new AzureTrust(request.Inventory, settings.ClientId, BorrowedCredentials.HasRoles(request.Inventory), trusted?.Role)
                .Documents()
            : throw new UsageException(
                "The inventory has no Key Vault, so there is nothing that Azure would be asked for.",
                "Name one below vaults, with `kind: azure-key-vault`.");
    }
}
