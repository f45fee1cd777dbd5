using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

public sealed class RotationOrderTests
{
    private static readonly VariableScope Web = new VariableScope.Repository("acme", "web");
    private static readonly Decision Due = new Decision.Due(ModelCloud.Start);
    private static readonly Decision Unfinished = new Decision.Unfinished(
        new(new("r"), new("v"), new Holder.Process("00000000000000aa", 1, 1, "me@here"), ModelCloud.Start, Staged: true, "handle"),
        "It has ended.");

    [Fact]
    public void Only_what_is_started_is_in_it() =>
        Order(Item("a", Due, Web), Item("b", new Decision.NotDue(ModelCloud.Start), Web), Item("c", Due, Web)).Should().Equal("a", "c");

    [Fact]
    public void What_stands_open_comes_first() =>
        Order(Item("a", Due, Web), Item("b", Unfinished, Inventories.Workspace), Item("c", Due, Inventories.Payments)).Should()
            .Equal("b", "a", "c");

    [Fact]
    public void What_shares_a_scope_follows_each_other() =>
        Order(Item("a", Due, Web), Item("b", Due, Inventories.Workspace), Item("c", Due, Web), Item("d", Due, Inventories.Workspace))
            .Should().Equal("a", "c", "b", "d");

    [Fact]
    public void What_shares_scopes_by_way_of_others_follows_each_other() =>
        Order(Item("a", Due, Web),
            Item("b", Due, Inventories.Workspace), Item("c", Due, Inventories.Payments), Item("d", Due, Web, Inventories.Payments),
            Item("e", Due, Inventories.Workspace))
            .Should().Equal("a", "c", "d", "b", "e");

    [Fact]
    public void The_first_of_those_that_share_a_scope_tells_when_their_turn_is() =>
        Order(Item("a", Due, Web), Item("b", Due, Inventories.Workspace), Item("c", Due, Web)).Should().Equal("a", "c", "b");

    [Fact]
    public void The_longest_overdue_comes_first_and_what_is_due_after_what_is_torn() =>
        Order(Item("a", Due, Web), Item("b", new Decision.Due(ModelCloud.Start - Duration.FromDays(1)), Inventories.Workspace),
            Item("c", new Decision.Redeliver("why"), Inventories.Payments))
            .Should().Equal("c", "b", "a");

    [Fact]
    public void What_a_common_pipeline_attests_waits_for_each_other()
    {
        var policy = new AttestationPolicy("attest", "main", AttestationPolicy.UsualLimit, (VariableScope.Repository)Web);

        PlanItem Attested(string name, VariableScope scope) => Item(name, Due, scope) is var item
            ? item with { Secret = item.Secret with { Targets = [item.Secret.Targets[0] with { Verify = VerificationLevel.Attested }] } }
            : item;

        RotationOrder.Of([Attested("a", Web), Attested("b", Inventories.Payments), Attested("c", Inventories.Workspace)], policy)
            .Select(group => string.Concat(group.Select(item => item.Secret.Name))).Should().Equal("ac", "b");
    }

    [Fact]
    public void Otherwise_the_order_of_the_inventory_stays() =>
        Order(Item("c", Due, Web), Item("a", Due, Web), Item("b", Due, Web)).Should().Equal("c", "a", "b");

    private static PlanItem Item(string name, Decision decision, params VariableScope[] scopes) =>
        new(Inventories.Plain(name, scopes), decision, default, []);

    private static IEnumerable<string> Order(params PlanItem[] items) =>
        RotationOrder.Of([.. items], null).SelectMany(group => group).Select(i => i.Secret.Name);
}
