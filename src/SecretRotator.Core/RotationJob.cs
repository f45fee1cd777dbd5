using System.Collections.Concurrent;
using SecretRotator.Attestations;
using SecretRotator.Backends;
using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator;

/// <summary>
/// The main job. START HERE: it observes, plans, and rotates each secret that the plan starts, a few at a time.
/// What happens to one secret is <see cref="SecretRotation"/>'s; what is decided is <see cref="Planner"/>'s.
/// </summary>
/// <param name="tools">What rotations work with.</param>
/// <param name="onPlanned">Called with the plan before anything is changed.</param>
public sealed class RotationJob(RotationTools tools, Action<RotationPlan>? onPlanned = null)
{
    // Ids have at least 32 characters in both vaults.
    private const int LeastWholeId = 32;

    // After an hour without a call all calls of a credential are free again (Atlassian counts those of any 60 minutes).
    private static readonly Duration UntilCallsAreFree = Duration.FromHours(1);

    /// <summary>Rotates what the plan starts; with <see cref="PlanRequest.Until"/>, then what waits for the next run, an hour after the
    /// last one, as if that run had been started.</summary>
    /// <param name="inventory">The inventory.</param>
    /// <param name="request">What the operator asks.</param>
    /// <param name="expectedDigest">The digest of the plan that was reviewed, or null.</param>
    /// <param name="cancellation">Starts nothing more, and undoes what isn't committed yet.</param>
    /// <exception cref="PlanChangedException">Something that the reviewed plan rests on has changed. Nothing was done.</exception>
    /// <exception cref="EvidenceException">Evidence can't be written. Nothing was done.</exception>
    public async Task<RunResult> RunAsync(
        RotationInventory inventory, PlanRequest request, string? expectedDigest, CancellationToken cancellation)
    {
        await BeginAsync("rotate", inventory, cancellation).ConfigureAwait(false);
        var last = await RunOnceAsync(inventory, request, expectedDigest, isFirst: true, cancellation).ConfigureAwait(false);
        var result = last;
        try
        {
            while (!last.WasRefusedCalls
                && result.RestOf(request, inventory.Limits) is { } rest
                && await WaitForCallsAsync(rest, cancellation).ConfigureAwait(false))
            {
                last = await RunOnceAsync(inventory, rest, null, isFirst: false, cancellation).ConfigureAwait(false);
                result = result.Then(last);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Stopped while it waited or looked: nothing was changed since. What it did before is its result.
        }

        return Close(result);
    }

    private async Task<RunResult> RunOnceAsync(
        RotationInventory inventory, PlanRequest request, string? expectedDigest, bool isFirst, CancellationToken cancellation)
    {
        var (observer, observation, plan) = await PlanAsync(inventory, request, cancellation).ConfigureAwait(false);
        if (expectedDigest is not null && !string.Equals(expectedDigest, plan.Digest, StringComparison.Ordinal))
            throw new PlanChangedException(expectedDigest, plan.Digest) { Now = plan.Parts };

        RecordPlan(inventory, plan, isFirst);
        return await RotateAsync(inventory, request, observer, observation, plan, restore: null, cancellation).ConfigureAwait(false);
    }

    // Whether it goes on: not where it is to end before there are calls again.
    private async Task<bool> WaitForCallsAsync(PlanRequest rest, CancellationToken cancellation)
    {
        var next = tools.Clock.GetCurrentInstant() + UntilCallsAreFree;
        if (next >= rest.Until)
            return false;
        tools.OnPause(rest.Only.Count, next);
        await Task.Delay(UntilCallsAreFree.ToTimeSpan(), tools.Time, cancellation).ConfigureAwait(false);
        return true;
    }

    // What waits for the next run has ended once there is none.
    private RunResult Close(RunResult result)
    {
        var lost = result.LostEvidence;
        foreach (var left in result.Results.Where(each => each.IsForNextRun))
            lost = (TryEnd(left.Item, null, left.Outcome)?.Message is { } why) ? lost ?? why : lost;
        return result with { LostEvidence = lost };
    }

    /// <summary>
    /// Makes an older version's value current again, delivers it, and holds it, so that the next run doesn't undo it. A rotation
    /// like any other: claim, undo and evidence.
    /// </summary>
    /// <param name="inventory">The inventory.</param>
    /// <param name="wanted">What the operator asks for.</param>
    /// <param name="cancellation">Undoes what isn't committed yet.</param>
    /// <exception cref="EvidenceException">Evidence can't be written. Nothing was done.</exception>
    public async Task<RunResult> RollbackAsync(
        RotationInventory inventory, RollbackRequest wanted, CancellationToken cancellation)
    {
        // A person asked for it, as with force: it waits for no window and for no pipeline.
        var request = new PlanRequest
        {
            Only = [wanted.Secret],
            Force = [wanted.Secret],
            ForcedBy = wanted.By,
            ForceReason = wanted.Reason,
        };
        await BeginAsync("rollback", inventory, cancellation).ConfigureAwait(false);
        var (observer, observation, plan) = await PlanAsync(inventory, request, cancellation).ConfigureAwait(false);
        var secret = plan.Items[0].Secret;
        var decision = Restoration.Decide(plan.Items[0], wanted);
        Restoration? restore = null;
        if (decision is Decision.Forced)
        {
            var (version, refused) = await ChooseAsync(secret, wanted.To, cancellation).ConfigureAwait(false);
            var until = wanted.Hold is { } length ? plan.PlannedAt + length : Hold.UsualEnd(secret, inventory.Freezes, plan.PlannedAt);
            restore = version is { } chosen ? new Restoration(chosen, until, HoldMark.ReasonOf(wanted.Reason)) : null;
            decision = refused ?? decision;
        }

        plan = Planner.Restoring(plan, decision, inventory, observation, Costs);
        plan = plan with { Items = [plan.Items[0] with { Restores = restore?.Version }] };
        RecordPlan(inventory, plan, isFirst: true);
        var result = Close(
            await RotateAsync(inventory, request, observer, observation, plan, restore, cancellation).ConfigureAwait(false));
        return restore is not null && result.Results[0].Outcome is RotationOutcome.Rotated
            ? result with { Held = new Hold(restore.HeldUntil, restore.Reason, ByRollback: true), IsHeldAsUsual = wanted.Hold is null }
            : result;
    }

    private async Task<(VersionId? Version, Decision.Blocked? Refused)> ChooseAsync(
        ManagedSecret secret, string text, CancellationToken cancellation)
    {
        try
        {
            var versions = await tools.Vaults(secret.Vault).ListVersionsAsync(secret.Path, cancellation).ConfigureAwait(false);
            return VersionChoice.Of(text, secret.Name, versions);
        }
        catch (RemoteFailureException unlisted)
        {
            // A role that may not list versions can still roll back to one that is named in full.
            return unlisted.Kind == FailureKind.AccessDenied && text.Length >= LeastWholeId
                ? (new VersionId(text), null)
                : (null, new Decision.Blocked(unlisted.Failure.After("Its versions could not be listed.") with
                {
                    Hint = $"{unlisted.Hint ?? "Run again."} Or name the version by its whole id.",
                }));
        }
    }

    private async Task BeginAsync(string command, RotationInventory inventory, CancellationToken cancellation)
    {
        tools.Evidence.Append(
            new EvidenceRecord.RunStarted(
                tools.BeganAt ?? tools.Clock.GetCurrentInstant(), command, tools.Version, tools.Self, InventoryDigest.Of(inventory))
            {
                Run = tools.Run,
                By = tools.By,
                After = tools.Before.After,
                Beside = tools.Before.Beside,
            });
        await tools.OnBegun(cancellation).ConfigureAwait(false);
    }

    private async Task<(Observer Observer, Observation Observation, RotationPlan Plan)> PlanAsync(
        RotationInventory inventory, PlanRequest request, CancellationToken cancellation)
    {
        var observer = new Observer(
            tools.Vaults, tools.Variables, tools.Holders, tools.Clock, tools.Parallelism)
        {
            InFlight = tools.InFlight,
            Self = tools.Self,
            OldCredentials = new OldCredentialReader(tools.Vaults, tools.Backends),
        };
        var observation = await observer.ObserveAsync(inventory, request, cancellation).ConfigureAwait(false);
        var plan = Planner.Plan(inventory, observation, request, tools.Clock.GetCurrentInstant(), Costs);
        return (observer, observation, plan);
    }

    private VaultCosts Costs(string vault) => tools.Vaults(vault).Costs;

    private void RecordPlan(RotationInventory inventory, RotationPlan plan, bool isFirst)
    {
        tools.Evidence.Append(new EvidenceRecord.Planned(plan.PlannedAt, plan.Digest, plan.Items.Length));
        foreach (var item in plan.Items.Where(item => isFirst || item.Decision is not Decision.Waiting { IsForNextRun: true }))
        {
            tools.Evidence.Append(new EvidenceRecord.Decided(plan.PlannedAt, item.Secret.Name, item.Decision)
            {
                Overrides = Overrides.Of(inventory, item.Secret, item.Decision, plan.PlannedAt, item.InFlight, item.Hold),
            });
        }

        onPlanned?.Invoke(plan);
    }

    private async Task<RunResult> RotateAsync(
        RotationInventory inventory, PlanRequest request, Observer observer, Observation observation, RotationPlan plan,
        Restoration? restore, CancellationToken cancellation)
    {
        var groups = RotationOrder.Of(plan.Items, inventory.Attestation);
        await using var attestations = new SharedAttestations(
            tools.Pipelines, inventory.Attestation, tools.Run, tools.Random, tools.Time, tools.FirstLook.ToTimeSpan(), cancellation);
        using var slots = new SemaphoreSlim(tools.Parallelism);
        var run = new RotationRun(inventory, request, observation, observer, new SharedListings(tools.Variables), attestations, slots);
        foreach (var item in groups.SelectMany(group => group))
            run.Expect(item.Secret);
        var outcomes = new ConcurrentDictionary<string, RotationOutcome>(StringComparer.Ordinal);
        var failures = 0;

        async Task RotateOneAsync(PlanItem item)
        {
            RotationId? rotation;
            RotationOutcome outcome;
            try
            {
                (rotation, outcome) =
                    await new SecretRotation(tools, run).RunAsync(item.Secret, item.Decision, restore, cancellation).ConfigureAwait(false);
            }
            finally
            {
                slots.Release();
            }

            if (outcome.IsFailed)
                Interlocked.Increment(ref failures);
            End(item, rotation, outcome);
        }

        void End(PlanItem item, RotationId? rotation, RotationOutcome outcome)
        {
            outcomes[item.Secret.Name] = outcome;
            if (!new SecretResult(item, outcome).IsForNextRun)
                run.Note(TryEnd(item, rotation, outcome));
        }

        // What comes back of the calls that are kept to undo a group: nothing, where they may have been used.
        async Task<int> CallsBackAsync(ImmutableArray<PlanItem> group, IEnumerable<Task> tasks, int calls)
        {
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return group.All(item => outcomes.GetValueOrDefault(item.Secret.Name) is { IsFailed: false }) ? calls : 0;
        }

        var prices = new PlanCosts(inventory, observation.AsRunSees(), Costs);
        var toUndo = plan.CallsPerHour - plan.ObservationCost.Bitbucket - plan.ActionCost.Bitbucket;
        var free = toUndo;
        var (rotations, atWork) = (new List<Task>(), new List<Task<int>>());
        foreach (var group in groups)
        {
            var calls = group.Sum(item => prices.OfUndoing(item.Secret, item.Decision));
            while (calls > free && atWork.Count > 0)
            {
                var ended = await Task.WhenAny(atWork).ConfigureAwait(false);
                atWork.Remove(ended);
                free += await ended.ConfigureAwait(false);
            }

            var mayUndo = calls <= free || free == toUndo;
            var before = rotations.Count;
            foreach (var item in group)
            {
                await slots.WaitAsync(CancellationToken.None).ConfigureAwait(false);
                if ((WhyNotStarted(Volatile.Read(ref failures), inventory.Limits.FailuresBeforeStop, run, cancellation)
                    ?? (mayUndo ? null : NoCallsToUndo)) is { } why)
                {
                    slots.Release();
                    run.Leave(item.Secret);
                    End(item, null, why);
                    continue;
                }

                rotations.Add(RotateOneAsync(item));
            }

            free -= mayUndo ? calls : 0;
            atWork.Add(CallsBackAsync(group, rotations[before..], mayUndo ? calls : 0));
        }

        await Task.WhenAll(rotations).ConfigureAwait(false);
        foreach (var item in plan.Items.Where(i => !i.Decision.IsStarted))
            End(item, null, new RotationOutcome.Untouched(item.Decision));

        ImmutableArray<SecretResult> results = [.. plan.Items.Select(i => new SecretResult(i, outcomes[i.Secret.Name]))];
        return new RunResult(plan, results, cancellation.IsCancellationRequested && results.Any(IsCutShort))
        {
            LostEvidence = run.LostEvidence?.Message,
        };
    }

    private EvidenceException? TryEnd(PlanItem item, RotationId? rotation, RotationOutcome outcome)
    {
        try
        {
            tools.Evidence.Append(new EvidenceRecord.Ended(tools.Clock.GetCurrentInstant(), item.Secret.Name, rotation, outcome));
            return null;
        }
        catch (EvidenceException lost)
        {
            return lost;
        }
    }

    // A rotation past its commit point goes on to its end. Where all did, the stop changed nothing, so the result must not say that it did.
    private static bool IsCutShort(SecretResult result) => result.Item.Decision.IsStarted && result.Outcome is not (
        RotationOutcome.Rotated or RotationOutcome.Redelivered or RotationOutcome.Adopted or RotationOutcome.Retired
        or RotationOutcome.Untouched { Decision: Decision.NotDue or Decision.Waiting });

    private static RotationOutcome.Untouched NoCallsToUndo => new(new Decision.Waiting(
        "Rotations of this run were undone, and so few Bitbucket calls are left that it could not be undone.", Until: null)
    {
        IsForNextRun = true,
    });

    private RotationOutcome? WhyNotStarted(int failures, int limit, RotationRun run, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
            return new RotationOutcome.RolledBack(
                new Failure(FailureKind.Cancelled, "The run was cancelled before it was started."), Cancelled: true);
        if (run.LostEvidence is { } lost)
            return new RotationOutcome.Untouched(new Decision.Blocked(
                FailureKind.EvidenceLost, lost.Message, "A run that can't write evidence doesn't rotate."));
        if (tools.Clock.GetCurrentInstant() >= run.Request.Until)
            return new RotationOutcome.Untouched(
                new Decision.Waiting("The time that --until gives was over before its turn.", Until: null) { IsForNextRun = true });
        if (failures < limit)
            return null;
        return new RotationOutcome.Untouched(new Decision.Blocked(
            FailureKind.RunLimit,
            $"The run starts no further rotation after {limit} failed ones (limits.failures-before-stop: {limit}).",
            "Fix what failed, then run again."));
    }
}
