using SecretRotator.Audit;
using SecretRotator.Bitbucket;
using SecretRotator.Commands;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Discovery;
using SecretRotator.Doctor;
using SecretRotator.Doctor.AllowLists;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Notifications;
using SecretRotator.Output;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Notifications;
using SecretRotator.Rotation;
using SecretRotator.Settings;
using SecretRotator.Tests.Reports;
using SecretRotator.Tests.Schedules;

namespace SecretRotator.Tests.Output;

/// <summary>JSON results that have, taken together, every property that a result may have.</summary>
internal static class ResultSamples
{
    private static readonly TrustDocument Document = new("a.json", "Title", "Use it.", "{}");

    private static readonly Instant Now = Samples.Now;
    private static readonly SandboxNote Sandbox = new(Now, ".sandbox");
    private static readonly VariableScope.Repository Repository = new("acme", "payments-api");
    private static readonly VariableScope.Environment Environment = new("acme", "payments-api", "production");
    private static readonly VersionId Version = new("1f0c2d3e-6a43-4f0e-9d63-2f6f5a0f3b11");
    private static readonly RotationId Rotation = new("c0ffee00-6a43-4f0e-9d63-2f6f5a0f3b11");

    private static readonly Failure Failure = new(FailureKind.Throttled, "Bitbucket answered 429.", "Wait.")
    {
        Effect = Effect.Rejected,
        Service = "bitbucket",
        Resource = "payments-api",
    };

    private static readonly VariableTarget Base64 = new(Environment, "KEY", "id", true) { Encoding = TargetEncoding.Base64 };
    private static readonly ManagedSecret Encoded = Samples.Secret(0) with { Targets = [Base64] };
    private static readonly RecordedFailure Recorded = RecordedFailure.Of(Failure)!;

    /// <summary>The documents of each schema of a result.</summary>
    public static ImmutableArray<(string Schema, string Json)> All { get; } =
    [
        ("plan", Json(json => ResultContext.Write(json, new PlanJson(Plan, ExitCode.Blocked)))),
        ("plan", Json(json => ResultContext.Write(json, new PlanJson(Plan with { Sandbox = Sandbox }, ExitCode.Blocked)))),
        ("saved-plan",
            Json(json => ResultContext.Write(
                json, new SavedPlanJson(new PlanRequest { Only = ["a"], Force = ["b"], ForceReason = "c", ForcedBy = "d" }, Plan)))),
        ("saved-plan",
            Json(json => ResultContext.Write(json, new SavedPlanJson(new PlanRequest { TakeOver = ["e"], Shard = (1, 2) }, Plan)))),
        ("run", Json(json => ResultContext.Write(json, new RunJson(Samples.Run)))),
        ("run", Json(
            json => ResultContext.Write(json, new RunJson(Run with { Archived = new ArchiveOutcome.Stored(["s3://acme/run.jsonl"]) })))),
        ("run", Json(
            json => ResultContext.Write(
                json, new RunJson(Run with { Archived = new ArchiveOutcome.Missing(Failure, ["run.jsonl"], ["aws s3api"], true) })))),
        ("status", Json(json => ResultContext.Write(json, new StatusJson(Status, ExitCode.Found)))),
        ("status", Json(json => ResultContext.Write(json, new StatusJson(Status with { Sandbox = Sandbox }, ExitCode.Found)))),
        ("plan", Json(json => ResultContext.Write(json, new PlanJson(Plan with { Notifications = [Message] }, ExitCode.Blocked)))),
        ("run", Json(json => ResultContext.Write(json, new RunJson(Run with { Notifications = Answers })))),
        ("notify-test", Json(json => ResultContext.Write(json, new NotifyTestJson(Answers, ExitCode.Found)))),
        ("notification", JsonSerializer.Serialize(
            new NotificationJson(Message.Notification), NotificationContext.Default.NotificationJson)),
        ("verify", Json(json => ResultContext.Write(json, new DriftJson(Samples.Drift, ExitCode.Found)))),
        ("verify", Json(json => ResultContext.Write(json, new DriftJson(Drift, ExitCode.Found)))),
        ("validate",
            Json(json => ResultContext.Write(
                json, new InventoryJson(new InventoryView("rotation.yaml", ReportSamples.Everything().Inventory))))),
        ("error", Json(json => ResultContext.Write(json, new ErrorJson(DocumentedSamples.Error)))),
        ("error",
            Json(json => ResultContext.Write(
                json, new ErrorJson(new("plan", ExitCode.Unexpected, [new("It failed.", null, null) { Failure = Failure }]))))),
        ("versions", Json(json => ResultContext.Write(json, new VersionsJson(Versions)))),
        ("versions", Json(json => ResultContext.Write(json, new VersionsJson(Versions with { Sandbox = null })))),
        ("doctor-trust",
            Json(json => ResultContext.Write(
                json, new TrustJson(new("aws", new([Document], [new("WORD", "what it is.")], ["Note."]), "trust") { Kept = [Document] })))),
        ("doctor-allowlist", Json(json => ResultContext.Write(json, new AllowListJson(AllowList)))),
        ("doctor", Json(json => ResultContext.Write(json, new DoctorJson(Doctor, ExitCode.Found)))),
        ("doctor", Json(json => ResultContext.Write(json, new DoctorJson(Doctor with { Sandbox = Sandbox }, ExitCode.Found)))),
        ("discovery", Json(json => ResultContext.Write(json, new DiscoveryJson(Discovery, ExitCode.Done)))),
        ("discovery", Json(json => ResultContext.Write(json, new DiscoveryJson(Discovery with { Sandbox = Sandbox }, ExitCode.Found)))),
        ("schedules", Json(json => ResultContext.Write(json, new SchedulesJson(Schedules, ExitCode.Found)))),
        ("schedules",
            Json(json => ResultContext.Write(
                json, new SchedulesJson(Schedules with { Sandbox = Sandbox, IsApplied = true }, ExitCode.Found)))),
        ("evidence-verify", Json(json => ResultContext.Write(json, new EvidenceJson(Evidence)))),
        ("evidence-show", Json(json => ResultContext.Write(json, new RunHistoryJson(Evidence.Evidence.Files)))),
        ("report", Encoding.UTF8.GetString(Written.Bytes(ReportSamples.Report, OutputFormat.Json))),
        ("report", Encoding.UTF8.GetString(Written.Bytes(StoppedReport, OutputFormat.Json))),
    ];

    private static AddressedNotification Message => new(
        new NotificationReceiver.Slack("on-call", [NotificationEvent.Failed], new("prod", "ci/notifications", "slack")),
        new(Now, "acme", "rotate", 3, [new(NotificationEvent.Failed, "payments-db", "payments@acme.example", FailureKind.Unavailable)])
        {
            Id = "0a1b2c3d",
            ExitCode = 4,
            Link = new("https://bitbucket.org/acme/secret-rotator/pipelines/results/17"),
        });

    private static ImmutableArray<NotificationAnswer> Answers =>
        [new(Message.Receiver, "200", null), new(Message.Receiver, null, Failure), new(Message.Receiver, null, null)];

    private static AuditReport StoppedReport => ReportSamples.Report with
    {
        Evidence = ReportSamples.Report.Evidence with { Runs = [ReportSamples.Report.Evidence.Runs[0] with { Stopped = "why" }] },
        Findings = [ReportSamples.Report.Findings[0] with { Target = Base64, Failure = Failure }],
        Secrets = [.. Samples.Decisions.Select(decision => ReportSamples.Report.Secrets[0] with { Decision = decision })],
    };

    private static PlanView Plan
    {
        get
        {
            var plan = Samples.Plan.Plan;
            var running = new RunningPipeline(Repository, "{u}", 17, "deploy", Now, IsPending: true);
            var inFlight = new JobsInFlight { Running = [running], Grace = new(Version, Now, Now, [running], null), Unknown = Failure };
            return Samples.Plan with
            {
                Plan = plan with
                {
                    Items =
                    [
                        .. plan.Items,
                        plan.Items[0] with { InFlight = inFlight, Hold = new(Now, "why", ByRollback: true) },
                        plan.Items[0] with { Secret = Encoded, Decision = new Decision.Blocked(Failure) },
                    ],
                    Backlog = new(Secrets: 12, Runs: 3),
                },
            };
        }
    }

    private static RunView Run => Samples.Run with
    {
        Result = Samples.Run.Result with
        {
            Results =
            [
                .. Samples.Run.Result.Results,
                .. Samples.Decisions.Select((decision, index) =>
                    Samples.Run.Result.Results[0] with { Item = Samples.Item(index, decision) with { Secret = Encoded } }),
                Samples.Run.Result.Results[0] with { Outcome = new RotationOutcome.Retired(Version) { DeletedFrom = Now } },
            ],
            Held = new(Now, "why", ByRollback: false),
        },
        Signature = "run.jsonl.sig",
        LostEvidence = "The disk is full.",
        Sandbox = Sandbox,
    };

    private static DriftView Drift => Samples.Drift with
    {
        Report = Samples.Drift.Report with
        {
            Findings = [Samples.Drift.Report.Findings[0] with { Failure = Failure, Target = Base64 }],
            Unmanaged = [new(Environment, "KEY"), new(new VariableScope.Workspace("acme"), "KEY")],
        },
        Sandbox = Sandbox,
    };

    private static StatusView Status => new(
        new(
            Now, [.. Plan.Plan.Items.Select(item => new SecretStatus(item, AuditState.Due, AgeVerdict.Overdue, Now))],
            [ReportSamples.Report.Findings[0] with { Secret = "a", Target = Base64, File = "teams/a.yaml", Failure = Failure }]),
        Sandbox: null);

    private static VersionsView Versions => new(
        "versions",
        Encoded,
        Samples.Description with { Open = Samples.Open, Hold = new(Now + Duration.FromDays(1), Rotation, "why") },
        [
            new(Version, Now, VersionPlace.Current) { Rotation = Rotation, DeliveredAt = Now },
            .. Enum.GetValues<VersionPlace>().Select(place => new ListedVersion(Version, Now, place)),
        ],
        Now,
        Sandbox);

    private static AllowList AllowList => new(
        new(["bitbucket"], "egress", ["eu"], [443, 22]), "ranges.json", "1", "2026-11-24", [AddressBlock.Parse("10.0.0.0/8")!],
        [AddressBlock.Parse("fd00::/8")!]);

    private static DoctorReport Doctor => new(
        [
            new(CheckArea.Network, "endpoint", CheckStatus.Pass, "It answers."),
            new(CheckArea.Network, "endpoint", CheckStatus.Fail, "It doesn't answer.")
            {
                Why = "why", Fix = "fix", Failure = Failure, File = "rotation.yaml", Line = 1, Column = 2,
            },
        ],
        Offline: true,
        Sandbox: null);

    private static DiscoveryView Discovery => new(
        new(
            [
                new(FindingKind.StaticCloudKey, Environment, "AWS_ACCESS_KEY_ID", false),
                new(FindingKind.Candidate, Repository, "TOKEN", true),
            ],
            [new("payments-api/*", Failure), new("grid", new(FailureKind.Other, "why"))], ["app-1"], 3, 7),
        "acme", Stubs: null, Sandbox: null);

    private static SchedulesView Schedules
    {
        get
        {
            var times = UtcTimesTests.Times("30 1 * * mon");
            var declared = new ScheduleDeclaration(
                "nightly", Repository, "rotate", "main", times, DateTimeZone.Utc, times, Enabled: true, "schedules/nightly.yaml");
            var observed = new ObservedSchedule(Repository, "{u}", true, "custom", "rotate", "main", declared.Pattern);
            return new(
                "schedules plan",
                [
                    new(new(ScheduleAction.Replace,
                        "nightly", Repository, declared, observed, true, [(observed, true), (observed, false)], null), Failure),
                    new(new(ScheduleAction.Foreign, null, Repository, null, null, false, [], null), null),
                    new(new(ScheduleAction.Create, "off", Repository, declared with { Enabled = false }, null, false, [], null),
                        new(FailureKind.Other, "why")),
                ],
                IsApplied: false, Now, Sandbox: null);
        }
    }

    private static EvidenceView Evidence
    {
        get
        {
            var decision = new RecordedDecision("blocked", "why", Now, Now, "hint", Recorded);
            var run = new RunHistory(RunId.None, "rotate", "1.0", "pipeline", "jo", "0123", new(RunId.None, "4567"), Now)
            {
                Beside = [new(RunId.None, "89ab")],
                Stopped = "why",
                StoppedBy = Recorded,
                EndedAt = Now,
                ExitCode = 0,
                Plan = "cdef",
                Secrets =
                [
                    new("a")
                    {
                        Decision = decision, Overrides = ["window"], Rotation = "r", EndedAt = Now,
                        Steps =
                        [
                            new("prove", Now, Now, 2, 2, [], 0)
                            {
                                Credentials = [new("payments_a", "accepted by db.internal:5432/payments"), new("payments_b", null)],
                            },
                            new("distribute", Now, Now, 3, 1, [new("payments-api:KEY", "why", Recorded), new(null, null, null)], 2),
                        ],
                        Outcome = new("rolled-back")
                        {
                            From = "x", To = "y", Level = "listed", Cause = "why", Failure = Recorded, NotUndone = ["z"],
                            Because = decision,
                        },
                    },
                    new("b"),
                ],
            };
            return new(
                new(
                    [
                        new("a.jsonl", new EvidenceVerdict.Whole(), run, 9, "4567", "sha", []),
                        new("b.jsonl", new EvidenceVerdict.Broken(new(3, 4, 5, EvidenceFlaw.Changed, "why")), null, 2, "", "sha", []),
                        new("c.jsonl", new EvidenceVerdict.Incomplete(1, true), run with { After = null, Beside = [] }, 2, "", "sha", []),
                    ],
                    [new ChainFinding.Missing("a.jsonl", RunId.None), new ChainFinding.Outside("a.jsonl", RunId.None)]),
                [new SignatureState.Good(), new SignatureState.Bad("why"), new SignatureState.Missing()]);
        }
    }

    private static string Json(Action<Utf8JsonWriter> write) => TestTerminal.Written(terminal => terminal.WriteJson(write));
}
