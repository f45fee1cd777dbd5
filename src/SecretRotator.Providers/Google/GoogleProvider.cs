using System.Collections.Immutable;
using SecretRotator.Configuration;
using SecretRotator.Inventory;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Google;

/// <summary>Google Secret Manager.</summary>
internal sealed class GoogleProvider : IVaultProvider
{
    /// <inheritdoc />
    public KeyTable Keys => GoogleGrammar.Keys;

    /// <inheritdoc />
    public ImmutableArray<SettingKey> SettingKeys => GoogleSettings.SettingKeys;

    /// <inheritdoc />
    public ImmutableArray<string> SecretVariables => ["GOOGLE_OAUTH_ACCESS_TOKEN"];

    /// <inheritdoc />
    public VaultDefinition? Read(string name, MappingReader mapping, ProblemList problems) => GoogleGrammar.Read(name, mapping, problems);

    /// <inheritdoc />
    public void CheckPath(PlacedText path, VaultDefinition vault, ProblemList problems) => GoogleGrammar.CheckPath(path, problems);

    /// <inheritdoc />
    public object ReadSettings(SettingsValues values) => GoogleSettings.Read(values);

    /// <inheritdoc />
    public IVaultFactory Connect(VaultConnections vaults)
    {
        var settings = vaults.Settings.SettingsOf<GoogleSettings>();
        return new GoogleVaultFactory(settings.SecretManagerEndpoint, settings.Tokens(), vaults.Handler, vaults.Random, vaults.Time);
    }

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(ConfiguredProviders settings, RotationInventory inventory) =>
        inventory.Vaults.Values.OfType<GoogleVaultDefinition>().Select(vault => new Endpoint(
            vault.Location is null ? "Secret Manager" : $"Secret Manager in {vault.Location}",
            settings.SettingsOf<GoogleSettings>().SecretManagerEndpoint ?? vault.Address)).Distinct();
}
