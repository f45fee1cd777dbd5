using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Planning;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>Finds a time at which a rehearsal has something to do: as many windows as possible are open, and no freeze holds.</summary>
internal static class SeedClock
{
    private static readonly Duration Step = Duration.FromMinutes(5);
    private static readonly Duration Horizon = Duration.FromDays(14);

    // A window that closes in the next minute is not much of a rehearsal.
    private static readonly Duration Rehearsal = Duration.FromMinutes(30);

    /// <summary>How many of the inventory's secrets may rotate at an instant.</summary>
    public static int CountOpen(RotationInventory inventory, Instant at) =>
        FreezeCalendar.FreezeAt(inventory.Freezes, at) is null
            ? inventory.Secrets.Count(secret => secret.Window is null || WindowCalendar.Contains(secret.Window, at))
            : 0;

    /// <summary>
    /// The first instant at or after <paramref name="from"/> at which the most secrets may rotate, and of those the
    /// first at which the most still may half an hour later. It looks at every fifth minute of the fortnight that
    /// begins with the first opening.
    /// </summary>
    public static Instant BestFrom(RotationInventory inventory, Instant from)
    {
        var windows = inventory.Secrets
            .GroupBy(secret => secret.Window is { } w ? $"{string.Join(',', w.Days)} {w.From} {w.To} {w.Zone.Id}" : "", StringComparer.Ordinal)
            .Select(group => (group.First().Window, Count: group.Count()))
            .ToList();
        var openings = windows.Select(window => FreezeCalendar.NextOpening(window.Window, inventory.Freezes, from)).OfType<Instant>().ToList();
        if (openings.Count == 0)
            return from;

        var (best, bestScore) = (from, (Now: -1, Later: -1));
        var all = inventory.Secrets.Length;
        for (var (at, end) = (openings.Min(), openings.Min() + Horizon); at < end && bestScore != (all, all); at += Step)
        {
            var score = (Count(at), Count(at + Rehearsal));
            if (score.CompareTo(bestScore) > 0)
                (best, bestScore) = (at, score);
        }

        return best;

        int Count(Instant at) => FreezeCalendar.FreezeAt(inventory.Freezes, at) is null
            ? windows.Where(window => window.Window is null || WindowCalendar.Contains(window.Window, at)).Sum(window => window.Count)
            : 0;
    }
}
