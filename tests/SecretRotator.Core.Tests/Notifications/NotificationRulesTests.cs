using SecretRotator.Audit;
using SecretRotator.Notifications;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Notifications;

public sealed class NotificationRulesTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 24, 1, 30);
    private static readonly RotationOutcome Rotated = new RotationOutcome.Rotated(new("a"), new("b"), VerificationLevel.Listed);

    private static readonly ManagedSecret Secret = new(
        "db", "prod", "db", new ValuePolicy.Plain(new ValueGenerator.Hex(32, null)), "jo", Period.FromDays(30), Window: null, [], Line: 1);

    public static TheoryData<RotationOutcome, string> Outcomes => new()
    {
        { new RotationOutcome.RolledBack(new(FailureKind.Throttled, "x"), Cancelled: false), "Failed Throttled" },
        { new RotationOutcome.NeedsOperator(new(FailureKind.Unavailable, "x"), []), "NeedsOperator Unavailable" },
        { new RotationOutcome.Untouched(new Decision.Blocked(FailureKind.ClaimHeld, "x", "y")), "Blocked ClaimHeld" },
        { new RotationOutcome.Untouched(new Decision.Adopt(Approved: false)), "Blocked NeverDelivered" },
        { new RotationOutcome.RolledBack(new(FailureKind.Cancelled, "x"), Cancelled: true), "" },
        { new RotationOutcome.Untouched(new Decision.NotDue(Now)), "" },
        { Rotated, "" },
    };

    [Theory]
    [MemberData(nameof(Outcomes))]
    public void What_someone_must_act_on_is_told_with_its_kind(RotationOutcome outcome, string expected) =>
        string.Join(", ", OfRun(Item(), outcome).Select(entry => $"{entry.Event} {entry.Failure}")).Should().Be(expected);

    [Fact]
    public void A_secret_is_named_with_its_owner() =>
        OfRun(Item(), new RotationOutcome.RolledBack(new(FailureKind.Other, "x"), false)).Should()
            .Equal(new NotificationEntry(NotificationEvent.Failed, "db", "jo", FailureKind.Other));

    [Fact]
    public void The_most_urgent_comes_first() =>
        Rules().OfRun(
            Run(
                new(Item(), new RotationOutcome.Untouched(new Decision.Adopt(false))),
                new(Item(), new RotationOutcome.NeedsOperator(new(FailureKind.Other, "x"), []))),
            new PastRuns()).Select(entry => entry.Event).Should().Equal(NotificationEvent.NeedsOperator, NotificationEvent.Blocked);

    [Theory]
    [InlineData(30, false)]
    [InlineData(31, true)]
    public void A_secret_that_did_not_rotate_is_overdue_a_day_after_it_became_due(int age, bool told) =>
        OfRun(Item(new Decision.Waiting("over a limit", Until: null), age), new RotationOutcome.Untouched(new Decision.Waiting("x", null)))
            .Any(entry => entry.Event == NotificationEvent.Overdue).Should().Be(told);

    [Fact]
    public void A_wait_with_an_end_is_not_overdue() =>
        OfRun(Item(new Decision.Waiting("outside its window", Now), 90), new RotationOutcome.Untouched(new Decision.NotDue(Now))).Should()
            .BeEmpty();

    [Fact]
    public void Waiting_for_idle_pipelines_is_not_overdue_before_its_limit() =>
        OfRun(
            Item(new Decision.Waiting("pipelines run", null), 31) with { Secret = Secret with { Wait = new(Duration.FromDays(2)) } },
            new RotationOutcome.Untouched(new Decision.NotDue(Now))).Should().BeEmpty();

    [Fact]
    public void What_was_overdue_and_rotated_is_not_told() => OfRun(Item(new Decision.Due(Now), 90), Rotated).Should().BeEmpty();

    [Theory]
    [InlineData(29, true)]
    [InlineData(31, false)]
    [InlineData(-1, true)]
    public void A_credential_that_a_person_renews_is_told_of_from_its_reminder_on(int days, bool told) =>
        OfRun(
            Item() with
            {
                Secret = Secret with { Value = new ValuePolicy.External("x", Now + Duration.FromDays(days), Duration.FromDays(30)) },
            },
            new RotationOutcome.Untouched(new Decision.NotDue(Now)))
            .Any(entry => entry is { Event: NotificationEvent.CredentialEnds, Secret: "db" }).Should().Be(told);

    [Theory]
    [InlineData(29, true)]
    [InlineData(31, false)]
    public void The_end_of_the_Bitbucket_credential_is_told(int days, bool told) =>
        Rules(new CredentialEnd("x", Now + Duration.FromDays(days))).OfRun(Run(), new PastRuns())
            .Contains(new(NotificationEvent.CredentialEnds, null, null, null)).Should().Be(told);

    [Fact]
    public void The_first_success_after_a_failure_is_told() =>
        Recovered(new Decision.Due(Now), Past("rolled-back")).Should().Equal("db");

    [Fact]
    public void A_success_after_a_success_is_not_told() => Recovered(new Decision.Due(Now), Past("rotated")).Should().BeEmpty();

    [Fact]
    public void A_success_after_a_failure_and_a_success_is_not_told() =>
        Recovered(new Decision.Due(Now), Past("rolled-back", "rotated")).Should().BeEmpty();

    [Fact]
    public void The_run_s_own_events_say_nothing_of_the_runs_before() =>
        Recovered(new Decision.Due(Now), Past(Now + Duration.FromMinutes(1), "rolled-back")).Should().BeEmpty();

    [Fact]
    public void What_finishes_an_open_rotation_recovers_without_any_evidence() =>
        Recovered(
            new Decision.Unfinished(new(new("r"), new("a"), new Holder.Process("h", 1, 1, "jo"), Now, true, "x"), "gone"), new PastRuns())
            .Should().Equal("db");

    [Fact]
    public void A_run_after_one_that_was_stopped_as_a_whole_recovers()
    {
        var past = new PastRuns();
        past.Add(PastRun(Now - Duration.FromDays(1)) with { Stopped = "no credential" }, []);

        Rules().OfRun(Run(), past).Should().Equal(new NotificationEntry(NotificationEvent.Recovered, null, null, null));
    }

    [Fact]
    public void Evidence_that_was_lost_is_a_failure_of_the_run() =>
        Rules().OfRun(Run() with { LostEvidence = "The disk is full." }, new PastRuns()).Should()
            .Equal(new NotificationEntry(NotificationEvent.Failed, null, null, FailureKind.EvidenceLost));

    [Fact]
    public void What_stops_a_run_is_told_unless_a_person_did() =>
        new[] { FailureKind.Unauthenticated, FailureKind.Cancelled }
            .SelectMany(kind => NotificationRules.OfStopped(new(kind, "x"))).Select(entry => entry.Failure).Should()
            .Equal(FailureKind.Unauthenticated);

    [Fact]
    public void A_plan_tells_what_a_run_will_not_start() =>
        Rules().OfPlan(Plan(Item(new Decision.Due(Now), 90), Item(new Decision.Blocked(FailureKind.RunLimit, "x", "y"), 90)))
            .Select(entry => entry.Event).Should().Equal(NotificationEvent.Blocked, NotificationEvent.Overdue);

    private static IEnumerable<string?> Recovered(Decision decision, PastRuns past) =>
        Rules().OfRun(Run(new SecretResult(Item(decision), Rotated)), past).Where(entry => entry.Event == NotificationEvent.Recovered)
            .Select(entry => entry.Secret);

    private static ImmutableArray<NotificationEntry> OfRun(PlanItem item, RotationOutcome outcome) =>
        Rules().OfRun(Run(new SecretResult(item, outcome)), new PastRuns());

    private static NotificationRules Rules(CredentialEnd? credential = null) => new(RunLimits.Default, credential);

    private static PlanItem Item(Decision? decision = null, int age = 1) => new(Secret, decision ?? new Decision.NotDue(Now), default, [])
    {
        ValueSince = Now - Duration.FromDays(age),
    };

    private static RunResult Run(params ImmutableArray<SecretResult> results) =>
        new(Plan([.. results.Select(result => result.Item)]), results, Cancelled: false);

    private static RotationPlan Plan(params ImmutableArray<PlanItem> items) => new(Now, "", items, default) { ActionCost = default, CallsPerHour = 900 };

    private static PastRuns Past(params string[] outcomes) => Past(Now - Duration.FromDays(3), outcomes);

    private static PastRuns Past(Instant from, params string[] outcomes)
    {
        var past = new PastRuns();
        foreach (var (index, outcome) in outcomes.Index())
            past.Add(
                PastRun(from + Duration.FromHours(index)),
                [new("db", from + Duration.FromHours(index), "r", "due", outcome, null, null, null, null, "", [])]);
        return past;
    }

    private static PastRun PastRun(Instant at) => new("r", "rotate", "jo", at, at, 0, "r.jsonl");
}
