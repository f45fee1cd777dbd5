using NodaTime.Text;
using SecretRotator.Backends;
using SecretRotator.Bitbucket;

namespace SecretRotator.Planning;

/// <summary>Judges one secret. The questions are in the order in which they are asked; the first answer counts.</summary>
internal sealed class DecisionRules(
    ManagedSecret secret,
    IReadOnlyDictionary<VariableScope, ScopeObservation> scopes,
    PlanRequest request,
    RotationInventory inventory,
    Instant now,
    IReadOnlyDictionary<VariableScope.Repository, RunningObservation> running,
    Slot? old)
{
    /// <summary>How far a vault's clock may run ahead of this machine's before a value's age can't be determined.</summary>
    internal static readonly Duration ClockTolerance = Duration.FromMinutes(5);

    // Then its targets are taken for what they were, and no pipeline for running: the run's limits keep it from being started.
    private bool IsLeftOut => secret.Targets.Any(target => scopes.GetValueOrDefault(target.Scope) is ScopeObservation.LeftOut);

    /// <summary>What is to be done, and why.</summary>
    public Decision Of(SecretObservation observed)
    {
        if (observed is not SecretObservation.Described described)
            return Undescribed((SecretObservation.Undescribed)observed);
        var description = described.Description;
        return AScopeIsUnseen()
            ?? AnotherHandIsInIt(description.Foreign)
            ?? ARotationStandsOpen(description.Open, described.HolderState)
            ?? ATargetIsNotReady(description.Delivering)
            ?? ItWasNeverDelivered(description.Delivered, description.Delivering)
            ?? AnotherVersionIsCurrent(description.Delivered!, description.Current, description.Delivering)
            ?? TheClockIsWrong(description.Delivered!)
            ?? ItCantBeForced()
            ?? ItIsForced(description.Delivered!)
            ?? ItMayRotateNow(description.Delivered!, description)
            ?? TheTargetsChanged(description.Delivered!, description.Delivering)
            ?? TheGraceIsOver(description.Grace)
            ?? ItIsForcedTooSoon(description.Delivered!)
            ?? ByAge(description.Delivered!, description);
    }

    private static Decision.Blocked Undescribed(SecretObservation.Undescribed seen) => new(
        seen.Failure.After("The vault did not describe it.")
            .OrHint("Fix the access to the vault, or correct the secret's path in the inventory, and plan again."));

    private Decision.Blocked? AScopeIsUnseen()
    {
        foreach (var scope in secret.Targets.Select(t => t.Scope).Distinct())
        {
            if (scopes.GetValueOrDefault(scope) is ScopeObservation.Listed or ScopeObservation.LeftOut)
                continue;
            var failure = (scopes.GetValueOrDefault(scope) as ScopeObservation.Unlisted)?.Failure
                ?? new Failure(FailureKind.NotObserved, "They were not observed.");
            return new(failure
                .After($"The {scope.Contents} of {scope} could not be listed.")
                .OrHint($"Check that {scope} exists and that the Bitbucket credential may read its {scope.Contents}, and plan again."));
        }

        return null;
    }

    private Decision.Blocked? AnotherHandIsInIt(ForeignRotation foreign) => (foreign, secret.Value) switch
    {
        (ForeignRotation.ByService by, _) => new(
            FailureKind.ManagedElsewhere,
            $"The service {by.Service} owns this secret and rotates it.",
            "Take it out of the inventory: a value that another service manages must not be changed here."),
        (ForeignRotation.Pending pending, _) => new(
            FailureKind.ManagedElsewhere,
            $"Someone else's rotation is open: version {pending.Version} is staged.",
            "Let it end, or cancel it in the vault if it failed; then plan again."),
        (ForeignRotation.ByVault, not ValuePolicy.VaultManaged) => new(
            FailureKind.PolicyMismatch,
            "The vault rotates it with its own function, but the inventory says that this tool makes the value.",
            "Write `value: { kind: vault-managed }`, or switch the vault's rotation off."),
        (not ForeignRotation.ByVault, ValuePolicy.VaultManaged) => new(
            FailureKind.PolicyMismatch,
            "The inventory says that the vault rotates it, but the vault has no rotation for it.",
            "Set the vault's rotation up, or write the kind of value that this tool should make."),
        _ => null,
    };

    private Decision? ARotationStandsOpen(OpenRotation? open, HolderState holder)
    {
        if (open is null)
            return null;
        if (holder == HolderState.Ended)
            return new Decision.Unfinished(open, $"Its holder has ended: {open.Holder}.");
        // The operator who names it has looked: a step that hangs, or that was killed while its pipeline goes on, counts as running for
        // long.
        if (request.TakeOver.Contains(secret.Name))
            return new Decision.Unfinished(
                open, "The operator takes it over from "
                    + $"{open.Holder}{(holder == HolderState.Running ? ", which is said to be running" : "")}.");
        if (holder == HolderState.Running)
        {
            return new Decision.Blocked(
                FailureKind.ClaimHeld,
                $"{open.Holder} has been rotating it since {Text(open.StartedAt)}.",
                "Wait until it ends, or stop it there; then plan again.");
        }

        // Added to the start, not subtracted from now: a start in the future then counts as held, as it must.
        var until = open.StartedAt + inventory.Limits.ClaimLimit;
        return now >= until
            ? new Decision.Unfinished(open, $"The claim of {open.Holder} ran out on {Text(until)}.")
            : new Decision.Blocked(
                FailureKind.ClaimHeld,
                $"{open.Holder} has claimed it since {Text(open.StartedAt)}, and whether that is still running can't be determined.",
                $"Wait until {Text(until)}, or make sure that it has ended and run `rotate --take-over {secret.Name}`.");
    }

    private Decision.Blocked? ATargetIsNotReady(DeliveringMark? delivering)
    {
        if (IsLeftOut)
            return null;
        foreach (var target in secret.Targets)
        {
            var found = Found(target);
            if (found.Length > 1)
            {
                return new(
                    FailureKind.TargetAmbiguous,
                    $"{target.Scope} has {found.Length} variables that Bitbucket takes for the same key: "
                        + $"{string.Join(", ", found.Select(v => v.Key))}.",
                    "Delete the ones that aren't meant: which of them a pipeline sees is left to chance.");
            }

            if (found.Length == 0 && !target.MayCreate && delivering?.Deletes(target) != true)
            {
                return new(
                    FailureKind.TargetMissing,
                    $"The target {target} doesn't exist.",
                    target.Scope is VariableScope.SshKeyPair
                        ? "Create it in the repository's settings under Pipelines, or write `create: true` at the target."
                        : "Create it in Bitbucket as a secured variable, or write `create: true` at the target.");
            }

            if (found.Length == 1 && !found[0].Secured)
            {
                return new(
                    FailureKind.TargetUnsecured,
                    $"The target {target} is not secured: its value can be read in Bitbucket.",
                    "Delete it and create it anew as a secured variable; its value was open, so rotate the secret afterwards.");
            }
        }

        return null;
    }

    // The run that began to deliver it had the operator's permission.
    private Decision? ItWasNeverDelivered(DeliveryMark? delivered, DeliveringMark? delivering) => (delivered, delivering) switch
    {
        (not null, _) => null,
        (null, null) => new Decision.Adopt(request.Adopt),
        _ => WasCutShort(delivering),
    };

    // Its age isn't known: the delivered value's age would be taken for it. So nothing that depends on age comes first.
    private Decision.Redeliver? AnotherVersionIsCurrent(DeliveryMark delivered, VersionId current, DeliveringMark? delivering) =>
        delivered.Version == current ? null : new(string.Join(
            ' ',
            [
                $"The vault's current version {current} isn't the delivered one, {delivered.Version}: it was changed elsewhere.",
                .. Missing(delivering),
            ]));

    private Decision.Blocked? TheClockIsWrong(DeliveryMark delivered) => delivered.ValueSince <= now + ClockTolerance
        ? null
        : new(
            FailureKind.UnknownAge,
            $"Its value dates from {Text(delivered.ValueSince)}, which is in the future: here it is {Text(now)}.",
            "Set this machine's clock right, and plan again.");

    private Decision.Blocked? ItCantBeForced() => secret.Value is ValuePolicy.External external && request.Force.Contains(secret.Name)
        ? new(FailureKind.Unsupported, "No program can make its value, so it can't be forced.", external.Instructions)
        : null;

    private Decision.Forced? ItIsForced(DeliveryMark delivered) =>
        request.Force.Contains(secret.Name) && now >= Earliest(delivered)
            ? new(request.ForcedBy, request.ForceReason)
            : null;

    private Decision.Waiting? ItIsForcedTooSoon(DeliveryMark delivered) => request.Force.Contains(secret.Name)
        ? new(
            $"Forced, but its value dates from {Text(delivered.ValueSince)} and was delivered {Text(delivered.DeliveredAt)}: the "
                + "minimum interval hasn't passed.",
            Earliest(delivered))
        : null;

    // Asked before the targets: a rotation writes to every one of them anyway, and so fixes them on the way.
    private Decision.Due? ItMayRotateNow(DeliveryMark delivered, SecretDescription description) =>
        ByAge(delivered, description) as Decision.Due;

    // Asked after everything that shows a target which may hold something else than the current version.
    private Decision? TheGraceIsOver(GraceMark? grace) => InFlight(grace).Grace is { OverBecause: { } why } over
        ? over.StillUsed as Decision ?? new Decision.Retire(over.Version, why)
        : null;

    private Decision.Redeliver WasCutShort(DeliveringMark delivering) =>
        new(string.Join(' ', [$"A delivery that began {Text(delivering.At)} was not finished.", .. Missing(delivering)]));

    private IEnumerable<string> Missing(DeliveringMark? delivering) =>
        delivering?.Missing(secret, scopes) is { IsEmpty: false } deleted
        ? [$"Missing now, because a run deleted them to create them anew: {string.Join(", ", deleted)}."]
        : [];

    private Decision.Redeliver? TheTargetsChanged(DeliveryMark delivered, DeliveringMark? delivering)
    {
        if (delivering is not null)
            return WasCutShort(delivering);
        if (IsLeftOut)
            return null;
        var missing = secret.Targets.Where(t => Found(t).IsEmpty).ToList();
        if (missing.Count > 0)
            return new($"Missing, and to be created: {string.Join(", ", missing)}.");
        return delivered.TargetsDigest == TargetsDigest.Of(secret, scopes)
            ? null
            : new("Its targets are not the ones that were delivered to: one was added, removed, renamed or created anew.");
    }

    private Decision ByAge(DeliveryMark delivered, SecretDescription description)
    {
        var due = Freshness.DueAt(secret, delivered.ValueSince, inventory.Limits);
        if (now < due)
            return new Decision.NotDue(due);
        if (PlanWarnings.Reminder(secret, now) is { } reminder)
            return new Decision.Waiting(reminder, Until: null);
        if (Hold.Of(secret, description.Hold, now) is { } hold)
            return new Decision.Waiting(
                $"Due since {Text(due)}, but {(hold.ByRollback ? "a rollback holds it" : "its entry in the inventory holds it")}: "
                    + $"{hold.Reason}", Opening(hold.Until));
        if (FreezeCalendar.FreezeAt(inventory.Freezes, now) is { } freeze)
            return new Decision.Waiting($"Due since {Text(due)}, but in a freeze: {freeze.Reason}.", Opening(now));
        if (secret.Window is not null && !WindowCalendar.Contains(secret.Window, now))
            return new Decision.Waiting($"Due since {Text(due)}, but outside its window.", Opening(now));
        if (now < Earliest(delivered))
            return new Decision.Waiting(
                $"Due since {Text(due)}, but it was delivered {Text(delivered.DeliveredAt)}: the minimum interval hasn't passed.",
                Earliest(delivered));
        return JobsAreInFlight(due, description.Grace) ?? new Decision.Due(due);
    }

    private Decision? JobsAreInFlight(Instant due, GraceMark? grace)
    {
        var inFlight = InFlight(grace);
        if (inFlight.Grace is { OverBecause: null, IsDisabled: false } lasting)
            return new Decision.Waiting(
                $"Due since {Text(due)}, but the version before, {lasting.Version}, is still in its grace.", lasting.Until);
        if (inFlight.Grace?.StillUsed is { } used)
            return used;
        if (secret.Wait is not { } wait || now >= due + wait.Limit || IsLeftOut)
            return null;
        if (inFlight.Running is not { } pipelines)
        {
            return new Decision.Blocked((inFlight.Unknown ?? new Failure(FailureKind.NotObserved, "What runs was not observed."))
                .After("It waits for idle pipelines.")
                .OrHint("Check that the Bitbucket credential may read pipelines (scope pipeline), and run again; or rotate it with "
                + "--force."));
        }

        return pipelines.IsEmpty
            ? null
            : new Decision.Waiting(
                $"Due since {Text(due)}, but pipelines run: {JobsInFlight.Name(pipelines)}. It rotates from {Text(due + wait.Limit)} on "
                    + "even if they still run.", Until: null);
    }

    private JobsInFlight InFlight(GraceMark? grace) =>
        secret is { Wait: null, Grace: null } ? JobsInFlight.None : JobsInFlight.Of(secret, grace, running, inventory, now, old);

    // A request of the last delivery that got no answer may still land: it must not meet another value.
    private Instant Earliest(DeliveryMark delivered) =>
        Instant.Max(delivered.ValueSince, delivered.DeliveredAt) + inventory.Limits.MinimumInterval;

    private Instant? Opening(Instant from) => FreezeCalendar.NextOpening(secret.Window, inventory.Freezes, from);

    private ImmutableArray<ObservedVariable> Found(
        VariableTarget target) => scopes.GetValueOrDefault(target.Scope) is ScopeObservation.Listed listed
        ? listed.FindAll(target.Variable)
        : [];

    private static string Text(Instant instant) => InstantPattern.General.Format(instant);
}
