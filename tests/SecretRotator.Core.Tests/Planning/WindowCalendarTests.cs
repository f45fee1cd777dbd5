using CsCheck;
using NodaTime.Text;
using static SecretRotator.Tests.Planning.PlanningScenario;

namespace SecretRotator.Tests.Planning;

public sealed class WindowCalendarTests
{
    // Clocks change, and the generated windows begin and end, at whole multiples of it.
    private const int StepMinutes = 5;
    private const int StepsPerDay = 24 * 60 / StepMinutes;

    private static readonly string[] Zones =
        ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "America/Havana"];

    [Theory]
    [InlineData("2026-06-17T00:59:59Z", false)]
    [InlineData("2026-06-17T01:00:00Z", true)]
    [InlineData("2026-06-17T04:59:59Z", true)]
    [InlineData("2026-06-17T05:00:00Z", false)]
    public void Its_beginning_belongs_to_a_window_and_its_end_does_not(string at, bool open) =>
        WindowCalendar.Contains(Daily("01:00", "05:00"), At(at)).Should().Be(open);

    [Fact]
    public void A_window_that_begins_in_the_skipped_hour_opens_at_the_jump() =>
        WindowCalendar.NextOpening(Daily("02:30", "05:00", Berlin), At("2026-03-29T00:30:00Z")).Should().Be(At("2026-03-29T01:00:00Z"));

    [Fact]
    public void A_window_that_lies_in_the_skipped_hour_does_not_open_that_day() =>
        WindowCalendar.NextOpening(Daily("02:00", "03:00", Berlin), At("2026-03-29T00:30:00Z")).Should().Be(At("2026-03-30T00:00:00Z"));

    [Theory]
    [InlineData("2026-10-24T23:59:59Z", false)]
    [InlineData("2026-10-25T00:00:00Z", true)]
    [InlineData("2026-10-25T01:29:59Z", true)]
    [InlineData("2026-10-25T01:30:00Z", false)]
    public void In_the_repeated_hour_a_window_reaches_from_the_first_to_the_last_occurrence(string at, bool open) =>
        WindowCalendar.Contains(Daily("02:00", "02:30", Berlin), At(at)).Should().Be(open);

    // The table of docs/planning.md.
    [Theory]
    [InlineData("01:00", "05:00", 180, 300)]
    [InlineData("02:30", "05:00", 120, 210)]
    [InlineData("02:00", "03:00", 0, 120)]
    [InlineData("01:00", "02:30", 60, 150)]
    [InlineData("01:00", "02:00", 60, 60)]
    public void On_the_days_when_clocks_change_a_window_is_open_for_as_long_as_the_documentation_says(
        string from, string to, int inMarch, int inOctober) =>
        (OpenMinutes(Daily(from, to, Berlin), new(2026, 3, 29)), OpenMinutes(Daily(from, to, Berlin), new(2026, 10, 25)))
            .Should().Be((inMarch, inOctober));

    [Fact]
    public void A_window_over_midnight_belongs_to_the_day_on_which_it_begins()
    {
        var friday = Daily("22:00", "04:00") with { Days = [IsoDayOfWeek.Friday] };

        (WindowCalendar.Contains(friday, At("2026-06-20T03:59:00Z")), WindowCalendar.Contains(friday, At("2026-06-19T03:59:00Z"))).Should()
            .Be((true, false));
    }

    [Fact]
    public void A_window_with_equal_times_lasts_until_the_next_day()
    {
        var sunday = Daily("05:00", "05:00") with { Days = [IsoDayOfWeek.Sunday] };

        (WindowCalendar.Contains(sunday, At("2026-06-22T04:59:00Z")), WindowCalendar.Contains(sunday, At("2026-06-22T05:00:00Z"))).Should()
            .Be((true, false));
    }

    [Fact]
    public void A_weekly_window_that_a_clock_change_swallows_opens_a_week_later() =>
        WindowCalendar.NextOpening(Daily("02:00", "03:00", Berlin) with { Days = [IsoDayOfWeek.Sunday] }, At("2026-03-23T00:00:00Z"))
            .Should().Be(At("2026-04-05T00:00:00Z"));

    [Fact]
    public void A_window_on_the_day_that_Samoa_skipped_does_not_open() =>
        WindowCalendar.NextOpening(
            Daily("09:00", "10:00", DateTimeZoneProviders.Tzdb["Pacific/Apia"]) with { Days = [IsoDayOfWeek.Friday] },
            At("2011-12-29T00:00:00Z")).Should().Be(At("2012-01-05T19:00:00Z"));

    [Fact]
    public void A_window_that_ends_at_the_time_that_clocks_go_back_to_ends_at_its_first_occurrence()
    {
        // On 23 February 2025 clocks in Casablanca went from 03:00 back to 02:00.
        var saturday = Daily("03:25", "02:00", DateTimeZoneProviders.Tzdb["Africa/Casablanca"]) with { Days = [IsoDayOfWeek.Saturday] };

        (WindowCalendar.Contains(saturday, At("2025-02-23T00:59:00Z")),
            WindowCalendar.Contains(saturday, At("2025-02-23T01:00:00Z"))).Should().Be((true, false));
    }

    [Fact]
    public void A_window_without_days_never_opens() =>
        WindowCalendar.NextOpening(Daily("01:00", "02:00") with { Days = [] }, Noon).Should().BeNull();

    [Fact]
    public void Around_every_clock_change_the_calendar_agrees_with_a_clock_on_the_wall()
    {
        var windows = Gen.Select(
            Gen.Int[1, 7].Array[1, 7],
            Gen.OneOf(Gen.Int[0, 59], Gen.Int[0, 287]),
            Gen.OneOf(Gen.Int[0, 59], Gen.Int[0, 287]),
            (days, from, to) => (Days: days.Select(d => (IsoDayOfWeek)d).ToImmutableSortedSet(), From: Step(from), To: Step(to)));
        var changes = Zones.SelectMany(ChangesOf).ToArray();

        Gen.Select(windows, Gen.OneOf(changes)).Sample(
            (window, change) => AgreesWithAClock(new(window.Days, window.From, window.To, change.Zone), change.At),
            iter: Effort.Of(200),
            print: x => $"{string.Join(' ', x.Item1.Days)} {x.Item1.From}-{x.Item1.To} {x.Item2.Zone} {x.Item2.At}");
    }

    private static int OpenMinutes(RotationWindow window, LocalDate day)
    {
        var start = window.Zone.AtStartOfDay(day).ToInstant();
        var length = window.Zone.AtStartOfDay(day.PlusDays(1)).ToInstant() - start;
        return Enumerable.Range(0, (int)length.TotalMinutes).Count(m => WindowCalendar.Contains(window, start + Duration.FromMinutes(m)));
    }

    // What the wall clock shows, step by step: open from the first step that shows the beginning or later to the last
    // one that shows a time before the end.
    private static bool AgreesWithAClock(RotationWindow window, Instant change)
    {
        var start = change - Duration.FromDays(4);
        var shown = Enumerable.Range(0, 22 * StepsPerDay)
            .Select(m => (start + Duration.FromMinutes(m * StepMinutes)).InZone(window.Zone).LocalDateTime).ToArray();
        var open = new bool[shown.Length];
        for (var day = shown[0].Date.PlusDays(1); day < shown[^1].Date.PlusDays(-3); day = day.PlusDays(1))
        {
            if (!window.Days.Contains(day.DayOfWeek))
                continue;
            var (begins, ends) = (day + window.From, (window.To > window.From ? day : day.PlusDays(1)) + window.To);
            var (first, last) = (Array.FindIndex(shown, s => s >= begins), Array.FindLastIndex(shown, s => s < ends));
            for (var m = first; m <= last; m++)
                open[m] = true;
        }

        var next = Array.IndexOf(open, true, 5 * StepsPerDay);
        for (var m = (5 * StepsPerDay) - 1; m >= 3 * StepsPerDay; m--)
        {
            var at = start + Duration.FromMinutes(m * StepMinutes);
            next = open[m] ? m : next;
            if (WindowCalendar.Contains(window, at) != open[m]
                || WindowCalendar.NextOpening(window, at) != start + Duration.FromMinutes(next * StepMinutes))
                return false;
        }

        return true;
    }

    private static IEnumerable<(DateTimeZone Zone, Instant At)> ChangesOf(string id)
    {
        var zone = DateTimeZoneProviders.Tzdb[id];
        var (from, to) = id == "Pacific/Apia" ? (2010, 2021) : (2025, 2030);
        return zone.GetZoneIntervals(Instant.FromUtc(from, 1, 1, 0, 0), Instant.FromUtc(to, 1, 1, 0, 0)).Skip(1)
            .Select(i => (zone, i.Start));
    }

    private static LocalTime Step(int ofDay) => LocalTime.Midnight.PlusMinutes(ofDay * StepMinutes);

    private static Instant At(string text) => InstantPattern.General.Parse(text).Value;
}
