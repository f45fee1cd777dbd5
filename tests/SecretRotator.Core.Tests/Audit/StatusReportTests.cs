using SecretRotator.Audit;
using SecretRotator.Tests.Planning;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Audit;

/// <summary>What needs a person, and what a run does by itself.</summary>
public sealed class StatusReportTests
{
    private static readonly Duration Month = Duration.FromDays(30);

    [Fact]
    public void What_is_fresh_needs_no_one()
    {
        var report = ReportOf(Of(Secret("a"), Secret("b")));

        report.Findings.Should().BeEmpty();
        report.Secrets.Select(status => (status.Item.Secret.Name, status.State, status.Freshness, status.DueAt)).Should().Equal(
            ("a", AuditState.Fresh, AgeVerdict.WithinPolicy, Noon + Duration.FromDays(20)),
            ("b", AuditState.Fresh, AgeVerdict.WithinPolicy, Noon + Duration.FromDays(20)));
    }

    [Theory]
    [InlineData(23, false)]
    [InlineData(24, true)]
    public void What_is_due_needs_a_person_once_no_run_has_come_for_a_day(int hours, bool expected) =>
        Rules(Of(Secret("a")).Aged("a", Month + Duration.FromHours(hours))).Should().Equal(expected ? ["overdue"] : []);

    [Theory]
    [InlineData("11:00", "13:00", 28, true)]
    [InlineData("13:00", "14:00", 28, false)]
    [InlineData("09:00", "10:00", 27, true)]
    [InlineData("09:00", "10:00", 26, false)]
    public void The_day_counts_from_the_opening_of_its_window(string from, string to, int hours, bool expected) =>
        Rules(Of(Secret("a") with { Window = Daily(from, to) }).Aged("a", Month + Duration.FromHours(hours))).Should()
            .Equal(expected ? ["overdue"] : []);

    [Fact]
    public void What_is_kept_on_purpose_needs_no_one()
    {
        var overdue = Of(Secret("a")).Aged("a", Month + Duration.FromDays(5));

        Rules(overdue.Frozen(new(2026, 6, 10, 0, 0), new(2026, 7, 1, 0, 0))).Should().BeEmpty("a freeze began before it was due");
        Rules(overdue.Frozen(new(2026, 6, 15, 0, 0), new(2026, 7, 1, 0, 0))).Should().Equal("overdue");
        Rules(overdue.Seen("a", seen => seen with { Hold = new(Noon + Duration.FromDays(1), new("r1"), "the new one is refused") })).Should()
            .BeEmpty();
        Rules(Of(Secret("a") with { Grace = new GracePolicy.Lasting(Duration.FromDays(9)) }).Aged("a", Month + Duration.FromDays(5))
            .Seen("a", seen => seen with { Grace = new(new("v0"), Noon - Duration.FromDays(6), new("r1")) })).Should().BeEmpty();
    }

    [Fact]
    public void What_is_over_a_limit_of_the_run_waits_for_the_next_one() =>
        Rules(Of(Secret("a"), Secret("b")).Overdue().Limited(limits => limits with { RotationsPerRun = 1 })).Should()
            .ContainSingle("the run starts one of them");

    [Fact]
    public void What_is_blocked_needs_a_person_and_says_why()
    {
        var finding = ReportOf(Of(Secret("a")).With("a", new SecretObservation.Undescribed(new(FailureKind.AccessDenied, "No.", "Ask."))))
            .Findings.Single();

        (finding.Rule, finding.Secret, finding.Hint).Should().Be((FindingRule.Blocked, "a", "Ask."));
        finding.Failure!.Kind.Should().Be(FailureKind.AccessDenied);
    }

    [Theory]
    [InlineData(HolderState.Running)]
    [InlineData(HolderState.Unknown)]
    public void What_another_run_works_on_needs_no_one(HolderState holder)
    {
        var report = ReportOf(Of(Secret("a")).Seen("a", seen => seen with { Open = Open(Noon - Duration.FromMinutes(1)) }, holder));

        report.Findings.Should().BeEmpty();
        report.Secrets.Single().IsClaimed.Should().BeTrue();
    }

    [Fact]
    public void What_was_never_delivered_needs_the_operators_word() =>
        ReportOf(Of(Secret("a")).Seen("a", seen => seen with { Delivered = null })).Findings.Single().Hint.Should().EndWith("--adopt");

    [Theory]
    [InlineData(29, "credential-ending")]
    [InlineData(-1, "overdue")]
    [InlineData(31, null)]
    public void What_no_program_can_make_needs_a_person_from_its_reminder_on(int days, string? rule) =>
        Rules(Of(Secret("a") with { Value = new ValuePolicy.External("Make one.", Noon + Duration.FromDays(days), Month) })).Should()
            .Equal(rule is null ? [] : [rule]);

    [Fact]
    public void A_failed_attempt_needs_a_person_until_one_succeeds()
    {
        var due = Of(Secret("a")).Aged("a", Month + Duration.FromHours(1));

        ReportOf(due, Past("rolled-back")).Secrets.Single().State.Should().Be(AuditState.Failed);
        ReportOf(due, Past("rolled-back")).Findings.Single().Rule.Should().Be(FindingRule.Failed);
        ReportOf(due, Past("rolled-back", "rotated")).Findings.Should().BeEmpty();
        ReportOf(Of(Secret("a")), Past("rolled-back")).Findings.Should().BeEmpty("it isn't due any more");
    }

    [Fact]
    public void An_old_credential_that_is_used_after_its_grace_needs_a_person()
    {
        var plan = Of(Secret("a")).Plan();
        var used = new Decision.Waiting("Someone uses it.", Until: null);
        var grace = new VersionInGrace(new("v0"), Noon - Month, Noon, [], "Its grace has passed.") { StillUsed = used };
        var item = plan.Items[0] with { Decision = used, InFlight = new() { Grace = grace } };

        ReportOf(Of(Secret("a")), plan: plan with { Items = [item] }).Findings.Single().Should()
            .BeEquivalentTo(new { Rule = FindingRule.InGrace, What = "Someone uses it." });
    }

    [Theory]
    [InlineData(29, true)]
    [InlineData(-1, true)]
    [InlineData(31, false)]
    [InlineData(null, false)]
    public void The_Bitbucket_credential_is_told_before_it_ends(int? days, bool expected)
    {
        var end = new CredentialEnd("The token", days is { } known ? Noon + Duration.FromDays(known) : null);

        ReportOf(Of(Secret("a")), credential: end).Findings.Select(finding => finding.Rule.Id).Should()
            .Equal(expected ? ["credential-ending"] : []);
    }

    [Fact]
    public void States_are_counted_the_most_urgent_first() =>
        ReportOf(Of(Secret("a"), Secret("b"), Secret("c")).Aged("b", Month).Aged("c", Month)).States.Should()
            .Equal((AuditState.Due, 2), (AuditState.Fresh, 1));

    private static IEnumerable<string> Rules(PlanningScenario scenario) => ReportOf(scenario).Findings.Select(finding => finding.Rule.Id);

    private static StatusReport ReportOf(
        PlanningScenario scenario, PastRuns? past = null, CredentialEnd? credential = null, RotationPlan? plan = null) =>
        StatusReport.Of(plan ?? scenario.Plan(), scenario.Inventory, past ?? new PastRuns(), credential);

    private static PastRuns Past(params string[] outcomes)
    {
        var past = new PastRuns();
        for (var i = 0; i < outcomes.Length; i++)
        {
            var at = Noon - Duration.FromDays(5 - i);
            past.Add(
                new($"run-{i}", "rotate", "jo", at, at, 0, "file"),
                [new("a", at, $"run-{i}", "due", outcomes[i], null, null, null, null, "why", [])]);
        }

        return past;
    }
}
