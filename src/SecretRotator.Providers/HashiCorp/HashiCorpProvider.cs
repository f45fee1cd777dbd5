using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.HashiCorp.Doctor;

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
    public ImmutableArray<string> TrustKinds => ["hashicorp-vault", "hashicorp-vault-terraform"];

    /// <inheritdoc />
    public VaultStart Start => new(
        "hashicorp-vault",
        """
        kind: hashicorp-vault
        address: https://vault.acme.example:8200                        # yours
        auth: jwt
        role: secret-rotator                                            # yours; it needn't exist yet
        """,
        "ci/bitbucket",
        "HashiCorp Vault: let it trust this repository's pipelines, with docs/hashicorp-vault.md. The uuids that "
            + "\"secret-rotator doctor trust --for hashicorp-vault\" asks for: {{repository}}/admin/pipelines/openid-connect");

    /// <inheritdoc />
    public VaultDefinition? Read(string name, MappingReader mapping, ProblemList problems) =>
        HashiCorpGrammar.Read(name, mapping, problems);

    /// <inheritdoc />
    public void CheckPath(PlacedText path, VaultDefinition vault, ProblemList problems) => HashiCorpGrammar.CheckPath(path, problems);

    /// <inheritdoc />
    public object ReadSettings(SettingsValues values) => HashiCorpSettings.Read(values);

    /// <inheritdoc />
    public IVaultFactory Connect(VaultConnections vaults) => new HashiCorpVaultFactory(
        vaults.Settings.SettingsOf<HashiCorpSettings>(), vaults.Inventory, vaults.Handler, vaults.Clock, vaults.Random, vaults.Time,
        vaults.Notice);

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(ConfiguredProviders settings, RotationInventory inventory) =>
        inventory.Vaults.Values.OfType<HashiCorpVaultDefinition>()
            .Select(vault => new Endpoint($"HashiCorp Vault {vault.Name}", settings.SettingsOf<HashiCorpSettings>().PlaceOf(vault)));

    /// <inheritdoc />
    public IEnumerable<ICheck> IdentityChecks(VaultConnections vaults, WebToken? token) => [new HashiCorpIdentityCheck(vaults, token)];

    /// <inheritdoc />
    public TrustSet MakeTrust(string kind, TrustRequest request)
    {
        if (!request.Inventory.Vaults.Values.Any(vault => vault is HashiCorpVaultDefinition))
            throw new UsageException(
                "The inventory has no HashiCorp Vault, so there is nothing that one would be asked for.",
                "Name one below vaults, with `kind: hashicorp-vault`.");
        var trust = new HashiCorpTrust(request);
        return kind == "hashicorp-vault" ? trust.Commands() : trust.Terraform();
    }
}
