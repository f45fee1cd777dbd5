using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

public sealed class PlanCostsTests
{
    private static readonly PlanningScenario Two = PlanningScenario.Of(
        Secret("a", Target("api", "A"), Target("api/production", "A"), Target("workspace", "A")),
        Secret("b", Target("api", "B"), Target("api/staging", "B")));

    [Fact]
    public void Observing_lists_each_scope_and_each_repositorys_environments_once_and_describes_each_secret() =>
        Two.Plan().ObservationCost.Should().Be(new CallCost(Bitbucket: 4 + 1, Vault: 2));

    [Theory]
    [InlineData(0, 1)]
    [InlineData(100, 1)]
    [InlineData(101, 2)]
    [InlineData(200, 2)]
    [InlineData(201, 3)]
    public void A_scope_costs_a_listing_for_each_page_of_a_hundred(int variables, int listings) =>
        Two.Listing("workspace", [.. Enumerable.Range(0, variables).Select(i => Variable(Scope("workspace"), "V" + i))])
            .Plan().ObservationCost.Bitbucket.Should().Be(3 + 1 + listings);

    [Fact]
    public void Claims_in_the_home_repository_cost_one_more_listing() =>
        Planner.Plan(Two.Inventory, Two.Observation, Two.Request, Noon, _ => Costs with { ClaimBitbucketCalls = 3 })
            .ObservationCost.Bitbucket.Should().Be(4 + 1 + 1);

    [Fact]
    public void Asking_after_a_pipeline_that_holds_a_claim_costs_a_call() =>
        Two.Seen("a", d => d with { Open = Open(Noon) }, HolderState.Running).Plan().ObservationCost.Bitbucket.Should().Be(4 + 1 + 1);

    [Fact]
    public void Only_what_the_request_covers_is_counted() =>
        Two.Asked(r => r with { Only = ["b"] }).Plan().ObservationCost.Should().Be(new CallCost(Bitbucket: 2 + 1, Vault: 1));

    [Fact]
    public void Nothing_to_do_costs_nothing() =>
        Two.Plan().ActionCost.Should().Be(default(CallCost));

    [Fact]
    public void A_rotation_costs_a_put_for_each_target_the_claim_and_the_vaults_calls()
    {
        var scenario = Two.Overdue();
        var plan = Planner.Plan(
            scenario.Inventory, scenario.Observation, scenario.Request, Noon, _ => Costs with { ClaimBitbucketCalls = 3 });

        plan.Items[0].Cost.Should().Be(new CallCost(Bitbucket: 3 + 3, Vault: Costs.Rotate));
    }

    [Fact]
    public void A_delivery_that_deletes_variables_costs_a_call_more_for_each_and_the_mark_of_it()
    {
        var scenario = Two.Listing("api/staging").Seen("b", d => d with
        {
            Current = new("v2"),
            Delivering = DeliveringMark.Of(new("r2"), Noon, [Target("api/staging", "B")]),
        });
        var plan = Planner.Plan(scenario.Inventory, scenario.Observation, scenario.Request, Noon, _ => Costs with { MarkDelivering = 2 });

        plan.Items[1].Cost.Should().Be(new CallCost(2 + 1 + 2, Costs.Deliver + 2 + 2),
                "one of the two is missing already, and the mark of the delivery before goes");
    }

    [Fact]
    public void A_key_pair_is_never_deleted_and_whether_it_is_missing_takes_two_calls()
    {
        var pair = new VariableTarget(new VariableScope.SshKeyPair("acme", "api"), VariableScope.SshKeyPair.Key, null, MayCreate: true);
        var there = PlanningScenario.Of(Secret("a", pair));
        var missing = there with
        {
            Observation = there.Observation with
            {
                Scopes = there.Observation.Scopes.SetItem(pair.Scope, new ScopeObservation.Listed([])),
            },
        };

        (there.Plan().ObservationCost.Bitbucket, missing.Plan().ObservationCost.Bitbucket).Should().Be((1, 2));
        there.Seen("a", d => d with { Open = Open(Noon) }, HolderState.Ended).Plan().Items[0].Cost.Bitbucket.Should().Be(1 + 1);
    }

    [Fact]
    public void A_redelivery_costs_the_vault_less_and_lists_its_scopes_again() =>
        Two.Seen("b", d => d with { Current = new("v2") }).Plan().Items[1].Cost.Should().Be(new CallCost(2 + 2, Costs.Deliver));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 4)]
    public void A_resumption_replaces_every_target_lists_its_scopes_again_and_takes_the_claim_over(int claim, int claiming) =>
        CostOf(Two.Seen("a", d => d with { Open = Open(Noon) }, HolderState.Ended), Costs with { ClaimBitbucketCalls = claim })
            .Should().Be(new CallCost((2 * 3) + 3 + claiming, Costs.Resume));

    [Theory]
    [InlineData(9, 2 * 3)]
    [InlineData(10, 3)]
    public void Targets_are_replaced_where_the_delivery_before_may_still_be_under_way(int minutesAgo, int puts)
    {
        var at = Noon - Duration.FromMinutes(minutesAgo);

        CostOf(Two.Seen("a", d => d with { Current = new("v2"), Delivered = d.Delivered! with { DeliveredAt = at } }))
            .Should().Be(new CallCost(puts + 3, Costs.Deliver));
    }

    [Fact]
    public void Claims_of_one_vault_of_several_in_the_home_repository_cost_one_more_listing()
    {
        var scenario = PlanningScenario.Of(Secret("a", Target("api", "A")), Secret("b", Target("api", "B")) with { Vault = "azure" });

        VaultCosts CostsOf(string vault) => Costs with { ClaimBitbucketCalls = vault == "azure" ? 3 : 0 };

        Planner.Plan(scenario.Inventory, scenario.Observation, scenario.Request, Noon, CostsOf).ObservationCost.Bitbucket.Should()
            .Be(1 + 1);
    }

    [Theory]
    [InlineData("workspace", 3)]
    [InlineData("api", 1)]
    [InlineData("api/production", 1)]
    public void A_due_secret_that_waits_lists_what_runs_again_in_every_repository_that_may_use_it(string target, int repositories)
    {
        var secret = Secret("a", Target(target, "A"));

        CostOf(Seeing(PlanningScenario.Of(secret with { Wait = Day }).Overdue(), "api", "web", "ops")).Bitbucket.Should()
            .Be(1 + (2 * repositories));
        CostOf(Seeing(PlanningScenario.Of(secret).Overdue(), "api", "web", "ops")).Bitbucket.Should().Be(1);
    }

    [Fact]
    public void A_due_secret_that_waits_for_several_repositories_lists_what_runs_in_each() =>
        CostOf(Seeing(PlanningScenario.Of(Secret("a", Target("api", "A"), Target("web", "A")) with { Wait = Day }).Overdue(), "api", "web"))
            .Bitbucket.Should().Be(2 + (2 * 2));

    [Theory]
    [InlineData(true, true, true, 2)]
    [InlineData(false, true, true, 0)]
    [InlineData(true, false, true, 0)]
    [InlineData(true, true, false, 0)]
    public void A_new_value_costs_a_retirement_where_an_old_version_is_in_its_grace(bool grace, bool old, bool makes, int retiring)
    {
        var secret = Secret("a", Target("api", "A")) with { Grace = grace ? new GracePolicy.Lasting(Duration.FromHours(1)) : null };
        var scenario = PlanningScenario.Of(makes ? secret : secret with { Value = new ValuePolicy.VaultManaged() }).Overdue()
            .Seen("a", d => d with
            {
                Grace = old ? new GraceMark(new("v0"), Noon - Duration.FromHours(2), new("r0")) : null,
                Foreign = makes ? new ForeignRotation.None() : new ForeignRotation.ByVault(),
            });

        CostOf(scenario, Costs with { Retire = 2 }).Vault.Should().Be(Costs.Rotate + retiring);
    }

    [Fact]
    public void A_rollback_looks_the_old_value_up_and_reads_it_besides_and_costs_nothing_where_it_is_refused()
    {
        var plan = Two.Asked(r => r with { Only = ["a"] }).Forcing("a").Plan();

        RotationPlan Restoring(Decision decision) => Planner.Restoring(plan, decision, Two.Inventory, Two.Observation, _ => Costs);

        Restoring(plan.Items[0].Decision).Items[0].Cost.Should().Be(new CallCost(3, Costs.Rotate + 2));
        Restoring(new Decision.Blocked(FailureKind.Other, "why", "hint")).ActionCost.Should().Be(default(CallCost));
    }

    [Fact]
    public void An_undo_writes_to_each_target_and_lists_each_scope_and_a_retirement_needs_neither_that_nor_a_verification()
    {
        var policy = new AttestationPolicy("attest", "main", AttestationPolicy.UsualLimit, new("acme", "secret-rotator"));
        var secret = Secret("a", Attested("api"), Attested("web"));
        var scenario = PlanningScenario.Of(secret);
        var costs = new PlanCosts(scenario.Inventory with { Attestation = policy }, scenario.Observation, _ => Costs);
        var (due, retire) = (new Decision.Due(Noon), new Decision.Retire(new("v0"), "why"));

        costs.OfActing(secret, due).Bitbucket.Should().Be(2);
        costs.ToVerify(secret, due).Select(each => each.Calls).Should().Equal(1, 1, 8, 8);
        costs.OfUndoing(secret, due).Should().Be(2 + 2);
        (costs.ToVerify(secret, retire).Any(), costs.OfUndoing(secret, retire)).Should().Be((false, 0));
    }

    [Fact]
    public void The_secrets_of_a_run_share_one_verification_listing_for_each_scope() =>
        Two.Overdue().Plan().ActionCost.Should().Be(new CallCost(Bitbucket: 5 + 4, Vault: 2 * Costs.Rotate));

    private static IdleWait Day => new(Duration.FromHours(24));

    private static VariableTarget Attested(string scope) => Target(scope, "A") with { Verify = VerificationLevel.Attested };

    private static CallCost CostOf(PlanningScenario scenario, VaultCosts? costs = null) =>
        Planner.Plan(scenario.Inventory, scenario.Observation, scenario.Request, Noon, _ => costs ?? Costs).Items[0].Cost;

    private static PlanningScenario Seeing(PlanningScenario scenario, params string[] repositories) => scenario with
    {
        Observation = scenario.Observation with
        {
            Running = repositories.ToImmutableDictionary(
                slug => new VariableScope.Repository("acme", slug), RunningObservation (_) => new RunningObservation.Listed([])),
        },
    };
}
