using SecretRotator.Commands;
using SecretRotator.Rotation;
using SecretRotator.Verification;

namespace SecretRotator.Tests.Output;

/// <summary>Plans, runs and findings with every case that there is. docs/json.md shows the same ones.</summary>
internal static class Samples
{
    public static readonly Instant Now = Instant.FromUtc(2026, 11, 24, 1, 30);

    private static readonly VersionId Old = new("1f0c2d3e-6a43-4f0e-9d63-2f6f5a0f3b11");
    private static readonly VersionId New = new("9ab04cd1-0e52-4c1b-8f43-aa0f3e0c9d27");

    public static OpenRotation Open { get; } = new(
        new("c0ffee00-6a43-4f0e-9d63-2f6f5a0f3b11"), Old,
        new Holder.Pipeline("acme", "secret-rotator", "0a1b2c3d-0000-4000-8000-000000000017", 17), Now - Duration.FromHours(3),
        Staged: true, "label");

    public static SecretDescription Description { get; } = new(
        new("4c9cce31-6a43-8f0e-9d63-2f6f5a0f3b11"),
        new("r"),
        new(new("4c9cce31-6a43-8f0e-9d63-2f6f5a0f3b11"), Now, Now, "0123456789abcdef", VerificationLevel.Listed, new("r")),
        Open: null,
        new ForeignRotation.None());

    public static ImmutableArray<Decision> Decisions { get; } =
    [
        new Decision.Due(Now - Duration.FromHours(60)),
        new Decision.NotDue(Now + Duration.FromDays(8)),
        new Decision.Unfinished(Open, "its pipeline has ended"),
        new Decision.Redeliver("The vault's current version isn't the one that was delivered."),
        new Decision.Adopt(Approved: false),
        new Decision.Adopt(Approved: true),
        new Decision.Forced("jo@laptop", "leaked in a log"),
        new Decision.Waiting("Outside its window", Now + Duration.FromMinutes(30)),
        new Decision.Waiting("Over the limit of 25 rotations a run", null),
        new Decision.Blocked(
            FailureKind.TargetMissing, "The variable scada-bridge/plant-north:GATEWAY_TOKEN is missing",
            "Create it as a secured variable, or add create: true to its target."),
        new Decision.Retire(Old, "The pipelines that may have held it have finished."),
    ];

    public static ImmutableArray<RotationOutcome> Outcomes { get; } =
    [
        new RotationOutcome.Rotated(Old, New, VerificationLevel.Listed),
        new RotationOutcome.Redelivered(New, VerificationLevel.Attested),
        new RotationOutcome.Adopted(Old, VerificationLevel.Listed),
        new RotationOutcome.RolledBack(
            new(FailureKind.Unavailable, "Bitbucket answered 503 to the PUT of payments-api/production:DB_PASSWORD")
            {
                Effect = Effect.Rejected, Service = "bitbucket", Resource = "payments-api/production",
            },
            Cancelled: false),
        new RotationOutcome.RolledBack(new(FailureKind.Cancelled, "The run was stopped"), Cancelled: true),
        new RotationOutcome.NeedsOperator(
            new(FailureKind.Unavailable,
                "Bitbucket doesn't answer") { Effect = Effect.Unknown, Service = "bitbucket", Resource = "payments-api" },
                ["payments-api:DB_PASSWORD may hold the new value.", "The staged version 9ab04cd1 stays in the vault."])
        {
            State =
            [
                "The vault's current version is 1f0c2d3e, the old one. The new value stays staged. The claim stays.",
                "payments-api:DB_PASSWORD may hold the new value or the old value.",
            ],
        },
        new RotationOutcome.Untouched(new Decision.NotDue(Now + Duration.FromDays(8))),
        new RotationOutcome.Untouched(
            new Decision.Blocked(
                FailureKind.ClaimHeld, "A running pipeline holds the claim", "Wait for pipeline acme/secret-rotator #17, then run again.")),
        new RotationOutcome.Untouched(new Decision.Adopt(Approved: false)),
        new RotationOutcome.Retired(Old),
    ];

    public static PlanView Plan { get; } = new(PlanOf(Decisions), Sandbox: null, SavedAs: null);

    public static RunView Run { get; } = new(
        "rotate", RunOf(Outcomes), ExitCode.NeedsOperator, "evidence/20261124T013000Z-rotate.jsonl", LostEvidence: null, Sandbox: null);

    public static DriftView Drift { get; } = new(
        new DriftReport([
            new("payments-db",
                null, DriftKind.VaultMoved, "The vault's current version is 9ab04cd1; the targets got 1f0c2d3e.",
                "Deliver the current value: secret-rotator rotate --only payments-db"),
            new("payments-db",
                Target("payments-api", "DB_PASSWORD"), DriftKind.Unsecured, "The variable isn't secured: its value can be read.",
                "Tick Secured by hand, then rotate."),
            new("grid-api",
                new VariableTarget(new VariableScope.Environment("acme", "grid-console", "staging"), "GRID_API_KEY", null, true),
                DriftKind.Missing, "The variable doesn't exist.", "The next delivery creates it."),
        ],
        [new(new VariableScope.Repository("acme", "grid-console"), "DEPLOY_TOKEN")]),
        8,
        Sandbox: null);

    public static RotationPlan PlanOf(IEnumerable<Decision> decisions) => new(
        Now,
        "4f9be057f0ea5d2ba72fd2c810e8d7b9aa98b469b8b6e7dc5b1d37ae0d0f5a11",
        [.. decisions.Select((decision, index) => Item(index, decision))],
        new CallCost(9, 8))
    {
        ActionCost = new CallCost(12, 30),
        CallsPerHour = 900,
    };

    public static RunResult RunOf(ImmutableArray<RotationOutcome> outcomes, bool cancelled = false)
    {
        var plan = PlanOf(
            outcomes.Select(outcome => outcome is RotationOutcome.Untouched untouched ? untouched.Decision : new Decision.Due(Now)));
        return new RunResult(plan, [.. plan.Items.Zip(outcomes, (item, outcome) => new SecretResult(item, outcome))], cancelled);
    }

    public static PlanItem Item(int index, Decision decision) => new(
        Secret(index),
        decision,
        decision.IsStarted ? new CallCost(index % 3 + 1, 6) : default,
        index == 0 ? ["payments-api:DB_PASSWORD is hidden in production by a variable of that environment."] : []);

    public static ManagedSecret Secret(int index)
    {
        var names = new[]
        {
            "payments-db",
            "payments-webhook",
            "billing-queue",
            "ledger-db",
            "scada-gateway",
            "telemetry-id",
            "deploy-key",
            "grid-api",
            "a-secret-with-a-name-that-is-rather-long-for-a-table",
            "edge",
            "mail-relay",
        };
        var name = names[index];
        return new ManagedSecret(
            name,
            "prod",
            "prod/" + name,
            new ValuePolicy.Plain(new ValueGenerator.Hex(32, null)),
            "platform@acme.example",
            Period.FromDays(30),
            null,
            index == 0
                ?
                [
                    Target("payments-api", "DB_PASSWORD"),
                    new(new VariableScope.Environment("acme", "payments-api", "production"), "DB_PASSWORD", "password", false),
                    new(new VariableScope.Workspace("acme"), "PAYMENTS_DB_PASSWORD", null, false),
                ]
                : [Target("app-" + index, "KEY")],
            index + 1);
    }

    public static VariableTarget Target(string repository, string variable) =>
        new(new VariableScope.Repository("acme", repository), variable, null, false);
}
