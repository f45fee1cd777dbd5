using SecretRotator.Audit;
using SecretRotator.Tests.Planning;
using SecretRotator.Verification;

namespace SecretRotator.Tests.Reports;

/// <summary>Reports with something of everything in them, and large ones.</summary>
internal static class ReportSamples
{
    public static readonly Instant Now = PlanningScenario.Noon;

    /// <summary>What markup, formulas and terminals would like to eat.</summary>
    public const string Hostile = "=cmd|'/C calc'!A0 <script>alert(1)</script> [a](http://x.example) |*_`&\" \u001b[31m\u202e";

    public static Snapshot Snapshot { get; } = SightingOf(Everything());

    public static AuditReport Report { get; } = ReportOf(Everything(), Past(), EvidenceOf(Past()));

    /// <summary>One secret in each state, with every kind of exception, and one with hostile texts.</summary>
    public static PlanningScenario Everything()
    {
        var scenario = PlanningScenario.Of(
            PlanningScenario.Secret("fresh") with { Line = 10 },
            PlanningScenario.Secret("due") with { RotateEvery = Period.FromDays(7), Line = 20 },
            PlanningScenario.Secret("waiting") with
            {
                RotateEvery = Period.FromDays(7),
                Window = PlanningScenario.Daily("01:00", "02:00"),
                Line = 30,
            },
            PlanningScenario.Secret("blocked", PlanningScenario.Target("gone", "KEY")) with { Line = 40 },
            PlanningScenario.Secret("open") with { Line = 50 },
            PlanningScenario.Secret("new") with { Line = 60 },
            PlanningScenario.Secret("moved") with { Line = 70 },
            PlanningScenario.Secret("failed") with { RotateEvery = Period.FromDays(7), Line = 80 },
            PlanningScenario.Secret("unseen") with { Line = 90 },
            PlanningScenario.Secret("unlisted", PlanningScenario.Target("dark/production", "KEY")) with { Line = 100 },
            PlanningScenario.Secret("weak", PlanningScenario.Target("scada", "ID"), PlanningScenario.Target("workspace", "ID")) with
            {
                Value = new ValuePolicy.Json(
                    [new("id", new ValueGenerator.Uuid("paired with a certificate")), new("key", new ValueGenerator.Hex(32, null))]),
                Owner = Hostile,
                Line = 110,
            });
        return (scenario with
        {
            Inventory = scenario.Inventory with
            {
                Freezes = [new Freeze(new(2026, 7, 1, 0, 0), new(2026, 7, 8, 0, 0), PlanningScenario.Berlin, "half-year close")],
            },
        })
            .Listing("gone", PlanningScenario.Variable(PlanningScenario.Scope("gone"), Hostile))
            .With("dark/production", new ScopeObservation.Unlisted(new(FailureKind.Unavailable, "Bitbucket answered 403.")))
            .Seen("open", description => description with { Open = PlanningScenario.Open(Now - Duration.FromHours(5)) }, HolderState.Ended)
            .Seen("new", description => description with { Delivered = null })
            .Seen("moved", description => description with { Current = new("v9") })
            .With("unseen", new SecretObservation.Undescribed(new(FailureKind.Unavailable, "The vault answered AccessDenied.")));
    }

    /// <summary>Two runs: one in order, one that had to put back.</summary>
    public static PastRuns Past()
    {
        var past = new PastRuns();
        var first = Now - Duration.FromDays(10);
        past.Add(
            new PastRun(
                "11111111-0000-8000-8000-000000000001", "rotate", "pipeline acme/secret-rotator #17", first,
                first + Duration.FromMinutes(2), 0, "20260607T120000Z-rotate-aaaa.jsonl"),
            [Event("fresh",
                first, "11111111-0000-8000-8000-000000000001", "forced", "rotated", "jo@laptop: leaked in a log",
                ["freeze: half-year close"])]);
        past.Add(
            new PastRun(
                "22222222-0000-8000-8000-000000000002", "rotate", "pipeline acme/secret-rotator #18", Now - Duration.FromDays(1), null,
                null, "20260616T120000Z-rotate-bbbb.jsonl"),
            [Event("failed",
                Now - Duration.FromDays(1), "22222222-0000-8000-8000-000000000002", "due", "rolled-back",
                "Bitbucket answered 503 to a PUT.", [])]);
        return past;
    }

    public static EvidenceFacts EvidenceOf(PastRuns past) => new(
        "evidence", past.Runs, ["20260616T120000Z-rotate-bbbb.jsonl has no closing record."], [], ["The run before 11111111 isn't here."]);

    public static PastEvent Event(
        string secret, Instant at, string run, string decision, string outcome, string why, ImmutableArray<string> overrides) => new(
        secret, at, run, decision, outcome, new("v0"), outcome == "rotated" ? new("v1") : null,
        outcome == "rotated" ? VerificationLevel.Listed : null, new("r1"), why, overrides);

    public static AuditReport ReportOf(PlanningScenario scenario, PastRuns? past = null, EvidenceFacts? evidence = null) =>
        Auditor.Of(SightingOf(scenario), past ?? new PastRuns(), evidence ?? EvidenceFacts.None, OriginOf(scenario));

    public static Snapshot SightingOf(PlanningScenario scenario) => new(
        scenario.Inventory, scenario.Observation, scenario.Plan(),
        DriftCheck.Compare(scenario.Inventory, scenario.Observation, scenario.Request, scenario.Now));

    /// <summary>A report of so many secrets, spread over repositories, environments and ages.</summary>
    public static AuditReport Large(int secrets)
    {
        var scenario = PlanningScenario.Of([.. Enumerable.Range(0, secrets).Select(i => PlanningScenario.Secret(
            $"secret-{i:D5}",
            PlanningScenario.Target($"repository-{i / 4}", $"KEY_{i % 4}"),
            PlanningScenario.Target($"repository-{i / 4}/production", $"KEY_{i % 4}")) with
        { RotateEvery = Period.FromDays(7 + (i % 60)), Line = i + 1, Owner = $"team-{i % 7}@acme.example" })]);
        return ReportOf(scenario);
    }

    private static ReportOrigin OriginOf(PlanningScenario scenario) => new(
        scenario.Now, "1.0.0", "jo@laptop", SandboxRun: false, "rotation.yaml", InventoryDigest.Of(scenario.Inventory),
        scenario.Plan().Digest, scenario.Inventory.Workspace, scenario.Inventory.Secrets.Length);
}
