using NodaTime;
using SecretRotator.Evidence;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Rotation;

/// <summary>
/// The protocol's step 0: prepares the content, takes the claim, observes again under it, and decides again. What
/// was decided before the claim proves nothing.
/// </summary>
internal sealed class ClaimAcquisition(RotationTools tools, RotationRun run)
{
    private readonly VaultRotation _vaultRotation = new(tools);

    // A dead holder that had staged nothing may have been delivering: what it sent may land after its claim is released.
    private Instant _unsettled = Instant.MinValue;

    /// <summary>
    /// An attempt under its claim, or the outcome where there is nothing to do or no way to begin. Neither: an
    /// interrupted rotation had staged nothing; its claim is released, and the next decision is a new one.
    /// </summary>
    public async Task<(Attempt? Attempt, RotationOutcome? Refused)> ClaimAsync(
        ManagedSecret secret, Decision decision, SecretDescription seen, Restoration? restore, CancellationToken cancellation)
    {
        Task<SecretVersion>? reading = null;
        SecretVersion? restored = null;
        SecretValue? candidate = null;
        try
        {
            var vault = tools.Vaults(secret.Vault);
            var before = seen.Current;
            if (secret.Value is ValuePolicy.VaultManaged && decision is Decision.Due or Decision.Forced && restore is null)
            {
                if (await WhyNotNowAsync(secret, decision, seen, cancellation).ConfigureAwait(false) is { } notNow)
                    return (null, new RotationOutcome.Untouched(notNow));
                seen = await _vaultRotation.RunAsync(secret, vault, seen, cancellation).ConfigureAwait(false);
            }

            // Nothing is sent before the old value is known; the claim waits for it only where its candidate is made from it.
            reading = vault.ReadAsync(secret.Path, seen.Current, cancellation);
            restored = restore is { Version: var version } ? await vault.ReadAsync(secret.Path, version, cancellation).ConfigureAwait(false) : null;
            var generates = decision is Decision.Due or Decision.Forced && restored is null && secret.Value is not ValuePolicy.VaultManaged;
            var source = generates && !CandidateValue.NeedsCurrent(secret.Value) ? null : restored ?? await reading.ConfigureAwait(false);
            candidate = generates ? CandidateValue.Make(secret.Value, source?.Value, tools.Random) : source!.Value.Copy();

            var open = (decision as Decision.Unfinished)?.Open;
            var now = tools.Clock.GetCurrentInstant();
            var request = new ClaimRequest(open?.Id ?? RotationId.New(tools.Random), open?.Base ?? seen.Current, tools.Self, now, candidate, open)
            {
                Lease = Lease.From(now, run.Inventory.Limits, tools.Clock),
                VaultRotates = secret.Value is ValuePolicy.VaultManaged,
            };
            if (restore is not null)
                request = request with { Hold = new HoldMark(restore.HeldUntil, request.Rotation, restore.Reason) };
            var journal = new RotationJournal(tools.Evidence, tools.Clock, secret.Name, request.Rotation);
            var (won, refused) = await TakeAsync(secret, vault, request, journal).ConfigureAwait(false);
            if (won is null)
            {
                run.Note(journal.Lost);
                return (null, refused);
            }

            SecretVersion current;
            try
            {
                current = await reading.ConfigureAwait(false);
            }
            catch (Exception unread)
            {
                refused = await LetGoAsync(vault, won.Claim, journal, WhyNotBegun(unread)).ConfigureAwait(false);
                run.Note(journal.Lost);
                return (null, refused);
            }

            journal.IsForgiving = false;
            var prepared = new Prepared(secret, vault, won.Claim, journal, current, candidate, restored, before, request.At, run.Observation.Scopes)
            {
                Seen = won.Seen,
            };
            (reading, candidate) = (null, null);
            return await DecideAgainAsync(prepared, decision, generates).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            run.Note(failure as EvidenceException);
            return (null, WhyNotBegun(failure));
        }
        finally
        {
            candidate?.Dispose();
            restored?.Dispose();
            await WipeAsync(reading).ConfigureAwait(false);
        }
    }

    private sealed record Prepared(
        ManagedSecret Secret, ISecretVault Vault, Claim Claim, RotationJournal Journal,
        SecretVersion Current, SecretValue Candidate, SecretVersion? Restored, VersionId Before, Instant At,
        IReadOnlyDictionary<VariableScope, ScopeObservation> Scopes)
    {
        /// <summary>What the vault saw under the claim, or null where it has yet to be asked.</summary>
        public SecretDescription? Seen { get; init; }

        /// <summary>Until when a request of whoever delivered last may still land.</summary>
        public Instant Unsettled { get; init; } = Instant.MinValue;

        /// <summary>The delivery that stands open without a claim, or null.</summary>
        public DeliveringMark? Delivering { get; init; }
    }

    private RotationOutcome WhyNotBegun(Exception failure) => failure switch
    {
        _ when _vaultRotation.WasAsked => new RotationOutcome.NeedsOperator(
            FailureMessages.Of(failure),
            ["The vault was asked to rotate, but its new version was not delivered. Once its current version has moved, the next run delivers it."]),
        OperationCanceledException => new RotationOutcome.RolledBack(new Failure(FailureKind.Cancelled, "It was cancelled before anything was changed."), Cancelled: true),
        EvidenceException => Refuse(FailureMessages.Of(failure) with { Hint = "A run that can't write evidence doesn't rotate." }),
        _ => Refuse(FailureMessages.Of(failure)),
    };

    // A value that arrives after it is known not to be needed is wiped as well. Why it didn't arrive no longer matters.
    private static async Task WipeAsync(Task<SecretVersion>? reading)
    {
        try
        {
            if (reading is not null)
                (await reading.ConfigureAwait(false)).Dispose();
        }
        catch (Exception)
        {
        }
    }

    private static async Task<(ClaimResult.Won? Won, RotationOutcome? Refused)> TakeAsync(
        ManagedSecret secret, ISecretVault vault, ClaimRequest request, RotationJournal journal)
    {
        try
        {
            var result = await journal.DoAsync(
                RotationStep.Claim, null, () => vault.ClaimAsync(secret.Path, request, CancellationToken.None), r => (r as ClaimResult.Lost)?.Why).ConfigureAwait(false);
            return result switch
            {
                ClaimResult.Won won => (won, null),
                ClaimResult.Lost lost => (null, Refuse(new Failure(
                    FailureKind.ClaimHeld, lost.Why, $"Wait for it to end. If its holder is dead for certain: secret-rotator rotate --only {secret.Name} --take-over {secret.Name}"))),
                _ => throw new InvalidOperationException("A new kind of claim result needs an outcome."),
            };
        }
        catch (RemoteFailureException failure) when (failure.Effect == Effect.Unknown)
        {
            return (null, new RotationOutcome.NeedsOperator(
                FailureMessages.Of(failure), ["A claim and a staged version may stand in the vault. No target was touched. The next run resumes or discards them."]));
        }
    }

    /// <summary>What is to be done with a secret that this run has just released. Whoever takes it meanwhile wins the claim.</summary>
    /// <exception cref="RemoteFailureException">The vault didn't describe it.</exception>
    public async Task<(Decision Decision, SecretDescription Seen)> DecideAnewAsync(ManagedSecret secret, CancellationToken cancellation)
    {
        var seen = await tools.Vaults(secret.Vault).DescribeAsync(secret.Path, cancellation).ConfigureAwait(false);
        var running = secret.Wait is null ? run.Observation.Running : await run.Observer.ListRunningAgainAsync(secret, run.Inventory, cancellation).ConfigureAwait(false);
        return (Decide(secret, seen, await run.Observer.ListAgainAsync(secret, cancellation).ConfigureAwait(false), running), seen with { Open = null });
    }

    private Decision Decide(
        ManagedSecret secret,
        SecretDescription fresh,
        IReadOnlyDictionary<VariableScope, ScopeObservation> scopes,
        IReadOnlyDictionary<VariableScope.Repository, RunningObservation> running) => Planner.Decide(
            secret, new SecretObservation.Described(fresh with { Open = null }, HolderState.Unknown), scopes,
            run.Request, run.Inventory, tools.Clock.GetCurrentInstant(), running);

    // What ran when the plan was made proves nothing. A pipeline that has finished since has finished for good, so nothing else is asked again.
    private async Task<IReadOnlyDictionary<VariableScope.Repository, RunningObservation>> RunningNowAsync(ManagedSecret secret, Decision decision, CancellationToken cancellation) =>
        decision is Decision.Due && secret.Wait is not null
            ? await run.Observer.ListRunningAgainAsync(secret, run.Inventory, cancellation).ConfigureAwait(false)
            : run.Observation.Running;

    // The vault's own rotation can't be taken back, so what runs is asked before it and not under the claim.
    private async Task<Decision?> WhyNotNowAsync(ManagedSecret secret, Decision decision, SecretDescription seen, CancellationToken cancellation)
    {
        if (decision is not Decision.Due || secret.Wait is null)
            return null;
        var again = Decide(secret, seen, run.Observation.Scopes, await RunningNowAsync(secret, decision, cancellation).ConfigureAwait(false));
        return again is Decision.Due ? null : again;
    }

    private async Task<(Attempt? Attempt, RotationOutcome? Refused)> DecideAgainAsync(Prepared p, Decision decision, bool generates)
    {
        RotationOutcome? refused;
        try
        {
            var fresh = p.Seen ?? await DescribeClaimedAsync(p).ConfigureAwait(false);
            // A new value is sent whatever the listing says. A delivery and a resumption rest on it, and another run may have created or replaced a target since.
            if (!generates && p.Restored is null && decision is not Decision.Retire)
                p = p with { Scopes = await run.Observer.ListAgainAsync(p.Secret, CancellationToken.None).ConfigureAwait(false) };
            p = p with
            {
                Delivering = fresh.Delivering,
                Unsettled = Instant.Max(_unsettled, fresh.UnsettledUntil(run.Inventory.Limits)),
            };
            if (decision is Decision.Unfinished unfinished)
            {
                // Its holder may have sent its last request just before its claim ran out.
                _unsettled = unfinished.Open.StartedAt + run.Inventory.Limits.ClaimLimit + run.Inventory.Limits.MinimumInterval;
                p = p with { Unsettled = _unsettled };
                if (!HasEnded(unfinished.Open, fresh) && await ResumeAsync(p, unfinished.Open, fresh).ConfigureAwait(false) is { } resumed)
                {
                    resumed.Distribution.CountAllAsTouched();
                    return (resumed, null);
                }

                refused = null;
            }
            else
            {
                var running = generates ? await RunningNowAsync(p.Secret, decision, CancellationToken.None).ConfigureAwait(false) : run.Observation.Running;
                var again = Decide(p.Secret, fresh, p.Scopes, running);
                if (fresh.Current == p.Current.Id && IsStillMeant(decision, again, p))
                    return (Begin(p, again, generates, fresh.Grace), null);
                refused = new RotationOutcome.Untouched(again.IsStarted
                    ? new Decision.Blocked(FailureKind.PlanOutdated, "It changed between the plan and the claim.", "Run again: the next plan sees the change.")
                    : again);
            }
        }
        catch (Exception failure) when (decision is Decision.Unfinished)
        {
            // Targets may hold what is staged: it must stay.
            p.Candidate.Dispose();
            p.Current.Dispose();
            run.Note(p.Journal.Lost);
            return (null, new RotationOutcome.NeedsOperator(
                FailureMessages.Of(failure), ["The interrupted rotation stays open, and its value stays staged in the vault. The next run resumes it."]));
        }
        catch (Exception failure)
        {
            refused = Refuse(FailureMessages.Of(failure));
        }

        p.Candidate.Dispose();
        p.Current.Dispose();
        refused = await LetGoAsync(p.Vault, p.Claim, p.Journal, refused).ConfigureAwait(false);
        run.Note(p.Journal.Lost);
        return (null, refused);
    }

    // Descriptions may lag behind what was written. One that shows the claim shows everything that came before it, and what
    // comes after it is this run's own: before it is seen, it isn't known what is current.
    private async Task<SecretDescription> DescribeClaimedAsync(Prepared p)
    {
        foreach (var seconds in new[] { 0, 1, 2, 4 })
        {
            if (seconds > 0)
                await Task.Delay(TimeSpan.FromSeconds(seconds), tools.Time, CancellationToken.None).ConfigureAwait(false);
            var seen = await p.Vault.DescribeAsync(p.Secret.Path, CancellationToken.None).ConfigureAwait(false);
            if (seen.Open?.Handle == p.Claim.Handle)
                return seen;
        }

        throw new RemoteFailureException(
            FailureKind.Unavailable, Effect.Rejected,
            $"What the vault tells of {p.Secret.Name} lags behind: it doesn't show the claim that this run has taken, or somebody else has taken it since.", "Run again.");
    }

    // What it delivered is recorded, so only its marks are left, or not even they: its holder ended it between the look and the claim.
    private static bool HasEnded(OpenRotation open, SecretDescription fresh) =>
        fresh.CurrentRotation == open.Id && fresh.Open is not { Staged: true } && fresh.Delivered?.Rotation == open.Id && fresh.Delivered.Version == fresh.Current;

    private static bool IsStillMeant(Decision before, Decision now, Prepared p) => p.Restored is not null
        ? now is not (Decision.Blocked or Decision.Unfinished or Decision.Adopt)
        : before switch
        {
            Decision.Due or Decision.Forced when p.Secret.Value is ValuePolicy.VaultManaged => now is Decision.Redeliver,
            Decision.Due or Decision.Forced => now is Decision.Due or Decision.Forced,
            Decision.Redeliver => now is Decision.Redeliver,
            Decision.Adopt => now is Decision.Adopt { Approved: true },
            Decision.Retire retire => now is Decision.Retire again && again.Version == retire.Version,
            _ => false,
        };

    private Attempt Begin(Prepared p, Decision decision, bool generates, GraceMark? grace)
    {
        if (generates || p.Restored is not null)
        {
            var since = p.Restored?.CreatedAt ?? p.At;
            return Make(p, AttemptKind.Rotate, p.Candidate, p.Current.Value, (p.Current.Id, p.Current.Id), since) with
            {
                // Not where an old version is restored: should that fail, it may be wanted again.
                Retires = generates && p.Secret.Grace is not null ? grace?.Version : null,
                IsNewValue = true,
                Promotes = true,
                HasNewVersion = true,
            };
        }

        var kind = decision switch
        {
            Decision.Adopt => AttemptKind.Adopt,
            Decision.Retire => AttemptKind.Retire,
            _ => p.Before != p.Current.Id ? AttemptKind.Rotate : AttemptKind.Redeliver,
        };
        var attempt = Make(p, kind, p.Candidate, null, (p.Before, p.Current.Id), p.Current.CreatedAt) with { Retires = (decision as Decision.Retire)?.Version };
        p.Current.Dispose();
        return attempt;
    }

    // The staged value of the interrupted rotation wins. What it is worth depends on where the vault stands.
    private async Task<Attempt?> ResumeAsync(Prepared p, OpenRotation open, SecretDescription fresh)
    {
        if (fresh.CurrentRotation == open.Id)
        {
            var promoted = await ReadCurrentAsync(p, fresh).ConfigureAwait(false);
            p.Candidate.Dispose();
            return Make(p, AttemptKind.Rotate, promoted.Value, null, (open.Base, promoted.Id), promoted.CreatedAt) with
            {
                HasNewVersion = true,
                MustStayOpen = true,
            };
        }

        var staged = await p.Vault.ReadStagedAsync(p.Claim, CancellationToken.None).ConfigureAwait(false);
        if (staged is null)
            return null;
        p.Candidate.Dispose();
        if (fresh.Current == open.Base && fresh.Current == p.Current.Id && !staged.Value.FixedTimeEquals(p.Current.Value))
        {
            return Make(p, AttemptKind.Rotate, staged.Value, p.Current.Value, (open.Base, open.Base), staged.CreatedAt) with
            {
                Promotes = true,
                HasNewVersion = true,
            };
        }

        // A delivery was interrupted, or somebody else's version became current meanwhile: the targets get what is current.
        staged.Dispose();
        var current = await ReadCurrentAsync(p, fresh).ConfigureAwait(false);
        return Make(p, AttemptKind.Redeliver, current.Value, null, (current.Id, current.Id), current.CreatedAt) with { MustStayOpen = true };
    }

    private static async Task<SecretVersion> ReadCurrentAsync(Prepared p, SecretDescription fresh)
    {
        if (fresh.Current == p.Current.Id)
            return p.Current;
        p.Current.Dispose();
        return await p.Vault.ReadAsync(p.Secret.Path, fresh.Current, CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task<RotationOutcome?> LetGoAsync(
        ISecretVault vault, Claim claim, RotationJournal journal, RotationOutcome? refused)
    {
        journal.IsForgiving = true;
        try
        {
            await journal.DoAsync(
                RotationStep.Discard, null, () => vault.DiscardAsync(claim, CancellationToken.None)).ConfigureAwait(false);
            return refused;
        }
        catch (Exception failure)
        {
            return new RotationOutcome.NeedsOperator(
                new Failure(FailureKind.ClaimLeft, "It was not started, and its claim could not be released."),
                [$"The claim is left in the vault: {FailureMessages.Describe(failure)} The next run discards it."]);
        }
    }

    private Attempt Make(Prepared p, AttemptKind kind, SecretValue content, SecretValue? undo, (VersionId From, VersionId Current) versions, Instant since) => new()
    {
        Secret = p.Secret,
        Kind = kind,
        Vault = p.Vault,
        Claim = p.Claim,
        Journal = p.Journal,
        Distribution = new Distribution(
            p.Secret, tools.Variables.Under(p.Claim.Lease), p.Scopes, p.Journal, replaces: tools.Clock.GetCurrentInstant() < p.Unsettled),
        Content = content,
        Undo = undo,
        Delivering = p.Delivering,
        From = versions.From,
        Current = versions.Current,
        ValueSince = since,
    };

    private static RotationOutcome.Untouched Refuse(Failure failure) =>
        new(new Decision.Blocked(failure.OrHint("Fix what it says, then run again.")));
}
