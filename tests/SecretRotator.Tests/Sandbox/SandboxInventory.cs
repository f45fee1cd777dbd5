using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Azure;

namespace SecretRotator.Tests.Sandbox;

/// <summary>A small inventory with one secret of every kind that a seed treats differently.</summary>
internal static class SandboxInventory
{
    public static readonly DateTimeZone Berlin = DateTimeZoneProviders.Tzdb["Europe/Berlin"];

    private static readonly VariableScope Workspace = new VariableScope.Workspace("acme");
    private static readonly VariableScope Payments = new VariableScope.Repository("acme", "payments-api");
    private static readonly VariableScope Production = new VariableScope.Environment("acme", "payments-api", "production");

    public static RotationWindow Window(string days, int from, int to) => new(
        [.. days.Split(',')
            .Select(day => Enum.GetValues<IsoDayOfWeek>().Single(d => d.ToString().StartsWith(day, StringComparison.OrdinalIgnoreCase)))],
        new LocalTime(from, 0),
        new LocalTime(to, 0),
        Berlin);

    public static RotationInventory Of(params ManagedSecret[] secrets) => new(
        "acme",
        new VariableScope.Repository("acme", "secret-rotator"),
        new Dictionary<string, VaultDefinition>(StringComparer.Ordinal)
        {
            ["prod"] = new AwsVaultDefinition("prod", "eu-west-1", "arn:aws:iam::123456789012:role/secret-rotator"),
            ["azure"] = new AzureVaultDefinition("azure", new Uri("https://acme-prod.vault.azure.net/")),
        }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        RunLimits.Default with { ShareOfInventory = 1 },
        [],
        [.. secrets]);

    public static RotationInventory Everything => Of(Password, Json, VaultManaged, SshKey, Azure);

    public static ManagedSecret Password =>
        Secret("webhook", "prod", new ValuePolicy.Plain(new ValueGenerator.Hex(32, null)), Target(Payments, "WEBHOOK"));

    public static ManagedSecret Json => Secret(
        "payments-db",
        "prod",
        new ValuePolicy.Json([new("password", new ValueGenerator.Password(40, [CharacterClass.Lower], "", null))]),
        Target(Payments, "DB_PASSWORD", "password"),
        Target(Production, "DB_PASSWORD", "password"),
        Target(Workspace, "PAYMENTS_DB_PASSWORD", "password"));

    public static ManagedSecret VaultManaged =>
        Secret("ledger", "prod", new ValuePolicy.VaultManaged(), Target(Production, "LEDGER", "password"));

    public static ManagedSecret SshKey => Secret(
        "deploy-key",
        "azure",
        new ValuePolicy.Json([new("private", new ValueGenerator.SshKey(SshKeyAlgorithm.Ed25519, 0, "public", "deploy@acme.example"))]),
        Target(Workspace, "DEPLOY_KEY", "private"),
        Target(Workspace, "DEPLOY_KEY_PUBLIC", "public"));

    public static ManagedSecret Azure => Secret(
        "grid-api",
        "azure",
        new ValuePolicy.Plain(new ValueGenerator.Base64(48, null)),
        Target(Payments, "GRID"),
        Target(Production, "GRID") with { MayCreate = true });

    public static ManagedSecret Secret(string name, string vault, ValuePolicy value, params VariableTarget[] targets) => new(
        name, vault, vault == "azure" ? name : "prod/" + name, value, "platform@acme.example", Period.FromDays(30), null, [.. targets], 1);

    public static VariableTarget Target(VariableScope scope, string key, string? field = null) => new(scope, key, field, MayCreate: false);
}
