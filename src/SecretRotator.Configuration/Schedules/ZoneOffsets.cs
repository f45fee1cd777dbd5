namespace SecretRotator.Configuration.Schedules;

/// <summary>Turns times in a zone into the one pattern in UTC that says the same all year, or says why there is none and what to
/// do.</summary>
internal static class ZoneOffsets
{
    // Far enough to meet every rule of a zone, near enough not to judge by plans that may change.
    private static readonly Duration Horizon = Duration.FromDays(5 * 366);

    /// <summary>The offsets that a zone will have in the next five years, in the order in which they come; offsets count in whole
    /// minutes.</summary>
    public static ImmutableArray<Offset> Of(DateTimeZone zone, Instant now) =>
        [.. zone.GetZoneIntervals(new Interval(now, now + Horizon)).Select(interval => interval.WallOffset).Distinct()];

    /// <summary>The times in UTC.</summary>
    /// <param name="local">The times as the file has them.</param>
    /// <param name="zone">The zone that they are in.</param>
    /// <param name="now">From when on it must hold.</param>
    public static UtcTimes InUtc(CronTimes local, DateTimeZone zone, Instant now)
    {
        var offsets = Of(zone, now);
        var all = offsets.Select(offset => UtcTimes.Of(local, offset)).ToList();
        if (all.TrueForAll(each => each.Times is not null && each.Times == all[0].Times))
            return all[0];
        if (offsets.Length == 1 || (!local.AnyDay && !local.AnyWeekday))
            return all[0];
        var ways = string.Join(
            ", ", offsets.Zip(
                all, (offset, utc) => $"{(utc.Times is { } times ? $"\"{times}\"" : "more than one schedule")} at UTC{offset}"));
        return new(
            null,
            $"The clocks of {zone.Id} change (UTC{string.Join(" and UTC", offsets)}), and Bitbucket's schedules run by UTC all year: "
                + $"\"{local}\" would be {ways}",
            "Choose: write \"zone: UTC\" with a time that suits both; or a zone without daylight saving time, such as Etc/GMT-1 (which "
                + "is UTC+01); "
            + "or a cron expression that doesn't depend on the hour, such as \"15 * * * *\", and let the windows in rotation.yaml, which "
            + "follow the clocks, decide when secrets rotate.");
    }
}
