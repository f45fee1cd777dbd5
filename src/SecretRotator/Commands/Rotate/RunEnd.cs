using NodaTime.Text;

namespace SecretRotator.Commands;

/// <summary>Reads until when a run goes on.</summary>
internal static class RunEnd
{
    private static readonly LocalTimePattern TimeOfDay = LocalTimePattern.CreateWithInvariantCulture("HH:mm");

    /// <summary>The instant that a text means: the next such local time in the zone of the inventory's windows and freezes, which is UTC
    /// where it has none; or an ISO 8601 instant with its zone.</summary>
    /// <exception cref="UsageException">It is neither, it is over, or the inventory has several zones.</exception>
    public static Instant Read(string text, RotationInventory inventory, Instant now)
    {
        if (TimeOfDay.Parse(text) is { Success: true, Value: var time })
            return Next(time, ZoneOf(inventory), now);
        if (SharedOptions.InstantOf(text) is not { } instant)
            throw new UsageException(
                $"--until takes a time or an instant, not {text}.",
                "Write it such as 05:00, or with its date and zone: 2026-12-01T05:00:00+01:00.");
        return instant > now
            ? instant
            : throw new UsageException(
                $"--until {text} is over: it is {InstantPattern.General.Format(now)}.", "Give a time that is to come.");
    }

    private static Instant Next(LocalTime time, DateTimeZone zone, Instant now)
    {
        var today = now.InZone(zone).Date;
        var instant = zone.AtLeniently(today + time).ToInstant();
        return instant > now ? instant : zone.AtLeniently(today.PlusDays(1) + time).ToInstant();
    }

    private static DateTimeZone ZoneOf(RotationInventory inventory)
    {
        var zones = inventory.Secrets.Select(secret => secret.Window?.Zone).Concat(inventory.Freezes.Select(freeze => freeze.Zone))
            .OfType<DateTimeZone>().DistinctBy(zone => zone.Id, StringComparer.Ordinal)
            .OrderBy(zone => zone.Id, StringComparer.Ordinal).ToList();
        return zones.Count <= 1
            ? zones.FirstOrDefault(DateTimeZone.Utc)
            : throw new UsageException(
                $"--until needs a zone: the inventory has several, {string.Join(", ", zones)}.",
                "Write an instant, such as 2026-12-01T05:00:00+01:00.");
    }
}
