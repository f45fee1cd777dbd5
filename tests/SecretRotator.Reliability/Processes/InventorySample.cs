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

    private InventorySample(string name, bool aws, bool azure, string secrets)
    {
        Name = name;
        Yaml = $"""
            version: 1
            bitbucket: {"{"} workspace: acme, home: acme/secret-rotator {"}"}
            vaults:
            {(aws ? AwsVault : "")}{(azure ? AzureVault : "")}limits: {"{"} share-of-inventory: 100% {"}"}
            defaults: {"{"} owner: reliability@acme.example, rotate-every: 30d {"}"}
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

    /// <summary>All of them.</summary>
    public static IReadOnlyList<InventorySample> All { get; } = [Aws, Azure, AwsField, AzureField, Both, Four];

    /// <summary>Those with one secret or two.</summary>
    public static IReadOnlyList<InventorySample> UpToTwo { get; } = [Aws, Azure, AwsField, AzureField, Both];

    /// <summary>The name, as a placement's name has it.</summary>
    public string Name { get; }

    /// <summary>The inventory's text.</summary>
    public string Yaml { get; }

    /// <summary>The inventory.</summary>
    public Lazy<RotationInventory> Inventory { get; }

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
