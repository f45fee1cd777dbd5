namespace SecretRotator.Tests.Planning;

/// <summary>Of a plan that was reviewed and is stale, it is told what has changed.</summary>
public sealed class PlanPartsTests
{
    private static readonly PlanningScenario Before = PlanningScenario.Of(PlanningScenario.Secret("a"), PlanningScenario.Secret("b"));

    public static TheoryData<string, string[]> Changes => new()
    {
        { "nothing", [] },
        { "a moved on", ["a: not-due then, redeliver now", "a: its versions or marks in the vault"] },
        { "b's variable", ["b: not-due then, redeliver now", "b: its targets in Bitbucket"] },
        { "a's entry", ["a: its entry in the inventory"] },
        { "limits", ["limits, freezes or settings of the inventory"] },
        { "force", ["a: not-due then, forced now", "what was asked for"] },
        { "only a", ["b: it is not in the plan any more"] },
        { "age", ["a: not-due then, due now", "a: its versions or marks in the vault"] },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_stale_plan_says_what_changed(string change, string[] told)
    {
        var after = change switch
        {
            "a moved on" => Before.Seen("a", d => d with { Current = new("v2") }),
            "b's variable" =>
                Before.Listing(
                    "api", PlanningScenario.Variable(PlanningScenario.Scope("api"), "KEY_A"),
                    new("11111111-1111-4111-8111-111111111111", "KEY_B", true)),
            "a's entry" =>
                Before with
                {
                    Inventory = Before.Inventory with
                    {
                        Secrets = [Before.Inventory.Secrets[0] with { Owner = "others@acme.example" }, Before.Inventory.Secrets[1]],
                    },
                },
            "limits" => Before.Limited(l => l with { RotationsPerRun = 7 }),
            "force" => Before.Forcing("a"),
            "only a" => Before.Asked(r => r with { Only = ["a"] }),
            "age" => Before.Aged("a", Duration.FromDays(40)),
            _ => Before,
        };

        after.Plan().Parts.ChangedSince(Before.Plan().Parts).Should().BeEquivalentTo(told);
        (after.Plan().Digest == Before.Plan().Digest).Should().Be(told.Length == 0, "the parts and the digest rest on the same");
    }

    [Fact]
    public void Ten_changes_are_named_and_the_others_are_counted()
    {
        var many = PlanningScenario.Of([.. Enumerable.Range(0, 30).Select(n => PlanningScenario.Secret($"s{n}"))]);

        many.Forcing("s0").Limited(l => l with { RotationsPerRun = 7 }).Overdue().Plan().Parts.ChangedSince(many.Plan().Parts)
            .Should().HaveCount(11).And.HaveElementAt(10, "and 52 more");
    }

    [Fact]
    public void What_a_file_says_is_told_in_harmless_text() =>
        Before.Plan().Parts.ChangedSince(new PlanParts(ImmutableSortedDictionary<string, string>.Empty.Add("x\u001b[2J: entry", "1")))
            .Should().Contain(@"x\u{1B}[2J: it is not in the plan any more");
}
