using SecretRotator.Reliability.Processes;

namespace SecretRotator.Tests.Processes;

/// <summary>A few placements of the experiment <c>processes</c>, with the built program; all of them are tried by the experiment itself.</summary>
public sealed class PlacementTests
{
    [Theory]
    [InlineData("kills:aws:after:11")]
    [InlineData("kills:azure:before:16")]
    [InlineData("kills:azure-field:pipeline:18")]
    [InlineData("terminations:aws:before:11")]
    [InlineData("terminations:azure-field:late:18")]
    [InlineData("restarts:aws:before:9")]
    [InlineData("evidence:azure:no-directory:1")]
    public async Task The_promises_are_kept_at(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Signals are sent as Linux has them.");

        await ShouldHoldAsync(name);
    }

    [Theory]
    [InlineData("evidence:aws:record:11")]
    [InlineData("evidence:azure:record:18")]
    public async Task A_disk_that_fills_up_in_the_middle_of_a_record_breaks_no_promise(string name)
    {
        Assert.SkipUnless(await Tools.HasAsync(["prlimit", "--fsize=65536"]), "This machine has no prlimit.");

        await ShouldHoldAsync(name);
    }

    [Theory]
    [InlineData("kills:aws:before:7", true)]
    [InlineData("kills:nowhere:before:7", false)]
    [InlineData("kills:aws:before:seven", false)]
    [InlineData("kills", false)]
    public void A_placement_is_read_by_the_name_that_it_prints(string name, bool reads) =>
        Placement.Parse(name)?.ToString().Should().Be(reads ? name : null);

    private static async Task ShouldHoldAsync(string name)
    {
        var placement = Placement.Parse(name)!;
        await using var said = new StringWriter();
        var bench = new Bench(RotatorProgram.Of(binary: null), parallel: 1, every: 1, TextWriter.Synchronized(said), "reliability processes");

        var tally = await bench.RunAsync(ProcessesExperiment.AllSeries.Single(series => series.Name == placement.Series), placement);

        (tally.Count, tally.Broken).Should().Be((1, 0), "{0}", said);
    }
}
