namespace SecretRotator.Tests.Planning;

public sealed class OverridesTests
{
    private static readonly Instant Monday = Instant.FromUtc(2026, 12, 21, 12, 0);
    private static readonly DateTimeZone Berlin = DateTimeZoneProviders.Tzdb["Europe/Berlin"];
    private static readonly Freeze YearEnd = new(new(2026, 12, 20, 0, 0), new(2027, 1, 4, 0, 0), Berlin, "year-end close");
    private static readonly RotationWindow Nights = new([IsoDayOfWeek.Tuesday, IsoDayOfWeek.Monday], new(1, 0), new(5, 0), Berlin);
    private static readonly Decision Forced = new Decision.Forced("ada", "leaked");
    private static readonly ManagedSecret Secret = Inventories.Plain("db", Inventories.Workspace) with { Window = Nights };
    private static readonly RotationInventory Frozen = Inventories.Of(Secret) with { Freezes = [YearEnd] };

    [Fact]
    public void A_forced_rotation_breaks_the_freeze_and_the_window_of_that_moment() =>
        Overrides.Of(Frozen, Secret, Forced, Monday).Should()
            .Equal("freeze: year-end close", "window: Mon, Tue 01:00 to 05:00 Europe/Berlin");

    [Fact]
    public void Inside_its_window_and_after_the_freeze_it_breaks_nothing() =>
        Overrides.Of(Frozen, Secret, Forced, Instant.FromUtc(2027, 1, 4, 1, 0)).Should().BeEmpty();

    [Fact]
    public void What_is_not_forced_waits_and_breaks_nothing() =>
        Overrides.Of(Frozen, Secret, new Decision.Due(Monday), Monday).Should().BeEmpty();

    [Fact]
    public void A_weak_value_tells_its_reason_whatever_was_decided() =>
        Overrides.Of(
            Frozen, Inventories.Secret("pin", new ValuePolicy.Plain(new ValueGenerator.Hex(4, "the device takes no more"))),
            new Decision.NotDue(Monday), Monday)
            .Should().Equal("weak value: the device takes no more");

    [Fact]
    public void A_weak_field_is_named() =>
        Overrides.Of(
            Frozen, Inventories.Secret(
                "pin", new ValuePolicy.Json(
                    [new("id", new ValueGenerator.Uuid("an identifier")), new("key", new ValueGenerator.Hex(32, null))])),
                    new Decision.Due(Monday), Monday)
            .Should().Equal("weak value: id: an identifier");

    [Fact]
    public async Task A_run_tells_them_with_the_decision()
    {
        var cloud = new Models.ModelCloud();
        var secret = Secret with
        {
            Window = Nights with { From = new(23, 58), To = new(23, 59), Days = [Models.ModelCloud.Start.InZone(Berlin).DayOfWeek] },
        };
        cloud.Deliver(secret, "old", Duration.FromDays(1));
        var machine = new ModelMachine(cloud);
        await machine.RotateAsync(Inventories.Of(secret), new PlanRequest { Force = ["db"], ForcedBy = "ada", ForceReason = "leaked" });

        machine.Evidence.OfType<SecretRotator.Evidence.EvidenceRecord.Decided>()
            .Should().ContainSingle().Which.Overrides
            .Should().ContainSingle().Which
            .Should().StartWith("window: ");
    }
}
