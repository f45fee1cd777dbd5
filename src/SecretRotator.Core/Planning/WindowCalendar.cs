using NodaTime.TimeZones;

namespace SecretRotator.Planning;

/// <summary>Determines when a window is open.</summary>
/// <remarks>
/// A window opens when the clock on the wall first shows its beginning or later, and closes when the clock last shows
/// a time before its end. So, where clocks go forward, a window that begins in the skipped hour opens at the jump, and
/// one that lies in it wholly doesn't open that day; where they go back, it reaches from the first occurrence of its
/// beginning to the last occurrence of its end, unless the clock goes back to that end and never before it.
/// </remarks>
public static class WindowCalendar
{
    // More than the longest run of days without an opening: a weekly window that a clock change swallows.
    private const int HorizonDays = 40;

    /// <summary>Whether the window is open. The end doesn't belong to it.</summary>
    public static bool Contains(RotationWindow window, Instant instant) => NextOpening(window, instant) == instant;

    /// <summary>The first instant at or after <paramref name="from"/> at which the window is open; null where it never opens.</summary>
    public static Instant? NextOpening(RotationWindow window, Instant from)
    {
        // Two days back: a window over midnight, begun before clocks were set back over midnight.
        var firstDay = from.InZone(window.Zone).Date.PlusDays(-2);
        for (var offset = 0; offset <= HorizonDays; offset++)
        {
            var day = firstDay.PlusDays(offset);
            if (window.Days.Contains(day.DayOfWeek) && OpenOn(window, day) is var (start, end) && from < end)
                return Instant.Max(start, from);
        }

        return null;
    }

    /// <summary>The first instant after <paramref name="from"/> at which the window opens, whether it is open then or not; null where it
    /// never does.</summary>
    public static Instant? NextOpeningAfter(RotationWindow window, Instant from)
    {
        var firstDay = from.InZone(window.Zone).Date;
        return Enumerable.Range(0, HorizonDays)
            .Select(offset => firstDay.PlusDays(offset))
            .Where(day => window.Days.Contains(day.DayOfWeek))
            .Select(day => OpenOn(window, day)?.Start)
            .FirstOrDefault(start => start > from);
    }

    /// <summary>From the first instant at which the clock shows a local time or later to the last one before another; null where nothing is
    /// between.</summary>
    internal static (Instant Start, Instant End)? Between(LocalDateTime from, LocalDateTime to, DateTimeZone zone)
    {
        var first = zone.MapLocal(from);
        var last = zone.MapLocal(to);
        var start = first.Count == 0 ? first.LateInterval.Start : first.First().ToInstant();
        var end = last.Count == 0 ? last.LateInterval.Start : LastShownBefore(last);
        return start < end ? (start, end) : null;
    }

    // A clock that goes back to exactly that time shows nothing before it from its first occurrence on.
    private static Instant LastShownBefore(ZoneLocalMapping time)
    {
        var again = time.Last().ToInstant();
        return time.Count == 2 && again == time.LateInterval.Start ? time.First().ToInstant() : again;
    }

    private static (Instant Start, Instant End)? OpenOn(RotationWindow window, LocalDate day)
    {
        var lastDay = window.To > window.From ? day : day.PlusDays(1);
        return Between(day + window.From, lastDay + window.To, window.Zone);
    }
}
