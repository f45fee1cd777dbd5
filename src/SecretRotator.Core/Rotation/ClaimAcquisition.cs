using SecretRotator.Evidence;

namespace SecretRotator.Rotation;

/// <summary>
/// The protocol's step 0 for one secret: decide before the claim, prepare the content, take the claim, observe again, and decide under it.
/// What was decided before the claim proves nothing.
/// </summary>
internal sealed class ClaimAcquisition(RotationTools tools, RotationRun run, ManagedSecret secret, Restoration? restoration)
{
    // A dead holder that had staged nothing may have been delivering: what it sent may land after its claim is released.
    private Instant _unsettled = Instant.MinValue;

    /// <summary>Takes the claim for what is to be done, and says what that is under it. All exceptions end here, as outcomes.</summary>
    /// <param name="planned">What the plan decided; null where nothing is decided, as after a <see cref="Acquisition.Retry"/>.</param>
    /// <param name="cancellation">Stops what comes before the claim.</param>
    public async Task<Acquisition> AcquireAsync(Decision? planned, CancellationToken cancellation)
    {
        ValueSource? source = null;
        Task<SecretVersion>? reading = null;
        SecretValue? content = null;
        RotationJournal? journal = null;
        Acquisition? acquisition = null;
        try
        {
            var (decision, seen) = await DecideBeforeClaimAsync(planned, cancellation).ConfigureAwait(false);
            if (!decision.IsStarted)
                return new Acquisition.Refused(new RotationOutcome.Untouched(decision));

            // What can be made before the claim is made before it. The claim waits for the old value only where it needs it.
            var vault = tools.Vaults(secret.Vault);
            source = ValueSource.Of(secret, decision, restoration, tools);
            var before = seen.Current;
            seen = await source.MakeCurrentAsync(vault, seen, cancellation).ConfigureAwait(false);
            reading = vault.ReadAsync(secret.Path, seen.Current, cancellation);
            var candidate = await source.MakeCandidateAsync(vault, secret.Path, reading, cancellation).ConfigureAwait(false);
            content = candidate?.Value ?? (await reading.ConfigureAwait(false)).Value.Copy();

            var request = RequestOf(decision, seen, content) with { StagesLater = source.MakesVersion && candidate is null };
            journal = new RotationJournal(tools.Evidence, tools.Clock, secret.Name, request.Rotation);
            var proposal = new Proposal(decision, source, before, candidate, request.At);
            return acquisition = await ClaimAsync(vault, request, journal, proposal, reading).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            run.Note(failure as EvidenceException);
            return new Acquisition.Refused(WhyNotBegun(failure, source));
        }
        finally
        {
            run.Note(journal?.Lost);
            await WipeAsync(content, reading, (acquisition as Acquisition.Claimed)?.Attempt).ConfigureAwait(false);
        }
    }

    /// <summary>What is to be done, as it was decided before the claim.</summary>
    /// <param name="Decision">The decision.</param>
    /// <param name="Source">Where the value comes from.</param>
    /// <param name="Before">The version that was current before the vault made one of its own.</param>
    /// <param name="Candidate">The content of the new version, or null.</param>
    /// <param name="At">When the claim was asked for.</param>
    private sealed record Proposal(Decision Decision, ValueSource Source, VersionId Before, Candidate? Candidate, Instant At);

    // The plan's decision is good enough to ask for the claim, which tests it, with two exceptions. After an interrupted rotation was
    // released there is none; a run that takes the secret meanwhile wins the claim. And the vault's own rotation can't be taken back, so
    // what runs is asked before it and not under the claim.
    private async Task<(Decision Decision, SecretDescription Seen)> DecideBeforeClaimAsync(
        Decision? planned, CancellationToken cancellation)
    {
        if (planned is null)
        {
            var fresh = await tools.Vaults(secret.Vault).DescribeAsync(secret.Path, cancellation).ConfigureAwait(false);
            var running = secret.Wait is null ? run.Observation.Running : await ListRunningAsync(cancellation).ConfigureAwait(false);
            return (Decide(fresh, await run.Observer.ListAgainAsync(secret, cancellation).ConfigureAwait(false), running), fresh);
        }

        var seen = ((SecretObservation.Described)run.Observation.Secrets[secret.Name]).Description;
        return planned is Decision.Due && secret is { Value: ValuePolicy.VaultManaged, Wait: not null }
            ? (Decide(seen, run.Observation.Scopes, await ListRunningAsync(cancellation).ConfigureAwait(false)), seen)
            : (planned, seen);
    }

    private ClaimRequest RequestOf(Decision decision, SecretDescription seen, SecretValue content)
    {
        var open = (decision as Decision.Unfinished)?.Open;
        var now = tools.Clock.GetCurrentInstant();
        var rotation = open?.Id ?? RotationId.New(tools.Random);
        return new ClaimRequest(rotation, open?.Base ?? seen.Current, tools.Self, now, content, open)
        {
            Lease = Lease.From(now, run.Inventory.Limits, tools.Clock),
            VaultRotates = secret.Value is ValuePolicy.VaultManaged,
            Hold = restoration is null ? null : new HoldMark(restoration.HeldUntil, rotation, restoration.Reason),
        };
    }

    private async Task<Acquisition> ClaimAsync(
        ISecretVault vault, ClaimRequest request, RotationJournal journal, Proposal proposal, Task<SecretVersion> reading)
    {
        ClaimResult result;
        try
        {
            result = await journal.DoAsync(
                RotationStep.Claim,
                null,
                () => vault.ClaimAsync(secret.Path, request, CancellationToken.None),
                taken => (taken as ClaimResult.Lost)?.Why).ConfigureAwait(false);
        }
        catch (RemoteFailureException failure) when (failure.Effect == Effect.Unknown)
        {
            return new Acquisition.Refused(new RotationOutcome.NeedsOperator(
                FailureMessages.Of(failure),
                ["A claim and a staged version may be left in the vault. No target was touched. The next run resumes or discards them."]));
        }

        if (result is not ClaimResult.Won won)
        {
            return new Acquisition.Refused(Refuse(new Failure(
                FailureKind.ClaimHeld,
                ((ClaimResult.Lost)result).Why,
                "Wait for it to end. If its holder is dead for certain: "
                    + $"secret-rotator rotate --only {secret.Name} --take-over {secret.Name}")));
        }

        var held = new HeldClaim(secret, vault, run.Inventory.Vaults[secret.Vault], won.Claim, journal);
        SecretVersion current;
        try
        {
            current = await reading.ConfigureAwait(false);
        }
        catch (Exception unread)
        {
            return await ReleaseAsync(held, new Acquisition.Refused(WhyNotBegun(unread, proposal.Source))).ConfigureAwait(false);
        }

        return proposal.Decision is Decision.Unfinished { Open: var open }
            ? await ResumeAsync(held, open, won.Seen, current).ConfigureAwait(false)
            : await DecideUnderClaimAsync(held, proposal, won.Seen, current).ConfigureAwait(false);
    }

    private async Task<Acquisition> DecideUnderClaimAsync(
        HeldClaim held, Proposal proposal, SecretDescription? shown, SecretVersion current)
    {
        RotationOutcome refused;
        try
        {
            var fresh = shown ?? await held.DescribeAsync(tools.Time).ConfigureAwait(false);
            // A new value is sent whatever the listing says. A delivery rests on it, and another run may have replaced a target since.
            var scopes = proposal.Source.MakesVersion || proposal.Decision is Decision.Retire
                ? run.Observation.Scopes
                : await run.Observer.ListAgainAsync(secret, CancellationToken.None).ConfigureAwait(false);
            // What ran when the plan was made proves nothing. What has finished needn't be asked again: it stays finished.
            var running = proposal is { Decision: Decision.Due, Source.MakesVersion: true } && secret.Wait is not null
                ? await ListRunningAsync(CancellationToken.None).ConfigureAwait(false)
                : run.Observation.Running;
            var again = Decide(fresh, scopes, running);
            if (fresh.Current == current.Id && proposal.Source.IsStillMeant(proposal.Decision, again))
                return new Acquisition.Claimed(Begin(proposal, again, DistributionOf(held, scopes, fresh), current, fresh));
            refused = new RotationOutcome.Untouched(again.IsStarted
                ? new Decision.Blocked(
                    FailureKind.PlanOutdated, "It changed between the plan and the claim.", "Run again: the next plan sees the change.")
                : again);
        }
        catch (Exception failure)
        {
            refused = Refuse(FailureMessages.Of(failure));
        }

        return await ReleaseAsync(held, new Acquisition.Refused(refused)).ConfigureAwait(false);
    }

    private Attempt Begin(Proposal proposal, Decision decision, Distribution distribution, SecretVersion current, SecretDescription fresh)
    {
        // A rollback retires nothing: if it fails, the old version may be needed again.
        var retires = restoration is null && secret.Grace is not null ? fresh.Grace : null;
        Attempt attempt = (proposal, decision) switch
        {
            ({ Candidate: { } made }, _) => new Attempt.NewVersion(
                distribution, made.Value, made.CreatedAt ?? proposal.At, current, retires, restoration is not null),
            (_, Decision.Retire) => new Attempt.Retirement(distribution, current, fresh.Grace!),
            ({ Source: ValueSource.Issued }, _) => new Attempt.Issuance(distribution, proposal.At, current, fresh.Grace),
            _ => new Attempt.Delivery(distribution, current, proposal.Before, decision is Decision.Adopt),
        };
        return attempt with { Delivering = fresh.Delivering, Grace = fresh.Grace };
    }

    private async Task<Acquisition> ResumeAsync(HeldClaim held, OpenRotation open, SecretDescription? shown, SecretVersion seen)
    {
        // Its holder may have sent its last request just before its claim ran out.
        _unsettled = open.StartedAt + run.Inventory.Limits.ClaimLimit + run.Inventory.Limits.MinimumInterval;
        try
        {
            var fresh = shown ?? await held.DescribeAsync(tools.Time).ConfigureAwait(false);
            var scopes = await run.Observer.ListAgainAsync(secret, CancellationToken.None).ConfigureAwait(false);
            var distribution = DistributionOf(held, scopes, fresh);
            distribution.CountAllAsTouched();
            if (await ChooseResumptionAsync(held, open, fresh, distribution, seen).ConfigureAwait(false) is { } attempt)
                return new Acquisition.Claimed(attempt with { Delivering = fresh.Delivering, Grace = fresh.Grace });
            if (fresh.CurrentRotation != open.Id && BackendSteps.Of(tools, held) is { } backend)
                await RemoveOrphanAsync(held, backend, open, fresh, seen).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // Targets may hold what is staged: it must stay.
            return new Acquisition.Refused(new RotationOutcome.NeedsOperator(
                FailureMessages.Of(failure),
                ["The interrupted rotation stays open, and its value stays staged in the vault. The next run resumes it."]));
        }

        return await ReleaseAsync(held, new Acquisition.Retry()).ConfigureAwait(false);
    }

    // What an interrupted rotation staged wins over everything new. What happens to it depends on what is current in the vault; null
    // where there is nothing to resume.
    private async Task<Attempt?> ChooseResumptionAsync(
        HeldClaim held, OpenRotation open, SecretDescription fresh, Distribution distribution, SecretVersion seen)
    {
        var isStaged = fresh.Open is { Staged: true };
        if (fresh.CurrentRotation == open.Id && (isStaged || !IsRecorded(open, fresh)))
            return new Attempt.Completion(distribution, await ReadCurrentAsync(held, fresh, seen).ConfigureAwait(false), open.Base);
        if (!isStaged)
            return null;
        if (await held.Vault.ReadStagedAsync(held.Claim, CancellationToken.None).ConfigureAwait(false) is not { } staged)
        {
            // An end that was cut short has dropped it. Where someone else's version is current, this may have been the end of a promoted
            // one, which targets hold.
            return fresh.Current == open.Base
                ? null
                : new Attempt.ResumedDelivery(
                    distribution, await ReadCurrentAsync(held, fresh, seen).ConfigureAwait(false), Abandoned: null, open);
        }

        if (fresh.Current == open.Base && fresh.Current == seen.Id && !staged.Value.FixedTimeEquals(seen.Value))
            return new Attempt.Resumption(distribution, staged, seen);

        // A delivery was interrupted, or someone else's version became current meanwhile: the targets get what is current.
        var abandoned = BackendSteps.Of(tools, held)?.SlotOf(staged.Value);
        staged.Dispose();
        return new Attempt.ResumedDelivery(
            distribution, await ReadCurrentAsync(held, fresh, seen).ConfigureAwait(false), abandoned, Dropped: null);
    }

    private static async Task RemoveOrphanAsync(
        HeldClaim held, BackendSteps backend, OpenRotation open, SecretDescription fresh, SecretVersion seen)
    {
        held.Journal.IsForgiving = true;
        var current = await ReadCurrentAsync(held, fresh, seen).ConfigureAwait(false);
        try
        {
            await backend.RemoveOrphanOfAsync(open, fresh.Current, fresh.Grace, current.Value).ConfigureAwait(false);
        }
        finally
        {
            if (!ReferenceEquals(current, seen))
                current.Dispose();
        }
    }

    private static async Task<SecretVersion> ReadCurrentAsync(HeldClaim held, SecretDescription fresh, SecretVersion seen) =>
        fresh.Current == seen.Id
            ? seen
            : await held.Vault.ReadAsync(held.Secret.Path, fresh.Current, CancellationToken.None).ConfigureAwait(false);

    // Then only its marks are left, or not even those: its holder ended it between the look and the claim.
    private static bool IsRecorded(OpenRotation open, SecretDescription fresh) =>
        fresh.Delivered is { } delivered && delivered.Rotation == open.Id && delivered.Version == fresh.Current;

    // The rotation that is open is this run's own, or was released just now.
    private Decision Decide(
        SecretDescription seen,
        IReadOnlyDictionary<VariableScope, ScopeObservation> scopes,
        IReadOnlyDictionary<VariableScope.Repository, RunningObservation> running) => Planner.Decide(
            secret, new SecretObservation.Described(seen with { Open = null }, HolderState.Unknown), scopes,
            run.Request, run.Inventory, tools.Clock.GetCurrentInstant(), running);

    private async Task<IReadOnlyDictionary<VariableScope.Repository, RunningObservation>> ListRunningAsync(
        CancellationToken cancellation) =>
        await run.Observer.ListRunningAgainAsync(secret, run.Inventory, cancellation).ConfigureAwait(false);

    private Distribution DistributionOf(
        HeldClaim held, IReadOnlyDictionary<VariableScope, ScopeObservation> scopes, SecretDescription fresh) => new(
        held, tools.Variables, scopes,
        replaces: tools.Clock.GetCurrentInstant() < Instant.Max(_unsettled, fresh.UnsettledUntil(run.Inventory.Limits)));

    private static async Task<Acquisition> ReleaseAsync(HeldClaim held, Acquisition released) =>
        await held.TryDiscardAsync().ConfigureAwait(false) is not { } failure
            ? released
            : new Acquisition.Refused(new RotationOutcome.NeedsOperator(
                new Failure(FailureKind.ClaimLeft, "It was not started, and its claim could not be released."),
                [$"The claim is left in the vault: {FailureMessages.Describe(failure)} The next run discards it."]));

    private static RotationOutcome WhyNotBegun(Exception failure, ValueSource? source) => failure switch
    {
        _ when source?.Left is { } left => new RotationOutcome.NeedsOperator(FailureMessages.Of(failure), [left]),
        OperationCanceledException => new RotationOutcome.RolledBack(
            new Failure(FailureKind.Cancelled, "It was cancelled before anything was changed."), Cancelled: true),
        EvidenceException => Refuse(FailureMessages.Of(failure) with { Hint = "A run that can't write evidence doesn't rotate." }),
        _ => Refuse(FailureMessages.Of(failure)),
    };

    private static RotationOutcome.Untouched Refuse(Failure failure) =>
        new(new Decision.Blocked(failure.OrHint("Fix what it says, then run again.")));

    // What the attempt doesn't hold is wiped, also a value that arrives once it isn't needed any more. Why one didn't arrive no longer
    // matters.
    private static async Task WipeAsync(SecretValue? content, Task<SecretVersion>? reading, Attempt? attempt)
    {
        if (content is not null && attempt?.Holds(content) != true)
            content.Dispose();
        try
        {
            if (reading is not null && await reading.ConfigureAwait(false) is { Value: var current } && attempt?.Holds(current) != true)
                current.Dispose();
        }
        catch (Exception)
        {
        }
    }
}

/// <summary>How step 0 of the protocol ended for one secret.</summary>
internal abstract record Acquisition
{
    private Acquisition()
    {
    }

    /// <summary>The claim is held, and what was decided before it is still to be done.</summary>
    /// <param name="Attempt">What is to be done.</param>
    public sealed record Claimed(Attempt Attempt) : Acquisition;

    /// <summary>Nothing is to be done, or nothing can be begun.</summary>
    /// <param name="Outcome">Why, and what is left.</param>
    public sealed record Refused(RotationOutcome Outcome) : Acquisition;

    /// <summary>An interrupted rotation had staged nothing: its claim is released, and the next decision is a new one.</summary>
    public sealed record Retry : Acquisition;
}
