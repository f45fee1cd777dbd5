using SecretRotator.Providers.Aws;

namespace SecretRotator.Tests.Vaults;

public sealed class HoldMarkTests
{
    private static readonly HoldMark Mark = new(
        Instant.FromUtc(2026, 12, 5, 0, 0), new("9ab04cd1-0e52-4c1b-8f43-aa0f3e0c9d27"), "the new one's refused (läuft nicht)");

    [Fact]
    public void A_mark_reads_what_it_wrote() => HoldMark.Parse(Mark.Format()).Should().Be(Mark);

    [Fact]
    public void A_label_reads_what_it_wrote() => HoldLabel.Parse(HoldLabel.Format(Mark), Mark.Rotation.Value).Should().Be(Mark);

    [Fact]
    public void The_longest_one_fits_into_a_tag_and_into_a_label()
    {
        var longest = Mark with { Reason = HoldMark.ReasonOf(new string('x', 1000)) };

        Encoding.UTF8.GetByteCount(longest.Format()).Should().BeLessThanOrEqualTo(256);
        HoldLabel.Format(longest).Length.Should().BeLessThanOrEqualTo(256);
        longest.Reason.Should().HaveLength(HoldMark.MostBytes).And.EndWith("...");
    }

    [Theory]
    [InlineData("it  is\trefused", "it is\\u{9}refused")]
    [InlineData("two\nlines", "two\\u{A}lines")]
    [InlineData(" plain ", "plain")]
    public void A_reason_is_printable_and_on_one_line(string text, string reason) => HoldMark.ReasonOf(text).Should().Be(reason);

    [Fact]
    public void A_reason_is_never_cut_within_a_character() =>
        HoldMark.ReasonOf(string.Concat(Enumerable.Repeat("🔑", 60))).Should().Be(string.Concat(Enumerable.Repeat("🔑", 29)) + "...");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("until=soon rotation=r reason=why")]
    [InlineData("until=2026-12-05T00:00:00.000Z rotation=r")]
    [InlineData("until=2026-12-05T00:00:00.000Z rotation=r reason=")]
    [InlineData("until=2026-12-05T00:00:00.000Z rotation=r reason=two\nlines")]
    public void Anything_else_is_no_mark(string? text) => HoldMark.Parse(text).Should().BeNull();

    [Theory]
    [InlineData("secret-rotator:20261205T000000000Z:d2h5")]
    [InlineData("secret-rotator-hold:20261205T000000000Z")]
    [InlineData("secret-rotator-hold:20261205T000000000Z:")]
    [InlineData("secret-rotator-hold:soon:d2h5")]
    [InlineData("secret-rotator-hold:20261205T000000000Z:!!")]
    [InlineData("secret-rotator-hold:20261205T000000000Z:Cg")]
    public void Anything_else_is_no_label(string text) => HoldLabel.Parse(text, "r").Should().BeNull();
}
