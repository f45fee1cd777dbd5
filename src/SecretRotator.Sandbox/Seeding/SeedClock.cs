using SecretRotator.Planning;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>Finds a time at which a run has something to do: as many windows as possible are open, and no freeze holds.</summary>
internal static class SeedClock
{
    private const int Steps = 14 * 24 * 12;

    // Half an hour. A window that closes in the next minute leaves too little time for a run.
    private const int RunSteps = 6;

    private static readonly Duration Step = Duration.FromMinutes(5);

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
            .GroupBy(
                secret => secret.Window is { } w ? $"{string.Join(',', w.Days)} {w.From} {w.To} {w.Zone.Id}" : "", StringComparer.Ordinal)
            .Select(group => (group.First().Window, Count: group.Count()))
            .ToList();
        var openings = windows.Select(window => FreezeCalendar.NextOpening(window.Window, inventory.Freezes, from))
            .OfType<Instant>()
            .ToList();
        if (openings.Count == 0)
            return from;

        var start = openings.Min();
        var open = windows.Select(window => (Grid: OpenSteps(window.Window, inventory.Freezes, start), window.Count)).ToList();
        var (best, bestScore) = (0, (Now: -1, Later: -1));
        for (var step = 0; step < Steps; step++)
        {
            var score = (CountAt(step), CountAt(step + RunSteps));
            if (score.CompareTo(bestScore) > 0)
                (best, bestScore) = (step, score);
        }

        return start + Step * best;

        int CountAt(int step) => open.Where(window => window.Grid[step]).Sum(window => window.Count);
    }

    // One call for each step at which it is open, and one for each time that it is closed: looking at every step takes seconds.
    private static bool[] OpenSteps(RotationWindow? window, ImmutableArray<Freeze> freezes, Instant start)
    {
        var open = new bool[Steps + RunSteps];
        for (var step = 0; step < open.Length;)
        {
            var at = start + Step * step;
            if (FreezeCalendar.NextOpening(window, freezes, at) is not { } next)
                break;
            if (next == at)
                open[step++] = true;
            else
                step += (int)Math.Min(Math.Ceiling((next - at) / Step), open.Length);
        }

        return open;
    }
}
