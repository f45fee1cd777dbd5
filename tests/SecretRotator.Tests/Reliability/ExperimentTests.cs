using SecretRotator.Reliability;

namespace SecretRotator.Tests.Reliability;

/// <summary>A small part of the simulation. All of it, the crash matrix and the planted bugs that prove both are what <c>.ci/run</c>
/// runs.</summary>
public sealed class ExperimentTests
{
    [Fact]
    public async Task No_history_of_many_machines_breaks_a_promise()
    {
        var tally = await Tally.OfWorkersAsync(1, _ => ["simulate", "--seeds", "100", "--worker", "0/1"]);

        tally.Broken.Should().BeEmpty();
        tally["seeds"].Should().Be(100);
    }
}
