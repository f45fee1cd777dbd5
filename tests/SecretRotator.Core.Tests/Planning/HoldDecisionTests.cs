namespace SecretRotator.Tests.Planning;

/// <summary>A hold keeps new values away, and nothing else.</summary>
public sealed class HoldDecisionTests
{
    private static readonly Instant Noon = PlanningScenario.Noon;
    private static readonly Instant Later = Noon + Duration.FromDays(3);
    private static readonly HoldMark Mark = new(Later, new("r1"), "the new one is refused");

    private static PlanningScenario Marked =>
        PlanningScenario.Of(PlanningScenario.Secret("a")).Overdue().Seen("a", d => d with { Hold = Mark });

    private static PlanningScenario Written(Instant until) =>
        PlanningScenario.Of(PlanningScenario.Secret("a") with { Hold = new HoldPolicy(until, "the device is replaced") }).Overdue();

    [Fact]
    public void A_due_secret_that_a_rollback_holds_waits_until_the_hold_ends()
    {
        var waiting = Marked.Planned("a").Should().BeOfType<Decision.Waiting>().Which;

        waiting.Until.Should().Be(Later);
        waiting.Why.Should().EndWith("but a rollback holds it: the new one is refused");
    }

    [Fact]
    public void A_due_secret_that_the_inventory_holds_waits_until_the_hold_ends()
    {
        var waiting = Written(Later).Planned("a").Should().BeOfType<Decision.Waiting>().Which;

        waiting.Until.Should().Be(Later);
        waiting.Why.Should().EndWith("but its entry in the inventory holds it: the device is replaced");
    }

    [Fact]
    public void At_the_end_of_a_hold_it_is_due()
    {
        (Marked with { Now = Later }).Planned("a").Should().BeOfType<Decision.Due>();
        (Marked with { Now = Later - Duration.Epsilon }).Planned("a").Should().BeOfType<Decision.Waiting>();
        Written(Noon).Planned("a").Should().BeOfType<Decision.Due>();
    }

    [Fact]
    public void After_its_hold_a_secret_waits_for_its_window_too()
    {
        var scenario = PlanningScenario.Of(PlanningScenario.Secret("a") with { Window = PlanningScenario.Daily("01:00", "05:00") })
            .Overdue().Seen("a", d => d with { Hold = Mark });

        scenario.Planned("a").Should().BeOfType<Decision.Waiting>().Which.Until.Should().Be(Instant.FromUtc(2026, 6, 21, 1, 0));
    }

    [Fact]
    public void A_secret_that_is_not_due_is_not_said_to_wait() =>
        PlanningScenario.Of(PlanningScenario.Secret("a"))
            .Seen("a", d => d with { Hold = Mark })
            .Planned("a")
            .Should().BeOfType<Decision.NotDue>();

    [Fact]
    public void Force_lifts_a_hold_and_evidence_says_so()
    {
        var item = Marked.Forcing("a").Plan().Items[0];

        item.Decision.Should().BeOfType<Decision.Forced>();
        Overrides.Of(Marked.Inventory, item.Secret, item.Decision, Noon, item.InFlight, item.Hold).Should()
            .Equal("hold: the new one is refused, until 2026-06-20T12:00:00Z");
    }

    [Fact]
    public void A_hold_stops_no_resumption_no_delivery_and_no_adoption()
    {
        Marked.Seen("a", d => d with { Open = PlanningScenario.Open(Noon) }, HolderState.Ended)
            .Planned("a")
            .Should().BeOfType<Decision.Unfinished>();
        Marked.Seen("a", d => d with { Current = new("v2") }).Planned("a").Should().BeOfType<Decision.Redeliver>();
        PlanningScenario.Of(PlanningScenario.Secret("a", PlanningScenario.Target("api", "KEY", create: true))).Overdue()
            .Seen("a", d => d with { Hold = Mark }).Listing("api")
            .Planned("a").Should().BeOfType<Decision.Redeliver>();
        Marked.Seen("a", d => d with { Delivered = null })
            .Asked(r => r with { Adopt = true })
            .Planned("a")
            .Should().BeOfType<Decision.Adopt>();
    }

    [Fact]
    public void Of_two_holds_the_one_that_ends_last_is_told()
    {
        Hold.Of(PlanningScenario.Secret("a") with { Hold = new HoldPolicy(Later + Duration.FromDays(1), "longer") }, Mark, Noon)!.Reason
            .Should().Be("longer");
        Hold.Of(PlanningScenario.Secret("a") with { Hold = new HoldPolicy(Later - Duration.FromDays(1), "shorter") }, Mark, Noon)!.Reason
            .Should().Be(Mark.Reason);
    }

    [Fact]
    public void A_plan_shows_the_hold_of_a_secret_and_its_digest_depends_on_it()
    {
        var plan = Marked.Plan();

        plan.Items[0].Hold.Should().Be(new Hold(Later, Mark.Reason, ByRollback: true));
        plan.Digest.Should()
            .NotBe(Marked.Seen("a", d => d with { Hold = Mark with { Until = Later + Duration.FromDays(1) } }).Plan().Digest);
        Written(Later).Plan().Digest.Should().NotBe(Written(Later + Duration.FromDays(1)).Plan().Digest);
    }

    [Theory]
    [InlineData("2026-06-17T03:00:00Z", "2026-06-18T01:00:00Z", "in the window: not this one, whose next run would undo it")]
    [InlineData("2026-06-17T12:00:00Z", "2026-06-18T01:00:00Z", "after it")]
    [InlineData("2026-06-17T00:59:00Z", "2026-06-17T01:00:00Z", "before it")]
    [InlineData("2026-06-17T01:00:00Z", "2026-06-18T01:00:00Z", "as it opens")]
    public void Unless_it_is_told_a_rollback_holds_until_the_window_opens_the_next_time(string now, string until, string because) =>
        Hold.UsualEnd(PlanningScenario.Secret("a") with { Window = PlanningScenario.Daily("01:00", "05:00") }, [], At(now)).Should()
            .Be(At(until), because);

    [Fact]
    public void The_window_that_a_hold_lasts_until_is_one_without_a_freeze() =>
        Hold.UsualEnd(
            PlanningScenario.Secret("a") with { Window = PlanningScenario.Daily("01:00", "05:00") },
            [new Freeze(new(2026, 6, 18, 0, 0), new(2026, 6, 20, 2, 0), DateTimeZone.Utc, "half-year close")],
            Noon).Should().Be(Instant.FromUtc(2026, 6, 20, 2, 0));

    [Fact]
    public void Without_a_window_a_rollback_holds_for_a_week() =>
        Hold.UsualEnd(PlanningScenario.Secret("a"), [], Noon).Should().Be(Noon + Duration.FromDays(7));

    private static Instant At(string text) => NodaTime.Text.InstantPattern.General.Parse(text).Value;
}
