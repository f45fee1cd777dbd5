namespace SecretRotator.Planning;

/// <summary>Determines when a freeze holds, and when a secret may rotate again.</summary>
/// <remarks>A freeze's local times are read as those of a window: from the first occurrence of its beginning to the last one of its
/// end.</remarks>
public static class FreezeCalendar
{
    /// <summary>The freeze that holds at an instant, the one that ends last where there are several; null where none does.</summary>
    public static Freeze? FreezeAt(ImmutableArray<Freeze> freezes, Instant instant) =>
        freezes.Where(f => Covers(f, instant)).MaxBy(f => Bounds(f)!.Value.End);

    /// <summary>The first instant at or after <paramref name="from"/> that lies in the window and in no freeze; null where there is
    /// none.</summary>
    /// <param name="window">The window, or null for any time.</param>
    /// <param name="freezes">The freezes.</param>
    /// <param name="from">Where to begin.</param>
    public static Instant? NextOpening(RotationWindow? window, ImmutableArray<Freeze> freezes, Instant from)
    {
        var at = from;
        while (true)
        {
            if (FreezeAt(freezes, at) is { } freeze)
                at = Bounds(freeze)!.Value.End;
            else if (window is null)
                return at;
            else if (WindowCalendar.NextOpening(window, at) is not { } opening)
                return null;
            else if (opening == at)
                return at;
            else
                at = opening;
        }
    }

    private static bool Covers(Freeze freeze, Instant instant) => Bounds(freeze) is var (start, end) && start <= instant && instant < end;

    private static (Instant Start, Instant End)? Bounds(Freeze freeze) => WindowCalendar.Between(freeze.From, freeze.To, freeze.Zone);
}
