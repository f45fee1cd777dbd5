using SecretRotator.Reliability.Processes;

namespace SecretRotator.Tests.Reliability;

public sealed class PlacementTests
{
    [Theory]
    [InlineData("kills:aws:before:7", true)]
    [InlineData("kills:nowhere:before:7", false)]
    [InlineData("kills:aws:before:seven", false)]
    [InlineData("kills", false)]
    public void A_placement_is_read_by_the_name_that_it_prints(string name, bool reads) =>
        Placement.Parse(name)?.ToString().Should().Be(reads ? name : null);
}
