using SecretRotator.Providers.Aws;

namespace SecretRotator.Tests.Models;

/// <summary>Small inventories for tests.</summary>
internal static class Inventories
{
    public static readonly VariableScope Workspace = new VariableScope.Workspace("acme");
    public static readonly VariableScope Payments = new VariableScope.Repository("acme", "payments");
    public static readonly VariableScope Production = new VariableScope.Environment("acme", "payments", "production");

    public static RotationInventory Of(params ManagedSecret[] secrets) => new(
        "acme",
        new VariableScope.Repository("acme", "secret-rotator"),
        ImmutableSortedDictionary<string, VaultDefinition>.Empty.Add("prod", new AwsVaultDefinition("prod", "eu-west-1", null)),
        RunLimits.Default with { ShareOfInventory = 1m },
        [],
        [.. secrets]);

    /// <summary>A plain secret with a target in each scope.</summary>
    public static ManagedSecret Plain(string name, params VariableScope[] scopes) =>
        Secret(name,
            new ValuePolicy.Plain(new ValueGenerator.Base64Url(32, null)),
            [.. scopes.Select(s => new VariableTarget(s, Key(name), null, MayCreate: false))]);

    public static ManagedSecret Secret(string name, ValuePolicy policy, params ImmutableArray<VariableTarget> targets) => new(
        name, "prod", "path/" + name, policy, "owner@acme.example", Period.FromDays(30), null, targets, 1);

    public static string Key(string name) => name.Replace('-', '_').ToUpperInvariant();
}
