using System.Security.Cryptography;
using SecretRotator.Bitbucket;
using SecretRotator.Providers.Aws;

namespace SecretRotator.Tests.Planning;

/// <summary>An inventory and what was seen of it: everything delivered, ten days old and in order, until a test changes it.</summary>
internal sealed record PlanningScenario(RotationInventory Inventory, Observation Observation, PlanRequest Request, Instant Now)
{
    public static readonly Instant Noon = Instant.FromUtc(2026, 6, 17, 12, 0);
    public static readonly VaultCosts Costs = new(Describe: 1, Rotate: 8, Deliver: 5, Resume: 11, ClaimBitbucketCalls: 0);
    public static readonly DateTimeZone Berlin = DateTimeZoneProviders.Tzdb["Europe/Berlin"];

    public static PlanningScenario Of(params ManagedSecret[] secrets)
    {
        var vaults = secrets.Select(s => s.Vault).Distinct(StringComparer.Ordinal)
            .ToImmutableSortedDictionary(
                v => v, v => (VaultDefinition)new AwsVaultDefinition(v, "eu-west-1", null), StringComparer.Ordinal);
        var limits = RunLimits.Default with { ShareOfInventory = 1m };
        var inventory = new RotationInventory("acme", new("acme", "secret-rotator"), vaults, limits, [], [.. secrets]);
        var scopes = secrets.SelectMany(s => s.Targets).GroupBy(t => t.Scope).ToImmutableDictionary(
            g => g.Key,
            g => (ScopeObservation)new ScopeObservation.Listed(
                [.. g.Select(t => Variable(g.Key, t.Variable)).DistinctBy(v => v.Uuid, StringComparer.Ordinal)]));
        var seen = secrets.ToImmutableDictionary(
            s => s.Name,
            s => (SecretObservation)new SecretObservation.Described(Fresh(s, scopes), HolderState.Unknown),
            StringComparer.Ordinal);
        return new(inventory, new(Noon, scopes, seen), PlanRequest.Everything, Noon);
    }

    public static ManagedSecret Secret(string name, params VariableTarget[] targets) => new(
        name,
        "prod",
        "prod/" + name,
        new ValuePolicy.Plain(new ValueGenerator.Hex(32, null)),
        "owner@acme.example",
        Period.FromDays(30),
        Window: null,
        targets.Length > 0 ? [.. targets] : [Target("api", "KEY_" + name.ToUpperInvariant())],
        Line: 1);

    public static VariableTarget Target(string scope, string variable, bool create = false) => new(Scope(scope), variable, null, create);

    public static VariableScope Scope(string text) => text.Split('/') switch
    {
        ["workspace"] => new VariableScope.Workspace("acme"),
        [var repository] => new VariableScope.Repository("acme", repository),
        [var repository, VariableScope.SshKeyPair.Key] => new VariableScope.SshKeyPair("acme", repository),
        [var repository, var environment] => new VariableScope.Environment("acme", repository, environment),
        _ => throw new ArgumentException(text, nameof(text)),
    };

    public static ObservedVariable Variable(VariableScope scope, string key, bool secured = true) =>
        new(new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{scope}:{key}")).AsSpan(0, 16)).ToString("D"), key, secured);

    public static RotationWindow Daily(string from, string to, DateTimeZone? zone = null) => new(
        [.. Enumerable.Range(1, 7).Select(d => (IsoDayOfWeek)d)],
        Time(from),
        Time(to),
        zone ?? DateTimeZone.Utc);

    public static OpenRotation Open(Instant startedAt) => new(
        new("0b6f4a3e-0000-4000-8000-000000000001"),
        new("v1"),
        new Holder.Pipeline("acme", "secret-rotator", "9b2c8a44-0000-4000-8000-000000000002", 17),
        startedAt,
        Staged: true,
        "handle");

    public RotationPlan Plan() => Planner.Plan(Inventory, Observation, Request, Now, _ => Costs);

    public Decision Decide(string name) => Planner.Decide(
        Inventory.Secrets.Single(s => s.Name == name), Observation.Secrets[name], Observation.Scopes, Request, Inventory, Now,
        Observation.Running);

    public Decision Planned(string name) => Plan().Items.Single(i => i.Secret.Name == name).Decision;

    public PlanningScenario Seen(string name, Func<SecretDescription, SecretDescription> change, HolderState? holder = null)
    {
        var seen = (SecretObservation.Described)Observation.Secrets[name];
        return With(name, new SecretObservation.Described(change(seen.Description), holder ?? seen.HolderState));
    }

    public PlanningScenario With(string name, SecretObservation seen) =>
        this with { Observation = Observation with { Secrets = Observation.Secrets.SetItem(name, seen) } };

    public PlanningScenario With(string scope, ScopeObservation seen) =>
        this with { Observation = Observation with { Scopes = Observation.Scopes.SetItem(Scope(scope), seen) } };

    public PlanningScenario Listing(string scope, params ObservedVariable[] variables) =>
        With(scope, new ScopeObservation.Listed([.. variables]));

    public PlanningScenario Aged(string name, Duration age) =>
        Seen(name, d => d with { Delivered = d.Delivered! with { ValueSince = Now - age } });

    public PlanningScenario Overdue() => Inventory.Secrets.Aggregate(this, (scenario, s) => scenario.Aged(s.Name, Duration.FromDays(40)));

    public PlanningScenario Asked(Func<PlanRequest, PlanRequest> change) => this with { Request = change(Request) };

    public PlanningScenario Forcing(string name) => Asked(r => r with { Force = [name], ForcedBy = "ada", ForceReason = "leaked" });

    public PlanningScenario Limited(Func<RunLimits, RunLimits> change) =>
        this with { Inventory = Inventory with { Limits = change(Inventory.Limits) } };

    public PlanningScenario Frozen(LocalDateTime from, LocalDateTime to, DateTimeZone? zone = null) =>
        this with { Inventory = Inventory with { Freezes = [new(from, to, zone ?? DateTimeZone.Utc, "year-end close")] } };

    private static LocalTime Time(string text) => NodaTime.Text.LocalTimePattern.CreateWithInvariantCulture("HH:mm").Parse(text).Value;

    private static SecretDescription Fresh(ManagedSecret secret, ImmutableDictionary<VariableScope, ScopeObservation> scopes)
    {
        var since = Noon - Duration.FromDays(10);
        return new(
            new("v1"),
            new("r1"),
            new DeliveryMark(new("v1"), since, since, TargetsDigest.Of(secret, scopes), VerificationLevel.Listed, new("r1")),
            Open: null,
            new ForeignRotation.None());
    }
}
