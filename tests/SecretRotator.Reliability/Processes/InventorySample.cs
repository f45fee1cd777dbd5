using SecretRotator.Configuration;
using SecretRotator.Inventory;
using SecretRotator.Providers;

namespace SecretRotator.Reliability.Processes;

/// <summary>An inventory that is tried, by a short name.</summary>
internal sealed class InventorySample
{
    private const string AwsVault = """
          prod: { kind: aws-secrets-manager, region: eu-west-1, role: "arn:aws:iam::123456789012:role/secret-rotator" }

        """;

    private const string AzureVault = """
          azure: { kind: azure-key-vault, uri: "https://acme-prod.vault.azure.net/" }

        """;

    private const string PlainTargets = """
            targets:
              - { repository: payments-api, variable: KEY_$ }
              - { repository: payments-api, environment: production, variable: KEY_$ }

        """;

    private const string FieldTargets = """
            targets:
              - { workspace: true, variable: PASSWORD_$ }
              - { repository: billing, variable: PASSWORD_$, create: true }

        """;

    private InventorySample(string name, bool aws, bool azure, string secrets, string defaults = "")
    {
        Name = name;
        Yaml = $"""
            version: 1
            bitbucket: {"{"} workspace: acme, home: acme/secret-rotator {"}"}
            vaults:
            {(aws ? AwsVault : "")}{(azure ? AzureVault : "")}limits: {"{"} share-of-inventory: 100% {"}"}
            defaults: {"{"} owner: reliability@acme.example, rotate-every: 30d{defaults} {"}"}
            secrets:
            {secrets}
            """;
        Inventory = new(() => Read(Yaml));
    }

    /// <summary>One plain secret on AWS, with a target in a repository and one in a deployment environment.</summary>
    public static InventorySample Aws { get; } = new("aws", aws: true, azure: false, Plain("one", "prod"));

    /// <summary>The same in Key Vault.</summary>
    public static InventorySample Azure { get; } = new("azure", aws: false, azure: true, Plain("one", "azure"));

    /// <summary>One field of a JSON secret on AWS, with a target in the workspace and one that is to be created.</summary>
    public static InventorySample AwsField { get; } = new("aws-field", aws: true, azure: false, Field("one", "prod"));

    /// <summary>The same in Key Vault.</summary>
    public static InventorySample AzureField { get; } = new("azure-field", aws: false, azure: true, Field("one", "azure"));

    /// <summary>A secret in each kind of vault, rotated side by side.</summary>
    public static InventorySample Both { get; } = new("both", aws: true, azure: true, Plain("one", "prod") + Field("two", "azure"));

    /// <summary>Two secrets in each kind of vault: what many processes fight over.</summary>
    public static InventorySample Four { get; } = new(
        "four", aws: true, azure: true, Plain("one", "prod") + Plain("two", "azure") + Field("three", "prod") + Field("four", "azure"));

    /// <summary>Two database users that take turns.</summary>
    public static InventorySample Users { get; } = new("users", aws: true, azure: false, DatabaseUsers("one"));

    /// <summary>The access key of an IAM user.</summary>
    public static InventorySample AccessKey { get; } = new("access-key", aws: true, azure: false, AwsKey("one"));

    /// <summary>The client secret of an application in Entra.</summary>
    public static InventorySample Application { get; } = new("application", aws: false, azure: true, EntraSecret("one"));

    /// <summary>A deploy key.</summary>
    public static InventorySample DeployKey { get; } = new("deploy-key", aws: false, azure: true, SshKey("one"));

    /// <summary>One of each of these: what many processes fight over. None comes so late that an old one's grace is over.</summary>
    public static InventorySample Credentials { get; } = new(
        "credentials", aws: true, azure: true, DatabaseUsers("one") + AwsKey("two") + EntraSecret("three") + SshKey("four"),
        ", grace: 6h");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<InventorySample> All { get; } =
        [Aws, Azure, AwsField, AzureField, Both, Four, Users, AccessKey, Application, DeployKey, Credentials];

    /// <summary>Those with one secret or two.</summary>
    public static IReadOnlyList<InventorySample> UpToTwo { get; } = [Aws, Azure, AwsField, AzureField, Both];

    /// <summary>Those with one secret that a backend accepts.</summary>
    public static IReadOnlyList<InventorySample> OfBackends { get; } = [Users, AccessKey, Application, DeployKey];

    /// <summary>The name, as a placement's name has it.</summary>
    public string Name { get; }

    /// <summary>The inventory's text.</summary>
    public string Yaml { get; }

    /// <summary>The inventory.</summary>
    public Lazy<RotationInventory> Inventory { get; }

    /// <summary>Whether a backend accepts its secrets.</summary>
    public bool HasBackends => Inventory.Value.Secrets.Any(secret => secret.Backend is not null);

    private static string Plain(string name, string vault) => $"""
          - name: {name}
            vault: {vault}
            path: {name}
            value: {"{"} kind: base64url, bytes: 32 {"}"}
            consumer: reads-from-vault

        """ + PlainTargets.Replace("$", name.ToUpperInvariant(), StringComparison.Ordinal);

    private static string Field(string name, string vault) => $"""
          - name: {name}
            vault: {vault}
            path: {name}
            value: {"{"} kind: password, field: password, length: 40 {"}"}
            consumer: reads-from-vault

        """ + FieldTargets.Replace("$", name.ToUpperInvariant(), StringComparison.Ordinal);

    private static string DatabaseUsers(string name) => Accepted(
        name, "prod", "kind: password, field: password, length: 40",
        "kind: postgresql, server: \"db.internal:5432\", database: payments, admin: \"vault://prod/ci/admin\", "
            + "users: [payments_a, payments_b]");

    private static string AwsKey(string name) =>
        Accepted(name, "prod", "kind: issued", "kind: aws-access-key, user: uploader");

    private static string EntraSecret(string name) => Accepted(
        name, "azure", "kind: issued",
        "kind: entra-application-secret, application: 5f0c2e1a-8b7d-4c3e-9a61-2d4f6b8c0e13");

    private static string SshKey(string name) => Accepted(
        name, "azure", "kind: ssh-key, algorithm: ed25519, field: private, public-field: public",
        "kind: bitbucket-deploy-key, repository: acme/payments-api");

    private static string Accepted(string name, string vault, string value, string backend) => $"""
          - name: {name}
            vault: {vault}
            path: {name}
            value: {"{"} {value} {"}"}
            backend: {"{"} {backend} {"}"}
            targets:
              - {"{"} repository: payments-api, variable: LOGIN_{name.ToUpperInvariant()}, whole: true, encoding: base64 {"}"}
              - {"{"} workspace: true, variable: LOGIN_{name.ToUpperInvariant()}, whole: true, encoding: base64 {"}"}

        """;

    private static RotationInventory Read(string yaml)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, yaml);
            var read = InventoryFile.Read(file, InventoryKinds.All);
            return read.Inventory ?? throw new InvalidOperationException(string.Join('\n', read.Problems));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
