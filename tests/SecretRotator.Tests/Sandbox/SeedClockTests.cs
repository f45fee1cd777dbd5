using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Tests.Sandbox;

public sealed class SeedClockTests
{
    // A Friday, at noon in Berlin.
    private static readonly Instant Friday = At(27, 12);

    [Fact]
    public void Where_everything_is_open_it_stays_as_it_is() =>
        SeedClock.BestFrom(Inventory(null, SandboxInventory.Window("fri", 10, 14)), Friday).Should().Be(Friday);

    [Fact]
    public void It_goes_on_to_the_next_time_at_which_all_windows_are_open() =>
        SeedClock.BestFrom(Inventory(SandboxInventory.Window("mon,tue", 1, 5), SandboxInventory.Window("mon,fri,sat", 2, 4)), Friday)
            .Should().Be(At(30, 2));

    [Fact]
    public void Where_no_time_suits_all_it_takes_the_first_that_suits_most() =>
        SeedClock.BestFrom(
            Inventory(SandboxInventory.Window("sat", 8, 9), SandboxInventory.Window("sun", 8, 9), SandboxInventory.Window("sun", 8, 10)),
            Friday)
            .Should().Be(At(29, 8));

    [Fact]
    public void It_never_goes_back() =>
        SeedClock.BestFrom(Inventory(SandboxInventory.Window("fri", 10, 11)), Friday).Should().BeGreaterThan(Friday);

    [Fact]
    public void A_freeze_that_lasts_longer_than_a_fortnight_is_skipped()
    {
        var freeze = new Freeze(
            new LocalDateTime(2026, 11, 20, 0, 0), new LocalDateTime(2027, 1, 4, 0, 0), SandboxInventory.Berlin, "year-end close");

        var best = SeedClock.BestFrom(Inventory(SandboxInventory.Window("mon", 1, 5)) with { Freezes = [freeze] }, Friday);

        best.Should().Be(new LocalDateTime(2027, 1, 4, 1, 0).InZoneStrictly(SandboxInventory.Berlin).ToInstant());
    }

    [Fact]
    public void A_window_that_is_about_to_close_is_left_for_the_next_one()
    {
        var tenToTwo = At(27, 14) - Duration.FromMinutes(10);

        SeedClock.BestFrom(Inventory(SandboxInventory.Window("fri,sat", 10, 14)), tenToTwo).Should().Be(At(28, 10));
    }

    [Fact]
    public void An_inventory_without_secrets_leaves_the_time_as_it_is() =>
        SeedClock.BestFrom(Inventory(), Friday).Should().Be(Friday);

    private static RotationInventory Inventory(params RotationWindow?[] windows) => SandboxInventory.Of(
        [.. windows.Select((window, i) => SandboxInventory.Password with { Name = $"s{i}", Window = window })]);

    private static Instant At(int day, int hour) =>
        new LocalDateTime(2026, 11, day, hour, 0).InZoneStrictly(SandboxInventory.Berlin).ToInstant();
}
