using System.Diagnostics;

namespace SecretRotator.Audit;

/// <summary>How one secret is doing, as a plan and the last run that changed it show.</summary>
/// <param name="Item">What a run would do with it now.</param>
/// <param name="State">Its state.</param>
/// <param name="Freshness">Whether it is as fresh as its policy wants.</param>
/// <param name="DueAt">When it becomes or became due, or null where that can't be determined.</param>
public sealed record SecretStatus(PlanItem Item, AuditState State, AgeVerdict Freshness, Instant? DueAt)
{
    /// <summary>Whether another run works on it, or may still do so.</summary>
    public bool IsClaimed => Item.Decision is Decision.Blocked { Failure.Kind: FailureKind.ClaimHeld };

    /// <summary>Determines it.</summary>
    /// <param name="item">What was planned.</param>
    /// <param name="last">What the last run did that changed it, or tried to; null where that isn't known.</param>
    /// <param name="limits">The inventory's limits.</param>
    /// <param name="now">The time of the plan.</param>
    internal static SecretStatus Of(PlanItem item, PastEvent? last, RunLimits limits, Instant now)
    {
        var due = item.ValueSince is { } since ? Planning.Freshness.DueAt(item.Secret, since, limits) : (Instant?)null;
        // Whoever is reminded of an end isn't late yet.
        var end = item.Secret.Value is ValuePolicy.External { EndsAt: { } known } ? known : due;
        return new(
            item,
            StateOf(item, last, isDue: due <= now),
            due is null ? AgeVerdict.Unknown : end <= now ? AgeVerdict.Overdue : AgeVerdict.WithinPolicy,
            due);
    }

    private static AuditState StateOf(PlanItem item, PastEvent? last, bool isDue) => item.Decision switch
    {
        Decision.NotDue or Decision.Retire => AuditState.Fresh,
        // Only the end of the old credential waits.
        Decision.Waiting when item.InFlight?.Grace?.StillUsed is not null && !isDue => AuditState.Fresh,
        _ when last is { Succeeded: false } => AuditState.Failed,
        Decision.Blocked => AuditState.Blocked,
        Decision.Unfinished => AuditState.Unfinished,
        Decision.Adopt => AuditState.NotAdopted,
        Decision.Redeliver => AuditState.OutOfStep,
        Decision.Due or Decision.Forced => AuditState.Due,
        Decision.Waiting => AuditState.Waiting,
        _ => throw new UnreachableException("A new decision needs a state."),
    };
}
