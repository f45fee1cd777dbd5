using SecretRotator.Planning;
using SecretRotator.Vaults;
using static SecretRotator.Tests.Planning.World;

namespace SecretRotator.Tests.Planning;

public sealed class PlanCostsTests
{
    private static readonly World Two = World.Of(
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
        var world = Two.Overdue();
        var plan = Planner.Plan(world.Inventory, world.Observation, world.Request, Noon, _ => Costs with { ClaimBitbucketCalls = 3 });

        plan.Items[0].Cost.Should().Be(new CallCost(Bitbucket: 3 + 3, Vault: Costs.Rotate));
    }

    [Fact]
    public void A_redelivery_costs_the_vault_less_and_lists_its_scopes_again() =>
        Two.Seen("b", d => d with { Current = new("v2") }).Plan().Items[1].Cost.Should().Be(new CallCost(2 + 2, Costs.Deliver));

    [Fact]
    public void The_secrets_of_a_run_share_one_verification_listing_for_each_scope() =>
        Two.Overdue().Plan().ActionCost.Should().Be(new CallCost(Bitbucket: 5 + 4, Vault: 2 * Costs.Rotate));
}
