using SecretRotator.Bitbucket;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

public sealed class TargetsDigestTests
{
    private static readonly PlanningScenario One = PlanningScenario.Of(
        Secret("db", Target("api", "A"), Target("api/production", "A"), Target("workspace", "B")));

    [Fact]
    public void It_is_sixteen_hexadecimal_digits() => Of(One).Should().MatchRegex("^[0-9a-f]{16}$");

    [Fact]
    public void It_stays_the_same_from_one_release_to_the_next() => Of(One).Should().Be("3287051230329702");

    [Fact]
    public void The_order_of_the_targets_does_not_matter() =>
        Of(Targeting(t => [.. t.Reverse()])).Should().Be(Of(One));

    [Fact]
    public void The_case_of_keys_and_environments_does_not_matter()
    {
        var scopes = One.Observation.Scopes.Add(Scope("api/Production"), One.Observation.Scopes[Scope("api/production")]);
        var other = Targeting(t => [Target("api", "a"), Target("api/Production", "A"), Target("workspace", "b")]);

        TargetsDigest.Of(other.Inventory.Secrets[0], scopes).Should().Be(Of(One));
    }

    [Fact]
    public void A_target_less_changes_it() => Of(Targeting(t => t.RemoveAt(0))).Should().NotBe(Of(One));

    [Fact]
    public void Another_field_changes_it() => Of(Targeting(t => t.SetItem(0, t[0] with { Field = "f" }))).Should().NotBe(Of(One));

    [Fact]
    public void Another_encoding_changes_it() =>
        Of(Targeting(t => t.SetItem(0, t[0] with { Encoding = TargetEncoding.Base64 }))).Should().NotBe(Of(One));

    [Fact]
    public void Another_key_changes_it() => Of(Targeting(t => t.SetItem(0, t[0] with { Variable = "C" }))).Should().NotBe(Of(One));

    [Fact]
    public void A_variable_that_was_created_anew_changes_it() =>
        Of(One.Listing("api", new ObservedVariable("other", "A", Secured: true))).Should().NotBe(Of(One));

    [Fact]
    public void A_variable_that_is_gone_changes_it() => Of(One.Listing("api")).Should().NotBe(Of(One));

    [Fact]
    public void Other_variables_of_the_scope_do_not_matter() =>
        Of(One.Listing("api", Variable(Scope("api"), "X"), Variable(Scope("api"), "A"))).Should().Be(Of(One));

    private static string Of(PlanningScenario scenario) => TargetsDigest.Of(scenario.Inventory.Secrets[0], scenario.Observation.Scopes);

    private static PlanningScenario Targeting(Func<ImmutableArray<VariableTarget>, ImmutableArray<VariableTarget>> change)
    {
        var secret = One.Inventory.Secrets[0];
        return One with { Inventory = One.Inventory with { Secrets = [secret with { Targets = change(secret.Targets) }] } };
    }
}
