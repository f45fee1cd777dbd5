using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

/// <summary>What a plan announces of calls to a backend, and of the vault's calls that depend on it and on marks.</summary>
public sealed class BackendCostsTests
{
    // No sum of some is the sum of others.
    private static readonly VaultCosts OfVault = new(Describe: 5, Rotate: 1_000, Deliver: 400, Resume: 2_000, ClaimBitbucketCalls: 0)
    {
        Retire = 20,
        MarkDelivering = 40,
        EndDelivering = 100,
        StagesLater = 3,
        Lift = 10_000,
    };

    [Theory]
    [InlineData(BackendFamily.Set, 1_000 + 1 + 5)]
    [InlineData(BackendFamily.Issue, 1_000 + 1 + 3)]
    public void A_new_value_is_looked_at_proven_written_and_proven(BackendFamily family, int vault) =>
        CostOf(Of(At(family)).Overdue()).Should().Be(new CallCost(1, vault) { Backend = 4 });

    [Theory]
    [InlineData(BackendFamily.Set, false, 1_000 + 20 + (1 + 5) + (1 + 5), 4 + 2)]
    [InlineData(BackendFamily.Set, true, 1_000 + 20 + (1 + 5) + (1 + 5), 4 + 3)]
    [InlineData(BackendFamily.Issue, false, 1_000 + 20 + (1 + 3) + (1 + 10) + 1, 4 + 3)]
    [InlineData(BackendFamily.Issue, true, 1_000 + 20 + (1 + 3) + (1 + 10) + 1, 4 + 4)]
    public void Where_an_old_credential_is_ended_first_that_costs_its_calls_too(
        BackendFamily family, bool tellsLastUse, int vault, int backend) =>
        CostOf(InGrace(At(family, tellsLastUse)).Overdue()).Should().Be(new CallCost(1, vault) { Backend = backend });

    [Theory]
    [InlineData(BackendFamily.Set, 400 + 1 + 5, 2)]
    [InlineData(BackendFamily.Issue, 400 + 1 + 10, 3)]
    public void An_old_credential_is_disabled_proven_refused_and_deleted_where_it_was_issued(
        BackendFamily family, int vault, int backend) =>
        CostOf(InGrace(At(family))).Should().Be(new CallCost(0, vault) { Backend = backend });

    [Fact]
    public void A_delivery_asks_once_whether_the_current_credential_is_accepted() =>
        CostOf(InGrace(At(BackendFamily.Set)).Seen("a", d => d with { Current = new("v2") }))
            .Should().Be(new CallCost(1 + 1, 400) { Backend = 1 });

    [Fact]
    public void A_delivery_of_what_the_vault_rotates_describes_it_once_more() =>
        CostOf(Of(Secret("a") with { Value = new ValuePolicy.VaultManaged() })
            .Seen("a", d => d with { Current = new("v2"), Foreign = new ForeignRotation.ByVault() }))
            .Should().Be(new CallCost(1 + 1, 400 + 5));

    [Theory]
    [InlineData(true, 2_000)]
    [InlineData(false, 2_000 + 40 + 100)]
    public void A_resumption_that_may_deliver_marks_what_it_deletes(bool isStaged, int vault) =>
        CostOf(Of(Secret("a")).Seen("a", d => d with { Open = Open(Noon) with { Staged = isStaged } }, HolderState.Ended))
            .Vault.Should().Be(vault);

    [Fact]
    public void A_new_value_takes_the_mark_of_a_delivery_away() =>
        CostOf(Of(Secret("a")).Overdue()
            .Seen("a", d => d with { Delivering = DeliveringMark.Of(new("r2"), Noon - Duration.FromDays(1), []) }))
            .Vault.Should().Be(1_000 + 40 + 100);

    [Fact]
    public void A_new_value_takes_a_hold_off() =>
        CostOf(Of(Secret("a")).Overdue()
            .Seen("a", d => d with { Hold = new HoldMark(Noon - Duration.FromDays(1), new("r1"), "The new one was refused.") }))
            .Vault.Should().Be(1_000 + 10_000);

    private static ManagedSecret At(BackendFamily family, bool tellsLastUse = false) => Secret("a", Target("api", "A")) with
    {
        Value = family == BackendFamily.Issue ? new ValuePolicy.Issued() : new ValuePolicy.Plain(new ValueGenerator.Hex(32, null)),
        Backend = new ModelBackendDefinition(family, Overlaps: true) { TellsLastUse = tellsLastUse },
        Grace = new GracePolicy.Lasting(Duration.FromHours(1)),
    };

    private static PlanningScenario InGrace(ManagedSecret secret) =>
        Of(secret).Seen("a", d => d with { Grace = new GraceMark(new("v0"), Noon - Duration.FromHours(2), new("r0")) });

    private static CallCost CostOf(PlanningScenario scenario) =>
        Planner.Plan(scenario.Inventory, scenario.Observation, scenario.Request, Noon, _ => OfVault).Items[0].Cost;
}
