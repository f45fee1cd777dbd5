using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

public sealed class BacklogTests
{
    private static readonly PlanningScenario Twenty =
        PlanningScenario.Of([.. Enumerable.Range(0, 20).Select(i => Secret($"s{i:d2}", Target($"r{i:d2}", "A")))]).Overdue();

    [Fact]
    public void Nothing_waits_for_later_runs_where_all_fits() => Twenty.Plan().Backlog.Should().BeNull();

    // The plan's own run has listed all 20 and starts one. A later one lists and rotates seven with 22 calls.
    [Fact]
    public void Later_runs_list_and_rotate_as_many_as_the_calls_last_for() =>
        Twenty.Limited(l => l with { BitbucketCallsPerHour = 24 }).Plan().Backlog.Should().Be(new Backlog(19, 3));

    [Fact]
    public void Each_run_takes_one_more_hour() => new Backlog(19, 3).Lasts.Should().Be(Duration.FromHours(3));

    [Theory]
    [InlineData(1, 19)]
    [InlineData(19, 1)]
    [InlineData(7, 2)]
    public void Later_runs_keep_to_the_number_of_rotations(int most, int runs) =>
        Twenty.Limited(l => l with { RotationsPerRun = most }).Plan().Backlog!.Runs.Should().Be(runs);

    [Fact]
    public void What_waits_for_something_else_is_no_backlog() =>
        Twenty.Limited(l => l with { RotationsPerRun = 10 }).Seen("s01", d => d with { Delivered = null }).Aged("s02", Duration.FromDays(1))
            .Plan().Backlog.Should().Be(new Backlog(8, 1));

    [Fact]
    public void What_was_left_out_is_backlog_if_it_is_due()
    {
        var scenario = Twenty.Limited(l => l with { BitbucketCallsPerHour = 24 }).Aged("s19", Duration.FromDays(1));
        scenario = scenario with
        {
            Observation = scenario.Observation with
            {
                LeftOut = [.. scenario.Inventory.Secrets.Skip(7).SelectMany(s => s.Targets).Select(t => t.Scope)],
            },
        };

        scenario.Plan().Backlog.Should().Be(new Backlog(12, 2));
        scenario.Planned("s19").Should().BeOfType<Decision.Waiting>().Which.Should().Match<Decision.Waiting>(
            w => w.IsForNextRun && w.Why.Contains("whether its targets changed"));
        scenario.Planned("s08").Should().BeOfType<Decision.Waiting>().Which.Why.Should().Contain("were not listed").And.Contain("needs 3");
    }

    [Fact]
    public void What_can_not_be_judged_for_another_reason_is_told_so_though_it_was_left_out()
    {
        var scenario = Twenty.Seen("s01", d => d with { Foreign = new ForeignRotation.ByService("rds") });
        scenario = scenario with { Observation = scenario.Observation with { LeftOut = [Scope("r01")] } };

        scenario.Planned("s01").Should().BeOfType<Decision.Blocked>().Which.Why.Should().Contain("rds");
    }

    [Fact]
    public void What_waits_for_idle_pipelines_is_listed_at_the_price_of_asking_for_them_twice()
    {
        var one = PlanningScenario.Of(Secret("a") with { Wait = new IdleWait(Duration.FromHours(24)) })
            .Aged("a", Duration.FromDays(30) + Duration.FromHours(1));
        one = one with { Observation = one.Observation with { LeftOut = [Scope("api")] } };

        // A listing, a PUT and a verification, and two lists of pipelines before and under the claim.
        one.Planned("a").Should().BeOfType<Decision.Waiting>().Which.Why.Should().Contain("it needs 7 with its undo");
    }
}
