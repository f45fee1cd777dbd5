using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

/// <summary>The key <c>hold</c> of a secret.</summary>
public sealed class HoldKeyTests
{
    private const string Entry = "    vault: prod\n";

    [Fact]
    public void Without_the_key_nothing_is_held() => Secret(Entry, Entry).Hold.Should().BeNull();

    [Theory]
    [InlineData("2026-12-05", "2026-12-06T00:00:00Z")]
    [InlineData("2026-12-05, zone: Europe/Berlin", "2026-12-05T23:00:00Z")]
    [InlineData("2026-12-05T06:00", "2026-12-05T06:00:00Z")]
    [InlineData("2026-12-05T06:00:30, zone: America/New_York", "2026-12-05T11:00:30Z")]
    [InlineData("2026-12-05T24:00", "2026-12-06T00:00:00Z")]
    [InlineData("2028-02-29", "2028-03-01T00:00:00Z")]
    public void A_date_holds_to_its_end_and_a_time_until_then_in_its_zone_or_in_UTC(string until, string end) =>
        Secret(Entry, $"{Entry}    hold: {{ until: {until}, reason: it is refused }}\n").Hold
            .Should().Be(new HoldPolicy(NodaTime.Text.InstantPattern.General.Parse(end).Value, "it is refused"));

    [Theory]
    [InlineData(
        "hold: 7d",
        "rotation.yaml:15:11: Found a plain text where \"hold\" is expected. Write \"key: value\" pairs. Known keys: until, zone, reason.")]
    [InlineData(
        "hold: { until: 2026-12-05 }",
        "rotation.yaml:15:11: The key \"reason\" is missing in \"hold\". Add \"reason: the new one is refused\".")]
    [InlineData("hold: { reason: why }", "rotation.yaml:15:11: The key \"until\" is missing in \"hold\". Add \"until: 2026-12-05\".")]
    [InlineData(
        "hold: { until: 2026-02-30, reason: why }",
        "rotation.yaml:15:20: \"2026-02-30\" is neither a date nor a date with a time. Write \"until: 2026-12-05\" for the end of that "
            + "day, or \"until: 2026-12-05T06:00\", without an offset: \"zone\" says where it counts (UTC without it).")]
    [InlineData(
        "hold: { until: 2026-12-05T06:00Z, reason: why }",
        "rotation.yaml:15:20: \"2026-12-05T06:00Z\" is neither a date nor a date with a time. Write \"until: 2026-12-05\" for the end of "
            + "that day, or \"until: 2026-12-05T06:00\", without an offset: \"zone\" says where it counts (UTC without it).")]
    [InlineData(
        "hold: { until: 2026-12-05, zone: Berlin, reason: why }",
        "rotation.yaml:15:38: There is no time zone \"Berlin\". Write an IANA name such as Europe/Berlin or UTC.")]
    [InlineData(
        "hold: { until: 2026-12-05, reason: why, for: 7d }",
        "rotation.yaml:15:45: Unknown key \"for\" in \"hold\". Known keys: until, zone, reason.")]
    public void What_is_wrong_with_a_hold_is_said_at_its_place(string hold, string problem) =>
        Problems(Entry, $"{Entry}    {hold}\n").Should().Equal(problem);
}
