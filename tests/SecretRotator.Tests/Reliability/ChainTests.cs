using SecretRotator.Reliability;

namespace SecretRotator.Tests.Reliability;

/// <summary>How many calls of one rotation depend on one another, counted in a cloud in memory where every call takes one second of virtual
/// time.</summary>
public sealed class ChainTests
{
    private static readonly Lazy<Task<Tally>> Measured = new(() => Tally.OfWorkersAsync(1, _ => ["chain", "--worker", "0/1"]));

    [Theory]
    [InlineData("aws-plain", 8)]
    [InlineData("aws-json", 9)]
    [InlineData("azure-plain", 10)]
    [InlineData("azure-json", 11)]
    [InlineData("google-plain", 12)]
    [InlineData("google-json", 13)]
    [InlineData("hashicorp-plain", 9)]
    [InlineData("hashicorp-json", 10)]
    public async Task A_rotation_is_a_chain_of_so_many_calls(string kind, int calls) =>
        (await MeasuredAsync())["chain-" + kind].Should().Be(calls);

    [Theory]
    [InlineData("aws-plain", 7)]
    [InlineData("aws-json", 8)]
    [InlineData("azure-plain", 9)]
    [InlineData("azure-json", 10)]
    [InlineData("google-plain", 11)]
    [InlineData("google-json", 12)]
    [InlineData("hashicorp-plain", 8)]
    [InlineData("hashicorp-json", 9)]
    public async Task A_rotation_takes_its_place_for_so_many_calls(string kind, int calls) =>
        (await MeasuredAsync())["place-" + kind].Should().Be(calls);

    private static async Task<Tally> MeasuredAsync()
    {
        var tally = await Measured.Value;
        tally.Broken.Should().BeEmpty();
        return tally;
    }
}
