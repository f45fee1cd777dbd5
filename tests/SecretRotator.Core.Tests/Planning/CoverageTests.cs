using CsCheck;
using SecretRotator.Planning;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

public sealed class CoverageTests
{
    private static readonly PlanningScenario Many = PlanningScenario.Of([.. Enumerable.Range(0, 200).Select(i => Secret("s" + i))]);

    [Fact]
    public void Each_secret_lies_in_exactly_one_shard() => Gen.Int[1, 20].Sample(count =>
        Enumerable.Range(1, count).SelectMany(index => Names(Many.Request with { Shard = (index, count) }))
            .Order(StringComparer.Ordinal).SequenceEqual(Names(Many.Request).Order(StringComparer.Ordinal), StringComparer.Ordinal));

    [Fact]
    public void Secrets_that_are_added_move_no_other_one_to_another_shard()
    {
        var few = PlanningScenario.Of([.. Many.Inventory.Secrets.Take(50)]);
        var request = PlanRequest.Everything with { Shard = (2, 3) };

        Planner.Covered(few.Inventory, request).Should().BeSubsetOf(Planner.Covered(Many.Inventory, request));
    }

    [Fact]
    public void Shards_stay_where_they_are_from_one_release_to_the_next() =>
        Names(PlanRequest.Everything with { Shard = (1, 4) }).Take(5).Should().Equal("s3", "s5", "s6", "s9", "s17");

    [Fact]
    public void Only_the_named_secrets_are_planned_in_the_order_of_the_inventory() =>
        Names(PlanRequest.Everything with { Only = ["s7", "s3"] }).Should().Equal("s3", "s7");

    [Fact]
    public void A_forced_secret_is_planned_though_others_are_named() =>
        Names(PlanRequest.Everything with { Only = ["s3"], Force = ["s9"] }).Should().Equal("s3", "s9");

    [Fact]
    public void A_plan_has_one_item_for_each_covered_secret() =>
        Many.Asked(r => r with { Only = ["s3", "s7"] }).Plan().Items.Select(i => i.Secret.Name).Should().Equal("s3", "s7");

    private static IEnumerable<string> Names(PlanRequest request) => Planner.Covered(Many.Inventory, request).Select(s => s.Name);
}
