using Amazon;
using SecretRotator.Configuration;
using SecretRotator.Providers.Aws.Doctor;
using SecretRotator.Providers.Backends.AwsIam;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Aws;

/// <summary>AWS Secrets Manager.</summary>
internal sealed class AwsProvider : IVaultProvider
{
    /// <inheritdoc />
    public KeyTable Keys => AwsGrammar.Keys;

    /// <inheritdoc />
    public ImmutableArray<SettingKey> SettingKeys => AwsSettings.SettingKeys;

    /// <inheritdoc />
    public ImmutableArray<string> TrustKinds => ["aws", "aws-terraform"];

    /// <inheritdoc />
    public VaultStart Start => new(
        "aws",
        """
        kind: aws-secrets-manager
        region: eu-west-1                                               # yours
        role: arn:aws:iam::123456789012:role/secret-rotator             # yours; it needn't exist yet
        """,
        "ci/bitbucket",
        "AWS: let a role trust this repository's pipelines, with docs/aws.md. The uuids that \"secret-rotator doctor trust --for aws\" "
            + "asks for: {{repository}}/admin/pipelines/openid-connect");

    /// <summary>Where a service of AWS answers in a region.</summary>
    public static Uri AddressOf(string service, string region) =>
        new($"https://{service}.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}/");

    /// <inheritdoc />
    public VaultDefinition? Read(string name, MappingReader mapping, ProblemList problems) => AwsGrammar.Read(name, mapping, problems);

    /// <inheritdoc />
    public void CheckPath(PlacedText path, VaultDefinition vault, ProblemList problems) =>
        AwsGrammar.CheckPath(path, (AwsVaultDefinition)vault, problems);

    /// <inheritdoc />
    public (string Name, string Field)? FieldIn(string path) => AwsGrammar.FieldIn(path);

    /// <inheritdoc />
    public object ReadSettings(SettingsValues values) => AwsSettings.Read(values);

    /// <inheritdoc />
    public IVaultFactory Connect(VaultConnections vaults) =>
        new AwsVaultFactory(vaults.Settings.SettingsOf<AwsSettings>(), vaults.Handler, vaults.Clock, vaults.Random, vaults.Time);

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(ConfiguredProviders settings, RotationInventory inventory)
    {
        var aws = settings.SettingsOf<AwsSettings>();
        foreach (var vault in inventory.Vaults.Values.OfType<AwsVaultDefinition>())
        {
            yield return new($"Secrets Manager in {vault.Region}", aws.SecretsManagerEndpoint ?? AddressOf("secretsmanager", vault.Region));
            if (vault.Role is not null)
                yield return new($"STS in {vault.Region}", aws.StsEndpoint ?? AddressOf("sts", vault.Region));
        }
    }

    /// <inheritdoc />
    public IEnumerable<ICheck> IdentityChecks(VaultConnections vaults, WebToken? token) => [new AwsExchangeCheck(vaults, token)];

    /// <inheritdoc />
    public TrustSet MakeTrust(string kind, TrustRequest request)
    {
        ImmutableArray<string> roles =
        [
            .. request.Inventory.Vaults.Values.OfType<AwsVaultDefinition>().Select(vault => vault.Role)
                .Concat(AwsIamDefinition.In(request.Inventory).Select(user => user.Role))
                .OfType<string>()
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
        if (roles.IsEmpty)
            throw new UsageException(
                "No vault of the inventory has a role, so there is nothing that AWS could trust the pipeline with.",
                "Give the vault a role that is yet to be made: `role: arn:aws:iam::ACCOUNT:role/secret-rotator`.");
        var trust = new AwsTrust(request.Facts, new AwsPermissions(request), roles);
        return kind == "aws" ? trust.Json() : trust.Terraform();
    }
}
