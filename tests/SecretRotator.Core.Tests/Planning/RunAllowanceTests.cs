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

    // Observing takes one listing, and so does verifying all of them. Each needs a PUT, and an undo of two calls: a write and a listing.
    [Theory]
    [InlineData(5, 1)]
    [InlineData(7, 1)]
    [InlineData(8, 2)]
    [InlineData(11, 3)]
    [InlineData(32, 10)]
    public void The_hours_budget_of_calls_covers_observation_actions_and_their_undo(int calls, int started) =>
        Started(Ten.Limited(l => l with { BitbucketCallsPerHour = calls })).Should().HaveCount(started);

    [Fact]
    public void What_is_over_the_budget_of_calls_waits_and_says_what_it_needs() =>
        Ten.Limited(l => l with { BitbucketCallsPerHour = 6 }).Planned("s9").Should().BeOfType<Decision.Waiting>()
            .Which.Why.Should().Contain("limits.bitbucket-calls-per-hour").And.Contain("1 are left").And.Contain("needs 3");

    [Fact]
    public void What_could_never_fit_into_the_budget_is_blocked_instead_of_waiting_for_ever() =>
        Ten.Limited(l => l with { BitbucketCallsPerHour = 4 }).Planned("s0")
            .Should().BeOfType<Decision.Blocked>().Which.Hint.Should().Contain("fewer shards");

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

    // Each of 20 repositories has a secret: observing, a PUT and a verification take three calls, and only one undo of two is kept.
    [Theory]
    [InlineData(24, 1)]
    [InlineData(26, 2)]
    [InlineData(65, 19)]
    [InlineData(66, 20)]
    public void Calls_to_undo_are_kept_once_for_all_that_wait_for_no_common_verification(int calls, int started) =>
        Started(Apart(20).Limited(l => l with { BitbucketCallsPerHour = calls })).Should().HaveCount(started);

    [Fact]
    public void A_secret_with_targets_in_two_scopes_joins_what_waits_for_either()
    {
        var scenario = PlanningScenario.Of(
            Secret("a", Target("api", "A")), Secret("b", Target("web", "B")), Secret("c", Target("api", "C"), Target("web", "C")))
            .Overdue();

        // Two listings to observe, four PUTs, two listings to verify, and the undo of all three: four writes, four listings.
        Started(scenario.Limited(l => l with { BitbucketCallsPerHour = 15 })).Should().Equal("a", "b");
        Started(scenario.Limited(l => l with { BitbucketCallsPerHour = 16 })).Should().Equal("a", "b", "c");
    }

    [Fact]
    public void What_a_common_pipeline_attests_is_undone_at_the_same_time()
    {
        var repository = new VariableScope.Repository("acme", "api");
        var attested = Target("workspace", "A") with { Verify = VerificationLevel.Attested };
        var scenario = PlanningScenario.Of(
            Secret("a", attested), Secret("b", Target("api", "B") with { Verify = VerificationLevel.Attested })).Overdue();
        scenario = scenario with
        {
            Inventory = scenario.Inventory with
            {
                Attestation = new AttestationPolicy("attest", "main", AttestationPolicy.UsualLimit, repository),
            },
        };

        // Two listings to observe, two PUTs, two listings and a pipeline to verify, and both undos.
        Started(scenario.Limited(l => l with { BitbucketCallsPerHour = 17 })).Should().Equal("a");
        Started(scenario.Limited(l => l with { BitbucketCallsPerHour = 18 })).Should().Equal("a", "b");
    }

    [Fact]
    public void A_tenth_of_the_calls_up_to_50_is_kept_even_if_no_undo_needs_so_many()
    {
        Started(Apart(40).Limited(l => l with { BitbucketCallsPerHour = 100 })).Should().HaveCount((100 - 40 - 10) / 2);
        Started(Apart(400).Limited(l => l with { BitbucketCallsPerHour = 1000, RotationsPerRun = 400 })).Should()
            .HaveCount((1000 - 400 - 50) / 2);
    }

    [Fact]
    public void A_shard_has_its_part_of_the_calls() =>
        Ten.Limited(l => l with { BitbucketCallsPerHour = 16 }).Asked(r => r with { Shard = (1, 2) }).Plan()
            .CallsPerHour.Should().Be(8);

    private static PlanningScenario Apart(int number) =>
        PlanningScenario.Of([.. Enumerable.Range(0, number).Select(i => Secret($"s{i:d3}", Target($"r{i}", "A")))]).Overdue();

    private static PlanningScenario Unfinished(PlanningScenario scenario, string name) =>
        scenario.Seen(name, d => d with { Open = Open(Noon) }, HolderState.Ended);

    private static IEnumerable<string> Started(PlanningScenario scenario) =>
        scenario.Plan().Items.Where(i => i.Decision.IsStarted).Select(i => i.Secret.Name);
}
