using SecretRotator.Reliability;
using SecretRotator.Reliability.World;

namespace SecretRotator.Tests.Reliability;

/// <summary>A small part of crash matrix and simulation, and proof that they would find what they look for. All of both is what <c>.ci/run</c> runs.</summary>
public sealed class ExperimentTests
{
    [Theory]
    [InlineData("prod-2-created")]
    [InlineData("grid-1")]
    [InlineData("prod-1-adopt")]
    [InlineData("grid-2-unfinished-put")]
    public async Task No_fault_at_any_request_breaks_a_promise(string situation)
    {
        var tally = await RunAsync("matrix", "--only", situation);

        tally.Broken.Should().BeEmpty();
        tally["placements"].Should().BeGreaterThan(100);
    }

    [Fact]
    public async Task No_history_of_many_machines_breaks_a_promise()
    {
        var tally = await RunAsync("simulate", "--seeds", "300");

        tally.Broken.Should().BeEmpty();
        tally["seeds"].Should().Be(300);
    }

    [Fact]
    public async Task The_same_seeds_have_the_same_histories()
    {
        var traces = await Task.WhenAll(RunAsync("simulate", "--seeds", "60"), RunAsync("simulate", "--seeds", "60"));

        traces[0]["trace"].Should().Be(traces[1]["trace"]).And.NotBe(0);
    }

    [Theory]
    [InlineData("undo-registered-after-the-act", "matrix", "--only", "prod-2")]
    [InlineData("promote-without-compare-and-set", "simulate", "--seeds", "1000")]
    [InlineData("claim-without-looking-again", "simulate", "--seeds", "300")]
    [InlineData("post-retried-blindly", "matrix", "--only", "prod-1-created")]
    [InlineData("late-requests-forgotten", "matrix", "--only", "prod-1-json", "--pairs")]
    public async Task A_planted_bug_is_found(string bug, params string[] experiment)
    {
        var tally = await RunAsync([.. experiment, "--bug", bug]);

        tally.Broken.Should().NotBeEmpty();
    }

    [Fact]
    public void Every_planted_bug_is_looked_for() =>
        PlantedBugs.ByName.Keys.Except(["none"]).Should().BeEquivalentTo(
            typeof(ExperimentTests).GetMethod(nameof(A_planted_bug_is_found))!.GetCustomAttributesData().Where(a => a.AttributeType == typeof(InlineDataAttribute))
                .Select(a => (string)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)a.ConstructorArguments[0].Value!)[0].Value!));

    private static Task<Tally> RunAsync(params string[] experiment) => Tally.OfWorkersAsync(1, _ => [.. experiment, "--worker", "0/1"]);
}
