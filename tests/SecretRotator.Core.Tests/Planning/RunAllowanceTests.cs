using NodaTime;
using SecretRotator.Planning;
using SecretRotator.Vaults;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

public sealed class RunAllowanceTests
{
    private static readonly PlanningScenario Ten = PlanningScenario.Of([.. Enumerable.Range(0, 10).Select(i => Secret("s" + i))]).Overdue();

    [Fact]
    public void No_more_secrets_are_started_than_a_run_may_start() =>
        Started(Ten.Limited(l => l with { RotationsPerRun = 3 })).Should().HaveCount(3);

    [Fact]
    public void The_share_of_the_inventory_is_rounded_down() =>
        Started(Ten.Limited(l => l with { ShareOfInventory = 0.29m })).Should().HaveCount(2);

    [Fact]
    public void One_secret_may_always_rotate_however_small_the_share() =>
        Started(Ten.Limited(l => l with { ShareOfInventory = 0.01m })).Should().HaveCount(1);

    [Fact]
    public void The_share_counts_all_secrets_also_those_that_the_request_leaves_out() =>
        Started(Ten.Limited(l => l with { ShareOfInventory = 0.3m }).Asked(r => r with { Only = ["s0", "s1", "s2", "s3"] })).Should()
            .HaveCount(3);

    [Fact]
    public void What_is_over_a_limit_waits_for_the_next_run_and_says_which_limit() =>
        Ten.Limited(l => l with { RotationsPerRun = 3 }).Planned("s9")
            .Should().BeOfType<Decision.Waiting>().Which
            .Should().Match<Decision.Waiting>(w => w.Until == null && w.Why.Contains("limits.rotations-per-run"));

    [Fact]
    public void The_longest_overdue_comes_first() =>
        Started(Ten.Aged("s7", Duration.FromDays(99)).Limited(l => l with { RotationsPerRun = 1 })).Should().Equal("s7");

    [Fact]
    public void What_is_torn_comes_before_what_is_due() =>
        Started(Ten.Seen("s5", d => d with { Current = new("v2") }).Limited(l => l with { RotationsPerRun = 1 })).Should().Equal("s5");

    [Fact]
    public void What_is_forced_comes_before_what_is_torn() =>
        Started(Ten.Seen("s5", d => d with { Current = new("v2") }).Forcing("s8").Limited(l => l with { RotationsPerRun = 1 })).Should()
            .Equal("s8");

    [Fact]
    public void Open_rotations_are_resumed_whatever_the_number_of_rotations() =>
        Started(Unfinished(Unfinished(Ten, "s4"), "s6").Limited(l => l with { RotationsPerRun = 1 })).Should().Equal("s0", "s4", "s6");

    [Fact]
    public void An_adoption_without_the_operators_word_takes_no_ones_place() =>
        Started(Ten.Seen("s0", d => d with { Delivered = null }).Limited(l => l with { RotationsPerRun = 1 })).Should().Equal("s1");

    [Fact]
    public void Items_keep_the_order_of_the_inventory() =>
        Ten.Limited(l => l with { RotationsPerRun = 3 }).Aged("s7", Duration.FromDays(99)).Plan().Items.Select(i => i.Secret.Name)
            .Should().Equal(Ten.Inventory.Secrets.Select(s => s.Name));

    // Observing takes one listing. The first of a scope needs a PUT, its undo, and two listings; every further one two calls.
    [Theory]
    [InlineData(5, 1)]
    [InlineData(6, 1)]
    [InlineData(7, 2)]
    [InlineData(11, 4)]
    [InlineData(23, 10)]
    public void The_hours_budget_of_calls_covers_observation_actions_and_their_undo(int calls, int started) =>
        Started(Ten.Limited(l => l with { BitbucketCallsPerHour = calls })).Should().HaveCount(started);

    [Fact]
    public void What_is_over_the_budget_of_calls_waits_and_says_what_it_needs() =>
        Ten.Limited(l => l with { BitbucketCallsPerHour = 6 }).Planned("s9").Should().BeOfType<Decision.Waiting>()
            .Which.Why.Should().Contain("limits.bitbucket-calls-per-hour").And.Contain("1 are left").And.Contain("needs 2");

    [Fact]
    public void What_could_never_fit_into_the_budget_is_blocked_instead_of_waiting_for_ever() =>
        Ten.Limited(l => l with { BitbucketCallsPerHour = 4 }).Planned("s0")
            .Should().BeOfType<Decision.Blocked>().Which.Hint.Should().Contain("--shard");

    [Fact]
    public void A_large_secret_that_does_not_fit_any_more_lets_smaller_ones_go_ahead()
    {
        var large = Secret("large", [.. Enumerable.Range(0, 20).Select(i => Target("api", "K" + i))]);
        var scenario = PlanningScenario.Of(Secret("a"), large, Secret("z"))
            .Overdue()
            .Aged("a", Duration.FromDays(90))
            .Aged("large", Duration.FromDays(80));

        Started(scenario.Limited(l => l with { BitbucketCallsPerHour = 44 })).Should().Equal("a", "z");
    }

    private static PlanningScenario Unfinished(PlanningScenario scenario, string name) =>
        scenario.Seen(name, d => d with { Open = Open(Noon) }, HolderState.Ended);

    private static IEnumerable<string> Started(PlanningScenario scenario) =>
        scenario.Plan().Items.Where(i => i.Decision.IsStarted).Select(i => i.Secret.Name);
}
