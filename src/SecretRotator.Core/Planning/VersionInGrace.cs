using SecretRotator.Backends;
using SecretRotator.Bitbucket;

namespace SecretRotator.Planning;

/// <summary>An old version that a later run retires.</summary>
/// <param name="Version">The version.</param>
/// <param name="Since">When the version after it was delivered everywhere.</param>
/// <param name="Until">When its grace is over at the latest.</param>
/// <param name="Users">The pipelines that may hold it still; empty where that doesn't matter or isn't known.</param>
/// <param name="OverBecause">Why its grace is over, or null while it lasts.</param>
public sealed record VersionInGrace(
    VersionId Version, Instant Since, Instant Until, ImmutableArray<RunningPipeline> Users, string? OverBecause)
{
    /// <summary>Whether its credential is disabled where it was accepted, and only kept for a rollback. A rotation needn't wait for
    /// it.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>Why it isn't retired though its grace is over: someone used its credential. Null where no one did, or that wasn't
    /// seen.</summary>
    public Decision.Waiting? StillUsed { get; init; }

    /// <summary>Whether someone used an old credential after the new one was delivered. Pipelines that held it use it until they end;
    /// after the grace's limit it is someone whom the inventory doesn't know.</summary>
    internal static Decision.Waiting? FindUse(GracePolicy? policy, GraceMark mark, Slot old, Instant now)
    {
        var limit = mark.Since + (policy?.Longest ?? Duration.Zero);
        var isOver = now >= limit;
        if (old is not { Enabled: true, UsedAt: { } used } || used <= (isOver ? limit : mark.Since))
            return null;
        var what = $"The old credential {old.Id} was used at {used}{(old.UsedFor is { } how ? $" ({how})" : "")}";
        return isOver
            ? new Decision.Waiting($"{what}, after its grace: someone uses it whom the inventory doesn't know.", Until: null)
            : new Decision.Waiting($"{what}, after the new one was delivered: it is disabled when the grace reaches its limit.", limit);
    }

    /// <summary>What a policy says of an old version.</summary>
    internal static VersionInGrace Of(GracePolicy policy, GraceMark mark, Duration deleteAfter, JobsInFlight seen, Instant now)
    {
        if (mark.DisabledAt is { } disabled)
        {
            var end = disabled + deleteAfter;
            return new VersionInGrace(
                mark.Version, mark.Since, end, [], now >= end ? "Its credential has been disabled long enough to be deleted." : null)
            {
                IsDisabled = true,
            };
        }

        var until = mark.Since + policy.Longest;
        // Bitbucket's clock may be behind this machine's. One more pipeline to wait for does no harm.
        ImmutableArray<RunningPipeline>? users = policy is GracePolicy.UntilPipelinesFinish && seen.Running is { } running
            ? [.. running.Where(p => p.CreatedAt < mark.Since + DecisionRules.ClockTolerance)]
            : null;
        var over = (policy, users) switch
        {
            (GracePolicy.UntilPipelinesFinish, { IsEmpty: true }) => "The pipelines that may have held it have finished.",
            (GracePolicy.UntilPipelinesFinish, { IsEmpty: false } still) when now >= until =>
                $"Its grace has reached its limit, though it may still be held by {JobsInFlight.Name(still)}.",
            (GracePolicy.UntilPipelinesFinish, null) when now >= until => "Its grace has reached its limit.",
            (GracePolicy.Lasting, _) when now >= until => "Its grace has passed.",
            _ => null,
        };
        return new VersionInGrace(mark.Version, mark.Since, until, users ?? [], over);
    }
}
