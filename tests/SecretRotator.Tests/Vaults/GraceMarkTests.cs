namespace SecretRotator.Tests.Vaults;

public sealed class GraceMarkTests
{
    private static readonly GraceMark Mark = new(
        new("1f0c2d3e-6a43-4f0e-9d63-2f6f5a0f3b11"), Instant.FromUtc(2026, 11, 24, 1, 30), new("9ab04cd1-0e52-4c1b-8f43-aa0f3e0c9d27"));

    [Fact]
    public void A_mark_reads_what_it_wrote() => GraceMark.Parse(Mark.Format()).Should().Be(Mark);

    [Fact]
    public void It_fits_into_a_tag() => Mark.Format().Should().HaveLength(115).And.MatchRegex("^[ -~]*$");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("v=1 since=yesterday rotation=2")]
    [InlineData("v=1 since=2026-11-24T01:30:00.000Z")]
    [InlineData("v=1 since=2026-11-24T01:30:00.000Z rotation=2 more")]
    public void Anything_else_is_no_mark(string? text) => GraceMark.Parse(text).Should().BeNull();

    [Fact]
    public void A_delivery_that_leaves_nothing_has_none()
    {
        var delivered = new DeliveryMark(new("b"), Mark.Since, Mark.Since, "0123456789abcdef", VerificationLevel.Listed, Mark.Rotation);

        (GraceMark.Of(delivered), GraceMark.Of(delivered with { InGrace = Mark.Version })).Should().Be((null, Mark));
    }
}
