using SecretRotator.Configuration;
using SecretRotator.Providers;
using SecretRotator.Reliability.World.Vaults;

namespace SecretRotator.Reliability.Processes;

/// <summary>An inventory that is tried, by a short name.</summary>
internal sealed class InventorySample
{
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

    private InventorySample(string name, string secrets, string defaults = "")
    {
        Name = name;
        var vaults = VaultWorlds.All.Where(world => secrets.Contains($"    vault: {world.Name}\n", StringComparison.Ordinal))
            .Select(world => $"  {world.Name}: {world.Yaml}\n");
        Yaml = $"""
            version: 1
            bitbucket: {"{"} workspace: acme, home: acme/secret-rotator {"}"}
            vaults:
            {string.Concat(vaults)}limits: {"{"} share-of-inventory: 100% {"}"}
            defaults: {"{"} owner: reliability@acme.example, rotate-every: 30d{defaults} {"}"}
            secrets:
            {secrets}
            """;
        Inventory = new(() => Read(Yaml));
    }

    /// <summary>For each kind of vault one plain secret, with a target in a repository and one in a deployment environment.</summary>
    public static IReadOnlyList<InventorySample> Plains { get; } =
        [.. VaultWorlds.All.Select(world => new InventorySample(world.Service, Plain("one", world.Name)))];

    /// <summary>For each kind of vault one field of a JSON secret, with a target in the workspace and one that is to be created.</summary>
    public static IReadOnlyList<InventorySample> Fields { get; } =
        [.. VaultWorlds.All.Select(world => new InventorySample($"{world.Service}-field", Field("one", world.Name)))];

    /// <summary>A secret in each kind of vault, rotated side by side.</summary>
    public static InventorySample Each { get; } = new(
        "each", string.Concat(VaultWorlds.All.Select((world, i) => i % 2 == 0 ? Plain($"n{i}", world.Name) : Field($"n{i}", world.Name))));

    /// <summary>Two secrets in each kind of vault: what many processes fight over.</summary>
    public static InventorySample TwoEach { get; } = new(
        "two-each", string.Concat(VaultWorlds.All.Select((world, i) => Plain($"n{i}", world.Name) + Field($"m{i}", world.Name))));

    /// <summary>Two database users that take turns.</summary>
    public static InventorySample Users { get; } = new("users", DatabaseUsers("one"));

    /// <summary>The access key of an IAM user.</summary>
    public static InventorySample AccessKey { get; } = new("access-key", AwsKey("one"));

    /// <summary>The client secret of an application in Entra.</summary>
    public static InventorySample Application { get; } = new("application", EntraSecret("one"));

    /// <summary>A deploy key.</summary>
    public static InventorySample DeployKey { get; } = new("deploy-key", SshKey("one"));

    /// <summary>One of each of these, each in another kind of vault: what many processes fight over. None comes so late that an old one's
    /// grace is over.</summary>
    public static InventorySample Credentials { get; } = new(
        "credentials", DatabaseUsers("one") + AwsKey("two") + EntraSecret("three") + SshKey("four"),
        ", grace: 6h");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<InventorySample> All { get; } =
        [.. Plains, .. Fields, Each, TwoEach, Users, AccessKey, Application, DeployKey, Credentials];

    /// <summary>Those with one secret in a vault, or one in each.</summary>
    public static IReadOnlyList<InventorySample> Small { get; } = [.. Plains, .. Fields, Each];

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
        Accepted(name, "google", "kind: issued", "kind: aws-access-key, user: uploader, region: eu-west-1");

    private static string EntraSecret(string name) => Accepted(
        name, "grid", "kind: issued",
        "kind: entra-application-secret, application: 5f0c2e1a-8b7d-4c3e-9a61-2d4f6b8c0e13");

    private static string SshKey(string name) => Accepted(
        name, "hashicorp", "kind: ssh-key, algorithm: ed25519, field: private, public-field: public",
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
