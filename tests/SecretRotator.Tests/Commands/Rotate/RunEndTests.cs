using NodaTime.Text;
using SecretRotator.Commands;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

public sealed class RunEndTests : IDisposable
{
    private static readonly DateTimeZone Berlin = DateTimeZoneProviders.Tzdb["Europe/Berlin"];
    private readonly CommandFixture _run = new();

    [Theory]
    [InlineData("05:00", "2026-11-23T22:00:00Z", "2026-11-24T04:00:00Z")]
    [InlineData("05:00", "2026-11-24T03:59:59Z", "2026-11-24T04:00:00Z")]
    [InlineData("05:00", "2026-11-24T04:00:00Z", "2026-11-25T04:00:00Z")]
    [InlineData("02:30", "2027-03-27T20:00:00Z", "2027-03-28T01:30:00Z")]
    [InlineData("2026-11-24T05:00:00+02:00", "2026-11-23T22:00:00Z", "2026-11-24T03:00:00Z")]
    public void A_time_is_the_next_one_in_the_zone_of_the_windows(string text, string now, string expected) =>
        RunEnd.Read(text, Of(Berlin), At(now)).Should().Be(At(expected));

    [Fact]
    public void An_inventory_without_windows_and_freezes_has_times_in_utc() =>
        RunEnd.Read("05:00", Of(), At("2026-11-23T22:00:00Z")).Should().Be(At("2026-11-24T05:00:00Z"));

    [Fact]
    public void A_freeze_has_a_zone_too() => RunEnd.Read(
        "05:00", Of() with { Freezes = [new Freeze(default, default, Berlin, "why")] }, At("2026-11-23T22:00:00Z"))
        .Should().Be(At("2026-11-24T04:00:00Z"));

    [Theory]
    [InlineData("5 o'clock", "not 5 o'clock")]
    [InlineData("25:00", "not 25:00")]
    [InlineData("2026-11-23T22:00:00Z", "is over")]
    public void What_is_no_time_to_come_is_refused(string text, string expected) =>
        FluentActions.Invoking(() => RunEnd.Read(text, Of(), At("2026-11-23T22:00:00Z"))).Should().Throw<UsageException>()
            .Which.Message.Should().Contain(expected);

    [Fact]
    public void Several_zones_are_refused_for_a_time_and_not_for_an_instant()
    {
        var inventory = Of(Berlin, DateTimeZone.Utc);

        FluentActions.Invoking(() => RunEnd.Read("05:00", inventory, Samples.Now)).Should().Throw<UsageException>()
            .Which.Message.Should().Contain("Europe/Berlin, UTC");
        RunEnd.Read("2027-01-01T00:00:00Z", inventory, Samples.Now).Should().Be(At("2027-01-01T00:00:00Z"));
    }

    [Fact]
    public async Task The_run_is_asked_to_go_on_until_then()
    {
        await _run.RunAsync("rotate", "--until", "2099-01-01T00:00:00Z");

        _run.Sessions.Requests.Single().Until.Should().Be(At("2099-01-01T00:00:00Z"));
    }

    [Fact]
    public async Task A_saved_plan_is_for_one_run()
    {
        (await _run.RunAsync("rotate", "--plan", "plan.json", "--until", "05:00")).Should().Be(2);

        _run.Error.Should().Contain("--until can't be used with --plan");
    }

    public void Dispose() => _run.Dispose();

    private static Instant At(string text) => InstantPattern.ExtendedIso.Parse(text).Value;

    private static RotationInventory Of(params DateTimeZone[] zones) => Inventories.Of(
        [.. zones.Select((zone, number) => Inventories.Plain($"s{number}", Inventories.Payments) with
        {
            Window = new RotationWindow([IsoDayOfWeek.Monday], new(1, 0), new(5, 0), zone),
        }).Append(Inventories.Plain("other", Inventories.Payments))]);
}
