using SecretRotator.Rotation;

namespace SecretRotator;

/// <summary>How a run ended.</summary>
/// <param name="Plan">What was planned.</param>
/// <param name="Results">One for every item of the plan, in its order.</param>
/// <param name="Cancelled">Whether the run was stopped from outside before it had done everything that the plan started.</param>
public sealed record RunResult(RotationPlan Plan, ImmutableArray<SecretResult> Results, bool Cancelled)
{
    /// <summary>Why some evidence could not be written, or null. What was begun by then was undone or finished.</summary>
    public string? LostEvidence { get; init; }

    /// <summary>The hold that a rollback left on its secret; null for every other run, and where nothing was rolled back.</summary>
    public Hold? Held { get; init; }

    /// <summary>Whether no one said how long.</summary>
    public bool IsHeldAsUsual { get; init; }

    /// <summary>Whether a service had too many calls (429), and nothing came of this run: an hour later it would be the same.</summary>
    internal bool WasRefusedCalls =>
        Results.Any(each => each.Outcome is RotationOutcome.Untouched
        {
            Decision: Decision.Blocked { Failure.Kind: FailureKind.Throttled },
        })
        && !Results.Any(each => each.Outcome is RotationOutcome.Rotated or RotationOutcome.Redelivered or RotationOutcome.Adopted);

    /// <summary>What a run that goes on asks for next; null where it ends here: nothing waits for a next run, or too much failed.</summary>
    internal PlanRequest? RestOf(PlanRequest request, RunLimits limits)
    {
        var left = Results.Where(each => each.IsForNextRun).Select(each => each.Item.Secret.Name)
            .ToImmutableSortedSet(StringComparer.Ordinal);
        return left.IsEmpty || request.Until is null || LostEvidence is not null || Cancelled
            || Results.Count(each => each.Outcome.IsFailed) >= limits.FailuresBeforeStop
            ? null
            : request with { Only = left, Force = request.Force.Intersect(left), TakeOver = request.TakeOver.Intersect(left) };
    }

    /// <summary>This run, and what it did an hour later.</summary>
    internal RunResult Then(RunResult later)
    {
        var results = later.Results.ToDictionary(each => each.Item.Secret.Name, StringComparer.Ordinal);
        ImmutableArray<SecretResult> all = [.. Results.Select(each => results.GetValueOrDefault(each.Item.Secret.Name, each))];
        return later with
        {
            Plan = Plan with
            {
                Items = [.. all.Select(each => each.Item)],
                ObservationCost = Plan.ObservationCost + later.Plan.ObservationCost,
                ActionCost = Plan.ActionCost + later.Plan.ActionCost,
                Backlog = later.Plan.Backlog,
            },
            Results = all,
        };
    }
}

/// <summary>How it ended for one secret.</summary>
/// <param name="Item">What was planned.</param>
/// <param name="Outcome">How it ended.</param>
public sealed record SecretResult(PlanItem Item, RotationOutcome Outcome)
{
    internal bool IsForNextRun => Outcome is RotationOutcome.Untouched { Decision: Decision.Waiting { IsForNextRun: true } };
}

/// <summary>Something that a reviewed plan rests on has changed since. Nothing was done.</summary>
public sealed class PlanChangedException : Exception
{
    /// <summary>Names both plans.</summary>
    /// <param name="reviewed">The digest of the reviewed plan.</param>
    /// <param name="now">The digest of the plan as it would be now.</param>
    public PlanChangedException(string reviewed, string now)
        : base($"The plan changed since it was reviewed: {Short(reviewed)} then, {Short(now)} now. Nothing was done. Make and review a "
            + "new plan.")
    {
    }

    private PlanChangedException(PlanChangedException changed, ImmutableArray<string> changes)
        : base(changed.Message, changed) => Changes = changes;

    /// <summary>What the plan rests on now; null where that isn't known.</summary>
    public PlanParts? Now { get; init; }

    /// <summary>What changed, for people; empty where that can't be determined.</summary>
    public ImmutableArray<string> Changes { get; } = [];

    /// <summary>The same, where it is known what the reviewed plan rested on.</summary>
    public PlanChangedException Since(PlanParts reviewed) => Now is null ? this : new(this, Now.ChangedSince(reviewed));

    private static string Short(string digest) => digest.Length > 12 ? digest[..12] : digest;
}
