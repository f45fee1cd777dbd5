using SecretRotator.Audit;
using SecretRotator.Rotation;

namespace SecretRotator.Notifications;

/// <summary>Says what happened in a run that someone must hear of. Pure: it keeps no state, see
/// <c>docs/decisions/0055-what-recovered-rests-on.md</c>.</summary>
/// <param name="limits">The inventory's limits, which say when a secret is due.</param>
/// <param name="credential">When the Bitbucket credential ends, or null where that isn't told.</param>
public sealed class NotificationRules(RunLimits limits, CredentialEnd? credential)
{
    /// <summary>How long a secret may be due before that is worth a message: a nightly run has had its turn by then.</summary>
    public static Duration OverdueAfter { get; } = Duration.FromDays(1);

    /// <summary>How far back a failure is looked for that a success ends.</summary>
    public static Duration LooksBack { get; } = Duration.FromDays(7);

    /// <summary>What happened in a run.</summary>
    /// <param name="result">How it ended.</param>
    /// <param name="past">What evidence says about earlier runs.</param>
    public ImmutableArray<NotificationEntry> OfRun(RunResult result, PastRuns past)
    {
        var now = result.Plan.PlannedAt;
        var entries = Of(result.Results, now).Concat(result.Results.Where(each => HasRecovered(each, past.Of(each.Item.Secret.Name).Newest))
            .Select(each => About(NotificationEvent.Recovered, each.Item.Secret)));
        if (result.LostEvidence is not null)
            entries = entries.Append(new(NotificationEvent.Failed, null, null, FailureKind.EvidenceLost));
        if (past.Runs.LastOrDefault(run => run.StartedAt < now && !(run.EndedAt > now)) is { Stopped: not null })
            entries = entries.Append(new(NotificationEvent.Recovered, null, null, null));
        return Sorted(entries);

        bool HasRecovered(SecretResult each, ImmutableArray<PastEvent> events) => IsSuccess(each.Outcome)
            && (each.Item.Decision is Decision.Unfinished || events.FirstOrDefault(happened => happened.At < now) is { Succeeded: false });
    }

    /// <summary>What is known of a run before it begins: what it will not start.</summary>
    public ImmutableArray<NotificationEntry> OfPlan(RotationPlan plan) => Sorted(Of(
        plan.Items.Where(item => !item.Decision.IsStarted)
            .Select(item => new SecretResult(item, new RotationOutcome.Untouched(item.Decision))),
        plan.PlannedAt));

    /// <summary>What happened where something stopped the run as a whole.</summary>
    public static ImmutableArray<NotificationEntry> OfStopped(Failure cause) =>
        cause.Kind == FailureKind.Cancelled ? [] : [new(NotificationEvent.Failed, null, null, cause.Kind)];

    private IEnumerable<NotificationEntry> Of(IEnumerable<SecretResult> results, Instant now)
    {
        foreach (var (item, outcome) in results)
        {
            if (Trouble(outcome) is var (what, kind))
                yield return About(what, item.Secret, kind);
            if (Ends(item.Secret, now))
                yield return About(NotificationEvent.CredentialEnds, item.Secret);
            else if (!IsSuccess(outcome) && IsOverdue(item, now))
                yield return About(NotificationEvent.Overdue, item.Secret);
        }

        if (credential is not null && (credential.IsNear(now) || credential.HasPassed(now)))
            yield return new(NotificationEvent.CredentialEnds, null, null, null);
    }

    private static (NotificationEvent What, FailureKind Kind)? Trouble(RotationOutcome outcome) => outcome switch
    {
        RotationOutcome.RolledBack { Cancelled: false, Cause: var cause } => (NotificationEvent.Failed, cause.Kind),
        RotationOutcome.NeedsOperator { Cause: var cause } => (NotificationEvent.NeedsOperator, cause.Kind),
        RotationOutcome.Untouched { Decision: Decision.Blocked { Failure: var failure } } => (NotificationEvent.Blocked, failure.Kind),
        RotationOutcome.Untouched { Decision: Decision.Adopt { Approved: false } } =>
            (NotificationEvent.Blocked, FailureKind.NeverDelivered),
        _ => null,
    };

    private static bool IsSuccess(RotationOutcome outcome) =>
        outcome is RotationOutcome.Rotated or RotationOutcome.Redelivered or RotationOutcome.Adopted or RotationOutcome.Retired;

    private static bool Ends(ManagedSecret secret, Instant now) =>
        secret.Value is ValuePolicy.External { EndsAt: { } end, Notice: var notice } && end - notice <= now;

    // A wait that has an end, such as that for a window or for the end of a freeze, is what the inventory asks for.
    private bool IsOverdue(PlanItem item, Instant now) =>
        item is { ValueSince: { } since, Decision: not Decision.Waiting { Until: not null } }
        && Freshness.DueAt(item.Secret, since, limits) + Duration.Max(OverdueAfter, item.Secret.Wait?.Limit ?? Duration.Zero) <= now;

    private static NotificationEntry About(NotificationEvent what, ManagedSecret secret, FailureKind? failure = null) =>
        new(what, secret.Name, secret.Owner, failure);

    private static ImmutableArray<NotificationEntry> Sorted(IEnumerable<NotificationEntry> entries) =>
        [.. entries.OrderBy(entry => entry.Event)];
}
