namespace SecretRotator.Tests.Planning;

/// <summary>What no program can make is never made; a person is reminded of it in time, and what they write into the vault is
/// delivered.</summary>
public sealed class ExternalValueTests
{
    private static readonly Instant Noon = PlanningScenario.Noon;

    private static PlanningScenario Ending(Duration after) => Of(Noon + after);

    private static PlanningScenario Of(Instant? end) => PlanningScenario.Of(PlanningScenario.Secret("a") with
    {
        Value = new ValuePolicy.External("Make one at Settings, Tokens.", end, Duration.FromDays(30)),
    });

    [Fact]
    public void It_is_not_due_before_its_reminder_however_old_it_is()
    {
        var scenario = Ending(Duration.FromDays(30) + Duration.Epsilon).Aged("a", Duration.FromDays(300));

        scenario.Planned("a").Should().Be(new Decision.NotDue(Noon + Duration.Epsilon));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(1)]
    [InlineData(-5)]
    public void From_its_reminder_on_it_waits_for_a_person(int days)
    {
        var waiting = Ending(Duration.FromDays(days)).Planned("a").Should().BeOfType<Decision.Waiting>().Which;

        waiting.Until.Should().BeNull();
        waiting.Why.Should().Contain(days > 0 ? $"in {days} days" : "ended at").And.EndWith("Make one at Settings, Tokens.");
    }

    [Fact]
    public void Without_an_end_its_age_decides()
    {
        Of(null).Planned("a").Should().BeOfType<Decision.NotDue>();
        Of(null).Overdue().Planned("a").Should().BeOfType<Decision.Waiting>().Which.Why.Should().Contain("as old as `rotate-every` allows");
    }

    [Fact]
    public void It_can_not_be_forced() =>
        Ending(Duration.FromDays(1)).Forcing("a").Planned("a").Should().BeOfType<Decision.Blocked>()
            .Which.Failure.Kind.Should().Be(FailureKind.Unsupported);

    [Fact]
    public void What_a_person_wrote_into_the_vault_is_delivered() =>
        Ending(Duration.FromDays(1))
            .Seen("a", seen => seen with { Current = new("v2") })
            .Planned("a")
            .Should()
            .BeOfType<Decision.Redeliver>();

    [Fact]
    public void Its_end_is_part_of_the_plan() =>
        Ending(Duration.FromDays(90)).Plan().Digest.Should().NotBe(Ending(Duration.FromDays(91)).Plan().Digest);
}
