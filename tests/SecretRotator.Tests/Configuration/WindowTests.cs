using static SecretRotator.Tests.Configuration.SampleInventory;

namespace SecretRotator.Tests.Configuration;

public sealed class WindowTests
{
    private const string Window = "{ days: [mon], from: \"01:00\", to: \"05:00\", zone: Europe/Berlin }";

    [Theory]
    [InlineData(
        "{ days: [], from: \"01:00\", to: \"05:00\", zone: UTC }",
        "rotation.yaml:11:19: \"days\" has no items. Write \"days: [mon, tue, wed, thu]\".")]
    [InlineData(
        "{ days: mon, from: \"01:00\", to: \"05:00\", zone: UTC }",
        "rotation.yaml:11:19: \"days\" must be a list. Write for example \"days: [mon, tue, wed, thu]\".")]
    [InlineData(
        "{ days: [mon, thr], from: \"01:00\", to: \"05:00\", zone: UTC }",
        "rotation.yaml:11:25: \"thr\" is not a day. Did you mean \"thu\"? Write one of: mon, tue, wed, thu, fri, sat, sun.")]
    [InlineData(
        "{ days: [mon, mon], from: \"01:00\", to: \"05:00\", zone: UTC }",
        "rotation.yaml:11:25: The day \"mon\" appears twice. Delete one of the two.")]
    [InlineData(
        "{ days: [mon, ], from: \"01:00\", to: \"01:00\", zone: UTC }",
        "rotation.yaml:11:43: The window ends when it begins, so it never opens. Write a later \"to\"; for whole days write from "
            + "\"00:00\" to \"24:00\", for any time \"window: any\".")]
    [InlineData(
        "{ days: [mon], from: \"1:00\", to: \"05:00\", zone: UTC }",
        "rotation.yaml:11:32: \"1:00\" is not a time of day. Write hours and minutes such as from: \"01:00\".")]
    [InlineData(
        "{ days: [mon], from: \"24:00\", to: \"05:00\", zone: UTC }",
        "rotation.yaml:11:32: \"24:00\" is not a time of day. Write hours and minutes such as from: \"01:00\".")]
    [InlineData(
        "{ days: [mon], from: \"01:00\", to: \"25:00\", zone: UTC }",
        "rotation.yaml:11:45: \"25:00\" is not a time of day. Write hours and minutes such as to: \"05:00\".")]
    [InlineData(
        "{ days: [mon], from: \"01:00\", to: \"05:00\" }",
        "rotation.yaml:11:11: The key \"zone\" is missing in a window. Add \"zone: Europe/Berlin\".")]
    [InlineData(
        "{ days: [mon], from: \"01:00\", to: \"05:00\", zone: europe/berlin }",
        "rotation.yaml:11:60: There is no time zone \"europe/berlin\". Did you mean \"Europe/Berlin\"? Write an IANA name such as "
            + "Europe/Berlin or UTC.")]
    [InlineData(
        "always",
        "rotation.yaml:11:11: \"window\" must say days and times, or \"any\". Write for example \"window: { days: [mon, tue], from: "
            + "\"01:00\", to: \"05:00\", zone: Europe/Berlin }\", or \"window: any\" for any time.")]
    public void What_is_wrong_with_a_window_is_said_at_its_place(string window, string problem) =>
        Problems(Window, window).Should().Equal(problem);

    [Fact]
    public void A_secret_has_the_default_window()
    {
        var window = Secret("    vault: prod", "    vault: prod").Window!;

        (window.From, window.To, window.Zone.Id).Should().Be((new LocalTime(1, 0), new LocalTime(5, 0), "Europe/Berlin"));
        window.Days.Should().Equal(IsoDayOfWeek.Monday);
    }

    [Fact]
    public void A_secret_s_window_takes_the_place_of_the_default_one() =>
        Secret("    vault: prod",
            "    vault: prod\n    window: { days: [sat, sun], from: \"22:00\", to: \"02:00\", zone: UTC }").Window!.Days
            .Should().Equal(IsoDayOfWeek.Saturday, IsoDayOfWeek.Sunday);

    [Fact]
    public void Any_lifts_the_default_window() =>
        Secret("    vault: prod", "    vault: prod\n    window: any").Window.Should().BeNull();

    [Fact]
    public void Without_a_default_a_secret_may_rotate_at_any_time() =>
        Secret("  window: " + Window, "").Window.Should().BeNull();

    [Fact]
    public void Times_without_quotes_are_times_and_no_numbers_to_the_base_of_sixty() =>
        Secret(Window, "{ days: [mon], from: 01:00, to: 05:30, zone: UTC }").Window!.To.Should().Be(new LocalTime(5, 30));

    [Theory]
    [InlineData("00:00")]
    [InlineData("18:00")]
    public void A_window_may_end_with_the_day(string from) =>
        Secret(Window, $"{{ days: [mon], from: \"{from}\", to: \"24:00\", zone: UTC }}").Window!.To.Should().Be(LocalTime.Midnight);
}
