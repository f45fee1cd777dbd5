using System.Collections.Immutable;
using SecretRotator.Configuration;
using SecretRotator.Inventory;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>KV engines, version 2, in HashiCorp Vault and OpenBao.</summary>
internal sealed class HashiCorpProvider : IVaultProvider
{
    /// <inheritdoc />
    public KeyTable Keys => HashiCorpGrammar.Keys;

    /// <inheritdoc />
    public ImmutableArray<SettingKey> SettingKeys => HashiCorpSettings.SettingKeys;

    /// <inheritdoc />
    public ImmutableArray<string> SecretVariables => HashiCorpSettings.SecretVariables;

    /// <inheritdoc />
    public VaultDefinition? Read(string name, MappingReader mapping, ProblemList problems) =>
        HashiCorpGrammar.Read(name, mapping, problems);

    /// <inheritdoc />
    public void CheckPath(PlacedText path, VaultDefinition vault, ProblemList problems) => HashiCorpGrammar.CheckPath(path, problems);

    /// <inheritdoc />
    public object ReadSettings(SettingsValues values) => HashiCorpSettings.Read(values);

    /// <inheritdoc />
    public IVaultFactory Connect(VaultConnections vaults) => new HashiCorpVaultFactory(
        vaults.Settings.SettingsOf<HashiCorpSettings>(), vaults.Inventory, vaults.Handler, vaults.Clock, vaults.Random, vaults.Time);

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(ConfiguredProviders settings, RotationInventory inventory) =>
        inventory.Vaults.Values.OfType<HashiCorpVaultDefinition>().Select(vault => new Endpoint(
            $"HashiCorp Vault {vault.Name}",
            settings.SettingsOf<HashiCorpSettings>().Endpoints.GetValueOrDefault(vault.Name, vault.Address)));
}
