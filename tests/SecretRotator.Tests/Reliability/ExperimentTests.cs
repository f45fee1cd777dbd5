using SecretRotator.Reliability;
using SecretRotator.Reliability.World;

namespace SecretRotator.Tests.Reliability;

/// <summary>A small part of the simulation. All of it, the crash matrix and the planted bugs that prove both are what <c>.ci/run</c>
/// runs.</summary>
public sealed class ExperimentTests
{
    [Fact]
    public async Task No_history_of_many_machines_breaks_a_promise()
    {
        var tally = await Tally.OfWorkersAsync(1, _ => ["simulate", "--seeds", "25", "--worker", "0/1"]);

        tally.Broken.Should().BeEmpty();
        tally["seeds"].Should().Be(25);
    }

    [Theory]
    [InlineData("scale --worker", "planned: the last run after 11 h; happened: 300 rotated, the last one after 11 h 2 min")]
    [InlineData("scale --worker --throttled 45", "2 rotated, 3 rolled back")]
    public async Task Many_secrets_with_few_calls_are_rotated_when_the_plan_says_so_and_a_run_that_is_throttled_ends(
        string arguments, string expected)
    {
        using var worker = OneThread.Start(arguments.Split(' '));
        var told = await worker.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        told.Should().Contain(expected).And.Contain(" 0 broken promises");
    }
}
