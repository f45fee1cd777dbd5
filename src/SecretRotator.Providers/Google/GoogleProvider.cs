using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Google.Doctor;
using SecretRotator.Providers.Google.Identity;

namespace SecretRotator.Providers.Google;

/// <summary>Google Secret Manager.</summary>
internal sealed class GoogleProvider : IVaultProvider
{
    /// <inheritdoc />
    public KeyTable Keys => GoogleGrammar.Keys;

    /// <inheritdoc />
    public ImmutableArray<SettingKey> SettingKeys => GoogleSettings.SettingKeys;

    /// <inheritdoc />
    public ImmutableArray<string> SecretVariables =>
        ["GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CREDENTIALS", "GCE_METADATA_HOST", "CLOUDSDK_CONFIG"];

    /// <inheritdoc />
    public ImmutableArray<string> TrustKinds => ["google", "google-terraform"];

    /// <inheritdoc />
    public VaultStart Start => new(
        "google",
        """
        kind: google-secret-manager
        project: acme-prod                                              # yours
        """,
        "ci-bitbucket",
        "Google: let a workload identity provider trust this repository's pipelines, with docs/google.md. The uuids that "
            + "\"secret-rotator doctor trust --for google\" asks for: {{repository}}/admin/pipelines/openid-connect");

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
        return new GoogleVaultFactory(
            settings.SecretManagerEndpoint, new GoogleIdentity(settings, vaults.Handler, vaults.Random, vaults.Time), vaults.Handler,
            vaults.Random, vaults.Time);
    }

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(ConfiguredProviders settings, RotationInventory inventory)
    {
        var google = settings.SettingsOf<GoogleSettings>();
        var vaults = inventory.Vaults.Values.OfType<GoogleVaultDefinition>().ToImmutableArray();
        foreach (var endpoint in vaults.Select(vault => new Endpoint(
            vault.Location is null ? "Secret Manager" : $"Secret Manager in {vault.Location}",
            google.SecretManagerEndpoint ?? vault.Address)).Distinct())
            yield return endpoint;
        if (!vaults.IsEmpty && google.WorkloadIdentityProvider is not null)
            yield return new("Google's STS", google.StsEndpoint);
        if (!vaults.IsEmpty && google.ServiceAccount is not null)
            yield return new("Google's IAM credentials API", google.IamCredentialsEndpoint);
    }

    /// <inheritdoc />
    public IEnumerable<ICheck> IdentityChecks(VaultConnections vaults, WebToken? token) => [new GoogleExchangeCheck(vaults, token)];

    /// <inheritdoc />
    public TrustSet MakeTrust(string kind, TrustRequest request)
    {
        if (!request.Inventory.Vaults.Values.Any(vault => vault is GoogleVaultDefinition))
            throw new UsageException(
                "The inventory has no vault in Google Secret Manager, so there is nothing that Google would be asked for.",
                "Name one below vaults, with `kind: google-secret-manager`.");
        var trust = new GoogleTrust(request, request.Settings.SettingsOf<GoogleSettings>());
        return kind == "google" ? trust.Commands() : trust.Terraform();
    }
}
