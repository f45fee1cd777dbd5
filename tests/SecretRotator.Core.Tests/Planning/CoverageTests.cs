using CsCheck;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

public sealed class CoverageTests
{
    private static readonly PlanningScenario Many = PlanningScenario.Of(
        [.. Enumerable.Range(0, 200).Select(i => Secret("s" + i, Target("r" + (i / 2), "A" + i)))]);

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
        Names(PlanRequest.Everything with { Shard = (1, 4) }).Take(4).Should().Equal("s4", "s5", "s6", "s7");

    [Fact]
    public void Secrets_of_one_repository_are_in_one_shard_whatever_kind_of_scope_they_are_in()
    {
        var scenario = PlanningScenario.Of(
            Secret("a", Target("api", "A")), Secret("b", Target("api/production", "B")), Secret("c", Target("api/ssh-key-pair", "x")),
            Secret("d", Target("workspace", "D"), Target("api", "D")), Secret("e", Target("web", "E"), Target("api", "E")));

        Enumerable.Range(1, 7).Select(index => Planner.Covered(scenario.Inventory, new PlanRequest { Shard = (index, 7) }).Length)
            .Should().BeEquivalentTo([5, 0, 0, 0, 0, 0, 0]);
    }

    [Fact]
    public void Secrets_of_the_workspace_alone_are_in_one_shard()
    {
        var scenario = PlanningScenario.Of(Secret("a", Target("workspace", "A")), Secret("b", Target("workspace", "B")));

        Enumerable.Range(1, 3).Select(index => Planner.Covered(scenario.Inventory, new PlanRequest { Shard = (index, 3) }).Length)
            .Should().BeEquivalentTo([2, 0, 0]);
    }

    [Fact]
    public void One_shard_more_moves_secrets_to_itself_alone()
    {
        string[][] Shards(int count) =>
            [.. Enumerable.Range(1, count).Select(index => Names(PlanRequest.Everything with { Shard = (index, count) }).ToArray())];

        var (four, five) = (Shards(4), Shards(5));
        for (var index = 0; index < 4; index++)
            five[index].Should().BeSubsetOf(four[index]);
        five[4].Length.Should().BeInRange(20, 60);
        five.Should().OnlyContain(shard => shard.Length > 20);
    }

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
