namespace SecretRotator.Configuration.Schedules;

/// <summary>Times in UTC, or why there are none.</summary>
/// <param name="Times">The times, or null.</param>
/// <param name="Why">Why one pattern in UTC can't say it, without a full stop; null where it can.</param>
/// <param name="WriteInstead">What to write instead: whole sentences.</param>
internal sealed record UtcTimes(CronTimes? Times, string? Why = null, string? WriteInstead = null)
{
    // A leap year and one that is none, each after the other kind: any rule by month and day that holds here holds forever.
    private static readonly LocalDate FirstDay = new(2023, 1, 1);
    private static readonly int AllDays = Period.DaysBetween(FirstDay, new LocalDate(2025, 1, 1));

    // Far enough to meet every rule of a zone, near enough not to judge by plans that may change.
    private static readonly Duration Horizon = Duration.FromDays(5 * 366);

    /// <summary>The offsets that a zone will have in the next five years, in the order in which they come; offsets count in whole
    /// minutes.</summary>
    public static ImmutableArray<Offset> OffsetsOf(DateTimeZone zone, Instant now) =>
        [.. zone.GetZoneIntervals(new Interval(now, now + Horizon)).Select(interval => interval.WallOffset).Distinct()];

    /// <summary>Turns local times into the one pattern in UTC that says the same all year, or says why there is none and what to
    /// do.</summary>
    /// <param name="local">The times as the file has them.</param>
    /// <param name="zone">The zone that they are in.</param>
    /// <param name="now">From when on it must hold.</param>
    public static UtcTimes Of(CronTimes local, DateTimeZone zone, Instant now)
    {
        var offsets = OffsetsOf(zone, now);
        var all = offsets.Select(offset => Of(local, offset)).ToList();
        if (all.TrueForAll(each => each.Times is not null && each.Times == all[0].Times))
            return all[0];
        if (offsets.Length == 1 || (!local.AnyDay && !local.AnyWeekday))
            return all[0];
        var ways = string.Join(
            ", ", offsets.Zip(
                all, (offset, utc) => $"{(utc.Times is { } times ? $"\"{times}\"" : "more than one schedule")} at UTC{offset}"));
        return Refused(
            $"The clocks of {zone.Id} change (UTC{string.Join(" and UTC", offsets)}), and Bitbucket's schedules run by UTC all year: "
                + $"\"{local}\" would be {ways}",
            "Choose: write \"zone: UTC\" with a time that suits both; or a zone without daylight saving time, such as Etc/GMT-1 (which "
                + "is UTC+01); "
            + "or a cron expression that doesn't depend on the hour, such as \"15 * * * *\", and let the windows in rotation.yaml, which "
            + "follow the clocks, decide when secrets rotate.");
    }

    // For a zone that keeps one offset.
    private static UtcTimes Of(CronTimes local, Offset offset)
    {
        if (!local.AnyDay && !local.AnyWeekday)
            return Refused(
                "It limits both the days of the month and the days of the week, and Bitbucket's patterns take one of them",
                "Write * for one of the two.");
        var byShift = Shifted(local, offset);
        if (local.EveryDay)
            return Clock(byShift.SelectMany(group => group.Value)) is var (minutes, hours)
                ? new(local with { Minutes = minutes, Hours = hours })
                : NotOneTable(local, offset);
        if (byShift.Count > 1)
            return Refused(
                "In UTC some of its times fall on another day than the others, so no one pattern says when it runs",
                $"Write two schedules: one with the hours {Hours(byShift.First().Value, offset)}, one with "
                    + $"{Hours(byShift.Last().Value, offset)}.");
        if (Clock(byShift.Single().Value) is not var (utcMinutes, utcHours))
            return NotOneTable(local, offset);
        var shifted = local with { Minutes = utcMinutes, Hours = utcHours };
        return byShift.Single().Key switch
        {
            0 => new(shifted),
            var days => Moved(shifted, days) is { } moved ? new(moved) : Refused(
                $"In UTC it runs on the day {(days < 0 ? "before" : "after")}, and the days that it names can't be expressed in that "
                    + "way in every month",
                "Write it in UTC (zone: UTC), or at a time of day that is the same day there."),
        };
    }

    // The times of a day in UTC, as minutes, by how many days they are off.
    private static SortedDictionary<int, List<int>> Shifted(CronTimes local, Offset offset)
    {
        var byShift = new SortedDictionary<int, List<int>>();
        foreach (var hour in CronField.Members(local.Hours))
        {
            foreach (var minute in CronField.Members(local.Minutes))
            {
                var utc = (hour * 60) + minute - (offset.Seconds / 60);
                var days = utc < 0 ? -1 : utc >= 24 * 60 ? 1 : 0;
                if (!byShift.TryGetValue(days, out var times))
                    byShift[days] = times = [];
                times.Add(utc - (days * 24 * 60));
            }
        }

        return byShift;
    }

    // Minutes and hours whose combinations are exactly these times.
    private static (ulong Minutes, ulong Hours)? Clock(IEnumerable<int> times)
    {
        var all = times.ToHashSet();
        var minutes = all.Aggregate(0UL, (set, time) => set | 1UL << (time % 60));
        var hours = all.Aggregate(0UL, (set, time) => set | 1UL << (time / 60));
        return CronField.Members(minutes).Count() * CronField.Members(hours).Count() == all.Count ? (minutes, hours) : null;
    }

    private static CronTimes? Moved(CronTimes times, int days) => times is { AnyDay: true, AnyMonth: true }
        ? times with { Weekdays = MovedWeekdays(times.Weekdays, days) }
        : MovedDates(times, days);

    private static ulong MovedWeekdays(ulong weekdays, int days) =>
        CronField.Members(weekdays).Aggregate(0UL, (set, day) => set | 1UL << ((day + days + 7) % 7));

    // Days of the week move by themselves, and months only with dates: both together can't be expressed.
    private static CronTimes? MovedDates(CronTimes times, int days)
    {
        if (!times.AnyWeekday)
            return null;
        bool Runs(LocalDate utc) => utc.PlusDays(-days) is var local && Has(times, local);
        var dates = Enumerable.Range(0, AllDays).Select(day => FirstDay.PlusDays(day)).ToList();
        var candidate = times with
        {
            Days = dates.Where(Runs).Aggregate(0UL, (set, date) => set | 1UL << date.Day),
            Months = dates.Where(Runs).Aggregate(0UL, (set, date) => set | 1UL << date.Month),
        };
        return dates.TrueForAll(date => Runs(date) == Has(candidate, date)) ? candidate : null;
    }

    private static bool Has(CronTimes times, LocalDate date) => (times.Days >> date.Day & 1) == 1 && (times.Months >> date.Month & 1) == 1;

    private static UtcTimes NotOneTable(CronTimes local, Offset offset) => Refused(
        $"{local} at UTC{offset} is no set of hours with the same minutes in UTC",
        "Write one schedule for each minute, or choose minutes that fall into the same hour in UTC.");

    private static string Hours(IEnumerable<int> utc, Offset offset) =>
        CronField.Hour.Write(utc.Aggregate(0UL, (set, time) => set | 1UL << ((time + (offset.Seconds / 60) + (24 * 60)) / 60 % 24)));

    private static UtcTimes Refused(string why, string writeInstead) => new(null, why, writeInstead);
}
