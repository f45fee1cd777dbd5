using CsCheck;
using SecretRotator.Bitbucket;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

/// <summary>Generates inventories, what was seen of them, and requests: all combinations of states, not only sensible ones.</summary>
internal static class AnyScenario
{
    private static readonly string[] Scopes = ["workspace", "api", "web", "api/production", "web/production"];
    private static readonly string[] Keys = ["A", "B", "C", "D"];
    private static readonly DateTimeZone[] Zones = [DateTimeZone.Utc, Berlin, DateTimeZoneProviders.Tzdb["Australia/Lord_Howe"]];

    private static readonly Gen<VariableTarget> Target =
        from scope in Gen.OneOf(Scopes)
        from key in Gen.OneOf(Keys)
        from create in Gen.Frequency((4, false), (1, true))
        select PlanningScenario.Target(scope, key, create);

    private static readonly Gen<RotationWindow> Window =
        from days in Gen.Int[1, 7].Array[1, 7]
        from minutes in Gen.Int[0, 1439].Array[2]
        from zone in Gen.OneOf(Zones)
        select new RotationWindow(
            days.Select(d => (IsoDayOfWeek)d).ToImmutableSortedSet(), LocalTime.Midnight.PlusMinutes(minutes[0]),
            LocalTime.Midnight.PlusMinutes(minutes[1]), zone);

    private static readonly Gen<ValuePolicy> Value = Gen.Frequency<ValuePolicy>(
        (5, new ValuePolicy.Plain(new ValueGenerator.Hex(32, null))),
        (1, new ValuePolicy.VaultManaged()));

    private static readonly Gen<ManagedSecret> Secret =
        from targets in Target.Array[1, 3]
        from days in Gen.Int[1, 60]
        from window in Window.Null(0.5)
        from vault in Gen.OneOf("prod", "azure")
        from value in Value
        from wait in Gen.Frequency<IdleWait?>((2, null), (1, new IdleWait(Duration.FromHours(24))))
        from grace in Gen.Frequency<GracePolicy?>(
            (2, null), (1, new GracePolicy.Lasting(Duration.FromHours(2))),
            (1, new GracePolicy.UntilPipelinesFinish(Duration.FromHours(6))))
        select PlanningScenario.Secret("x", [.. targets.DistinctBy(t => (t.Scope, t.Variable))]) with
        {
            Vault = vault,
            Value = value,
            RotateEvery = Period.FromDays(days),
            Window = window,
            Wait = wait,
            Grace = grace,
        };

    private static readonly Gen<Freeze> AnyFreeze =
        from start in Gen.Int[-600, 600]
        from hours in Gen.Int[1, 400]
        from zone in Gen.OneOf(Zones)
        let from_ = Noon.InUtc().LocalDateTime.PlusHours(start)
        select new Freeze(from_, from_.PlusHours(hours), zone, "freeze");

    private static readonly Gen<RunLimits> Limits =
        from rotations in Gen.Int[1, 8]
        from share in Gen.OneOf(0.01m, 0.2m, 0.5m, 1m)
        from calls in Gen.OneOf(Gen.Int[1, 60], Gen.Const(900))
        select new RunLimits(rotations, share, 3, calls, Duration.FromMinutes(10), Duration.FromHours(2));

    private static readonly Gen<Func<SecretDescription,
        SecretDescription>> Description = Gen.Frequency<Func<SecretDescription, SecretDescription>>(
        (12, d => d),
        (1, d => d with { Delivered = null }),
        (1, d => d with { Current = new("v2") }),
        (2, d => d with { Grace = new(new("v0"), Noon - Duration.FromHours(1), new("r1")) }),
        (2, d => d with { Grace = new(new("v0"), Noon - Duration.FromHours(4), new("r1")) }),
        (1, d => d with { Open = Open(Noon - Duration.FromHours(1)) }),
        (1, d => d with { Open = Open(Noon - Duration.FromHours(3)) }),
        (2, d => d with { Foreign = new ForeignRotation.ByVault() }),
        (1, d => d with { Foreign = new ForeignRotation.ByService("rds") }),
        (1, d => d with { Foreign = new ForeignRotation.Pending(new("v9")) }),
        (1, d => d with { Delivered = d.Delivered! with { TargetsDigest = "0000000000000000" } }),
        (1, d => d with { Delivered = d.Delivered! with { ValueSince = Noon + Duration.FromDays(1) } }));

    private static readonly Gen<(Func<SecretDescription, SecretDescription> Change, int AgeInHours, HolderState Holder,
        bool Described)> Seen =
        from change in Description
        from age in Gen.Int[0, 2000]
        from holder in Gen.Enum<HolderState>()
        from described in Gen.Frequency((9, true), (1, false))
        select (change, age, holder, described);

    private static readonly Gen<Func<ScopeObservation, ScopeObservation>> Listing = Gen.Frequency<Func<ScopeObservation, ScopeObservation>>(
        (12, s => s),
        (1, _ => new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "503"))),
        (1, s => Listed(s, v => v.RemoveAt(0))),
        (1, s => Listed(s, v => v.SetItem(0, v[0] with { Secured = false }))),
        (1, s => Listed(s, v => v.Add(new ObservedVariable("twin", v[0].Key.ToLowerInvariant(), true)))),
        (1, s => Listed(s, v => v.Add(Variable(Scope("web"), "UNRELATED")))));

    private static readonly Gen<RunningObservation?> Running = Gen.Frequency<RunningObservation?>(
        (4, new RunningObservation.Listed([])),
        (2, new RunningObservation.Listed([new(new("acme", "api"), "p1", 1, "main", Noon - Duration.FromHours(2), false)])),
        (1, new RunningObservation.Listed([new(new("acme", "api"), "p2", 2, "main", Noon - Duration.FromMinutes(2), true)])),
        (1, new RunningObservation.Unlisted(new(FailureKind.Unavailable, "503"))),
        (1, null));

    private static readonly Gen<PlanRequest> Request =
        from adopt in Gen.Bool
        from force in Gen.OneOf("", "", "s0", "s1")
        from takeOver in Gen.OneOf("", "s0", "s2")
        from shard in Gen.OneOf<(int, int)?>(null, null, (1, 2))
        select PlanRequest.Everything with
        {
            Adopt = adopt,
            Force = [.. new[] { force }.Where(n => n.Length > 0)],
            ForceReason = "why",
            ForcedBy = "who",
            TakeOver = [.. new[] { takeOver }.Where(n => n.Length > 0)],
            Shard = shard,
        };

    /// <summary>Any scenario of one to eight secrets.</summary>
    public static Gen<PlanningScenario> Any { get; } =
        from secrets in Secret.Array[1, 8]
        from seen in Seen.Array[8]
        from listings in Listing.Array[Scopes.Length]
        from freezes in AnyFreeze.Array[0, 2]
        from limits in Limits
        from request in Request
        from running in Running.Array[2]
        select Seeing(Build(secrets, seen, listings, freezes, limits) with { Request = request }, running);

    /// <summary>What the vault's steps cost: claims on Azure cost Bitbucket calls.</summary>
    public static VaultCosts CostsOf(string vault) => vault == "azure" ? new(2, 9, 6, 10, 3) : PlanningScenario.Costs;

    public static RotationPlan Plan(PlanningScenario scenario) =>
        Planner.Plan(scenario.Inventory, scenario.Observation, scenario.Request, scenario.Now, CostsOf);

    private static PlanningScenario Build(
        ManagedSecret[] secrets,
        (Func<SecretDescription, SecretDescription> Change, int AgeInHours, HolderState Holder, bool Described)[] seen,
        Func<ScopeObservation, ScopeObservation>[] listings,
        Freeze[] freezes,
        RunLimits limits)
    {
        var scenario = PlanningScenario.Of([.. secrets.Select((s, i) => s with { Name = "s" + i })]);
        for (var i = 0; i < secrets.Length; i++)
        {
            var (change, age, holder, described) = seen[i];
            scenario = scenario.Aged("s" + i, Duration.FromHours(age)).Seen("s" + i, change, holder);
            if (!described)
                scenario = scenario.With("s" + i, new SecretObservation.Undescribed(new(FailureKind.Unavailable, "503")));
        }

        foreach (var (scope, change) in Scopes.Zip(listings).Where(x => scenario.Observation.Scopes.ContainsKey(Scope(x.First))))
            scenario = scenario.With(scope, change(scenario.Observation.Scopes[Scope(scope)]));
        return scenario with { Inventory = scenario.Inventory with { Freezes = [.. freezes], Limits = limits } };
    }

    private static PlanningScenario Seeing(PlanningScenario scenario, RunningObservation?[] running) => scenario with
    {
        Observation = scenario.Observation with
        {
            Running = new[] { "api", "web" }.Zip(running).Where(each => each.Second is not null)
                .ToImmutableDictionary(each => new VariableScope.Repository("acme", each.First), each => each.Second!),
        },
    };

    private static ScopeObservation.Listed Listed(
        ScopeObservation seen, Func<ImmutableArray<ObservedVariable>, ImmutableArray<ObservedVariable>> change) =>
        new(change(((ScopeObservation.Listed)seen).Variables));
}
