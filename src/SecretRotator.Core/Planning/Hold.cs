namespace SecretRotator.Planning;

/// <summary>Why a secret gets no new value for a while. An open rotation is still finished, and an undelivered value is still
/// delivered.</summary>
/// <param name="Until">The first instant at which it may rotate again.</param>
/// <param name="Reason">Why, in the words of the person who holds it.</param>
/// <param name="ByRollback">Whether a rollback holds it, by its mark in the vault; else the inventory does.</param>
public sealed record Hold(Instant Until, string Reason, bool ByRollback)
{
    /// <summary>How long a rollback holds a secret that has no window, by default.</summary>
    public static Duration UsualLength { get; } = Duration.FromDays(7);

    /// <summary>The longest hold that a rollback takes.</summary>
    public static Duration Longest { get; } = Duration.FromDays(366);

    /// <summary>The hold in force; of two the one that ends last. Null where none is.</summary>
    /// <param name="secret">The secret, whose entry may hold it.</param>
    /// <param name="mark">What a rollback left in the vault, or null.</param>
    /// <param name="now">The time.</param>
    public static Hold? Of(ManagedSecret secret, HoldMark? mark, Instant now)
    {
        var policy = secret.Hold is { } written ? new Hold(written.Until, written.Reason, ByRollback: false) : null;
        var rollback = mark is null ? null : new Hold(mark.Until, mark.Reason, ByRollback: true);
        var last = policy is not null && (rollback is null || policy.Until >= rollback.Until) ? policy : rollback;
        return last is { } hold && now < hold.Until ? hold : null;
    }

    /// <summary>
    /// Until when a rollback holds a secret by default: until its window opens the next time, so that no run of the
    /// window that is open now undoes it; without a window for <see cref="UsualLength"/>.
    /// </summary>
    internal static Instant UsualEnd(ManagedSecret secret, ImmutableArray<Freeze> freezes, Instant now) =>
        secret.Window is { } window && WindowCalendar.NextOpeningAfter(window, now) is { } opening
            ? FreezeCalendar.NextOpening(window, freezes, opening) ?? opening
            : now + UsualLength;
}
