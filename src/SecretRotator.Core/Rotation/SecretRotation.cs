using System.Collections.Immutable;
using SecretRotator.Attestations;
using SecretRotator.Evidence;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Vaults;

namespace SecretRotator.Rotation;

/// <summary>
/// Rotates one secret: the protocol of <c>PROTOCOL.md</c>, under its headings. Before the commit point a failure is
/// undone; after it the rotation only goes forward. All exceptions end here, as outcomes.
/// </summary>
internal sealed class SecretRotation(RotationTools tools, RotationRun run)
{
    /// <summary>Acts on a decision that is to be started. The caller holds a slot; it is held again on return.</summary>
    public async Task<(RotationId? Rotation, RotationOutcome Outcome)> RunAsync(
        ManagedSecret secret, Decision decision, Restoration? restore, CancellationToken cancellation)
    {
        // 0. CLAIM: take the exclusive right, and decide again under it.
        var (attempt, refused) = await ClaimAsync(secret, decision, restore, cancellation).ConfigureAwait(false);
        if (attempt is null)
        {
            run.Leave(secret);
            return (null, Untold(secret, refused ?? throw new InvalidOperationException("An attempt or an outcome.")));
        }

        using (attempt)
        {
            var outcome = attempt.Kind == AttemptKind.Retire
                ? await RetireClaimedAsync(attempt).ConfigureAwait(false)
                : await RunClaimedAsync(attempt, cancellation).ConfigureAwait(false);
            run.Note(attempt.Journal.Lost);
            if (outcome is RotationOutcome.NeedsOperator left)
                outcome = left with { State = [.. attempt.TellState()] };
            return (attempt.Journal.Rotation, outcome);
        }
    }

    private RotationOutcome Untold(ManagedSecret secret, RotationOutcome refused) => refused is not RotationOutcome.NeedsOperator left ? refused : left with
    {
        State =
        [
            $"The vault's current version was {((SecretObservation.Described)run.Observation.Secrets[secret.Name]).Description.Current} when this run looked.",
            .. secret.Targets.Select(target => $"{target} was not touched by this run."),
        ],
    };

    // Only under the claim is it certain that nothing is distributed: until then the others of the run wait for this one.
    private async Task<RotationOutcome> RetireClaimedAsync(Attempt attempt)
    {
        run.Leave(attempt.Secret);
        return await new Retirement(attempt).RunAsync().ConfigureAwait(false);
    }

    private async Task<(Attempt? Attempt, RotationOutcome? Refused)> ClaimAsync(
        ManagedSecret secret, Decision decision, Restoration? restore, CancellationToken cancellation)
    {
        var claiming = new ClaimAcquisition(tools, run);
        var seen = ((SecretObservation.Described)run.Observation.Secrets[secret.Name]).Description;
        var (attempt, refused) = await claiming.ClaimAsync(secret, decision, seen, restore, cancellation).ConfigureAwait(false);
        if (attempt is not null || refused is not null)
            return (attempt, refused);
        try
        {
            (decision, seen) = await claiming.DecideAnewAsync(secret, cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is RemoteFailureException or OperationCanceledException)
        {
            return (null, new RotationOutcome.Untouched(new Decision.Blocked(FailureMessages.Of(failure).OrHint("Run again."))));
        }

        return decision.IsStarted
            ? await claiming.ClaimAsync(secret, decision, seen, restore, cancellation).ConfigureAwait(false)
            : (null, new RotationOutcome.Untouched(decision));
    }

    private async Task<RotationOutcome> RunClaimedAsync(Attempt attempt, CancellationToken cancellation)
    {
        var (secret, vault, claim, journal) = (attempt.Secret, attempt.Vault, attempt.Claim, attempt.Journal);
        DeliveryMark mark;
        VersionId current;
        try
        {
            // 1. CHECK: whatever can be refused is refused before anything is written elsewhere.
            cancellation.ThrowIfCancellationRequested();
            journal.Write(RotationStep.Check, StepState.Begun, null, null);
            if (attempt.FindObjection(run.Inventory.Vaults[secret.Vault]) is { } objection)
            {
                journal.Write(RotationStep.Check, StepState.Failed, null, objection.Why, objection.Failure);
                if (attempt.Distribution.HasTouched)
                    return await StopHalfWayAsync(attempt with { MustStayOpen = true }, objection.Failure).ConfigureAwait(false);
                return await LeaveUntouchedAsync(attempt, objection).ConfigureAwait(false);
            }

            journal.Write(RotationStep.Check, StepState.Done, null, null);

            // RETIRE: an older version in grace goes before the next one joins it.
            if (attempt.Retires is { } old)
                await Retirement.RetireAsync(attempt, old).ConfigureAwait(false);

            // 2. STAGE: the value stands in the vault before it goes anywhere else.
            if (attempt.IsNewValue)
                await journal.DoAsync(RotationStep.Stage, null, () => vault.StageAsync(claim, attempt.Content, CancellationToken.None)).ConfigureAwait(false);

            if (attempt.LeavesNothingStaged && !attempt.Distribution.Replaced.IsEmpty)
                await MarkDeliveringAsync(attempt).ConfigureAwait(false);

            // 3. DISTRIBUTE: the undo of each target is registered before anything is sent to it.
            await attempt.Distribution.DistributeAsync(attempt.Content, cancellation).ConfigureAwait(false);

            // 4. VERIFY: the vault holds what was sent, and every target is where it was, and secured.
            var (digest, level) = await VerifyAsync(attempt, cancellation).ConfigureAwait(false);
            mark = new DeliveryMark(
                attempt.Promotes ? new VersionId(claim.Rotation.Value) : attempt.Current,
                attempt.ValueSince, tools.Clock.GetCurrentInstant(), digest, level, claim.Rotation)
            {
                InGrace = attempt.HasNewVersion && secret.Grace is not null ? attempt.From : null,
                EndsDelivering = attempt.Delivering is not null,
            };

            // 5. PROMOTE: the only commit point.
            cancellation.ThrowIfCancellationRequested();
            current = attempt.Promotes
                ? await journal.DoAsync(RotationStep.Promote, null, () => PromoteAsync(attempt, mark), v => $"{attempt.From} -> {v}").ConfigureAwait(false)
                : attempt.Current;
            attempt.Commit = attempt.Promotes ? CommitState.Done : CommitState.Not;
        }
        catch (CommitUnknownException unknown)
        {
            attempt.Commit = CommitState.Unknown;
            run.Leave(secret);
            return new RotationOutcome.NeedsOperator(unknown.Failure,
            [
                "All targets hold the new value. It stays staged in the vault, and the claim stays: the next run looks again and finishes.",
            ]);
        }
        catch (Exception failure)
        {
            run.Leave(secret);
            return await UndoAsync(attempt, failure).ConfigureAwait(false);
        }

        // 6. FINISH: from here on only forward.
        return await FinishAsync(attempt, mark with { Version = current }).ConfigureAwait(false);
    }

    // What is deleted to be created anew is named in the vault before: whoever comes next knows that it is to be created, and
    // that what was sent may still land. What an earlier delivery deleted stays named until it is there again.
    private Task MarkDeliveringAsync(Attempt attempt)
    {
        var deleted = attempt.Distribution.Replaced;
        var mark = DeliveringMark.Of(
            attempt.Claim.Rotation,
            tools.Clock.GetCurrentInstant(),
            attempt.Secret.Targets.Where(target => deleted.Contains(target) || attempt.Delivering?.Deletes(target) == true));
        return attempt.Journal.DoAsync(RotationStep.Stage, null, async () =>
        {
            await attempt.Vault.MarkDeliveringAsync(attempt.Claim, mark, CancellationToken.None).ConfigureAwait(false);
            attempt.Delivering = mark;
        });
    }

    // Waiting for the others of the run, and for pipelines, takes no slot; the staged version is read back meanwhile.
    private async Task<(string Digest, VerificationLevel Level)> VerifyAsync(Attempt attempt, CancellationToken cancellation) =>
        await attempt.Journal.DoAsync(
            RotationStep.Verify,
            null,
            () => run.Slots.StepAsideAsync(async () =>
            {
                var staged = CompareStagedAsync(attempt, cancellation);
                var listings = run.Listings.AfterDistributionAsync(attempt.Secret, cancellation);
                await Task.WhenAll(staged, listings).ConfigureAwait(false);
                var digest = attempt.Distribution.Verify(await listings.ConfigureAwait(false));
                await AttestAsync(attempt, cancellation).ConfigureAwait(false);
                return (digest, attempt.Secret.Targets.Min(t => t.Verify));
            }),
            verified => WireNames.Of(verified.Item2)).ConfigureAwait(false);

    // Each target that asks for it has a record of its own: a secret's level is that of its weakest target.
    private async Task AttestAsync(Attempt attempt, CancellationToken cancellation)
    {
        var asking = attempt.Distribution.Keys.Where(t => t.Target.Verify == VerificationLevel.Attested).ToList();
        if (asking.Count == 0)
            return;
        var policy = run.Attestations.Policy ?? throw new InvalidOperationException("The inventory's reader lets no target ask for a proof that nobody can give.");
        run.Attestations.Ask(attempt.Secret, asking.ToLookup(t => AttestationPlace.Of(t.Target, policy), t => t.Key));
        await Task.WhenAll(asking.Select(each => attempt.Journal.DoAsync(
            RotationStep.Verify,
            each.Target.ToString(),
            async () =>
            {
                var attestation = await run.Attestations.OfAsync(AttestationPlace.Of(each.Target, policy), cancellation).ConfigureAwait(false);
                return attestation.FindObjection(each.Target, each.Key, attempt.Content, attempt.Undo) is { } objection
                    ? throw new VerificationFailedException(objection)
                    : each.Target.Verify;
            },
            WireNames.Of))).ConfigureAwait(false);
    }

    private static async Task CompareStagedAsync(Attempt attempt, CancellationToken cancellation)
    {
        if (!attempt.Promotes)
        {
            if (attempt.Secret.Value is ValuePolicy.VaultManaged)
                await CompareCurrentAsync(attempt, cancellation).ConfigureAwait(false);
            return;
        }

        using var staged = await attempt.Vault.ReadStagedAsync(attempt.Claim, cancellation).ConfigureAwait(false);
        if (staged is null || !staged.Value.FixedTimeEquals(attempt.Content))
            throw new VerificationFailedException("The staged version in the vault isn't what was sent to the targets: somebody changed it meanwhile.");
    }

    // The claim doesn't keep the vault from rotating the secret by means of its own.
    private static async Task CompareCurrentAsync(Attempt attempt, CancellationToken cancellation)
    {
        var now = (await attempt.Vault.DescribeAsync(attempt.Secret.Path, cancellation).ConfigureAwait(false)).Current;
        if (now != attempt.Current)
            throw new VerificationFailedException($"The vault rotated it meanwhile: {now} is current, and {attempt.Current} was delivered.");
    }

    // Never repeated: where the vault has no compare-and-set, a late first promotion and a second one would both count.
    private async Task<VersionId> PromoteAsync(Attempt attempt, DeliveryMark mark)
    {
        try
        {
            return await attempt.Vault.PromoteAsync(attempt.Claim, mark, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RemoteFailureException unclear) when (unclear.Effect == Effect.Unknown)
        {
            foreach (var seconds in new[] { 0, 1, 2, 4 })
            {
                // What is seen may lag behind the write by seconds: base still current says nothing.
                if (await LookForPromotionAsync(attempt, TimeSpan.FromSeconds(seconds)).ConfigureAwait(false) is { } promoted)
                    return promoted;
            }

            throw new CommitUnknownException(
                unclear.Failure.After("Whether the new version became current is not known.") with { Hint = null }, unclear);
        }
    }

    private async Task<VersionId?> LookForPromotionAsync(Attempt attempt, TimeSpan pause)
    {
        if (pause > TimeSpan.Zero)
            await Task.Delay(pause, tools.Time, CancellationToken.None).ConfigureAwait(false);
        try
        {
            var seen = await attempt.Vault.DescribeAsync(attempt.Secret.Path, CancellationToken.None).ConfigureAwait(false);
            if (seen.CurrentRotation == attempt.Claim.Rotation)
                return seen.Current;
            if (seen.Current == attempt.Claim.Base)
                return null;
        }
        catch (RemoteFailureException)
        {
            return null;
        }

        throw new RemoteFailureException(
            FailureKind.Superseded, Effect.Unknown, $"The promotion of {attempt.Secret.Name} had no answer, and another version than its own is current now.");
    }

    private static async Task<RotationOutcome> FinishAsync(Attempt attempt, DeliveryMark mark)
    {
        attempt.Journal.IsForgiving = true;
        try
        {
            await attempt.Journal.DoAsync(
                RotationStep.Finish, null,
                () => attempt.Vault.FinishAsync(attempt.Claim, mark, attempt.HasNewVersion, CancellationToken.None)).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            return new RotationOutcome.NeedsOperator(FailureMessages.Of(failure),
            [
                "Vault and targets agree, but that isn't recorded in the vault: delivered mark, staging marks or claim are left. The next run finishes them.",
            ]);
        }

        return attempt.Kind switch
        {
            AttemptKind.Rotate => new RotationOutcome.Rotated(attempt.From, mark.Version, mark.Level),
            AttemptKind.Adopt => new RotationOutcome.Adopted(mark.Version, mark.Level),
            _ => new RotationOutcome.Redelivered(mark.Version, mark.Level),
        };
    }

    private async Task<RotationOutcome> LeaveUntouchedAsync(Attempt attempt, Decision why)
    {
        run.Leave(attempt.Secret);
        var left = await DiscardAsync(attempt).ConfigureAwait(false);
        return left is null
            ? new RotationOutcome.Untouched(why)
            : new RotationOutcome.NeedsOperator(new Failure(FailureKind.ClaimLeft, "It could not be started, and its claim could not be released."), [left]);
    }

    private async Task<RotationOutcome> UndoAsync(Attempt attempt, Exception cause)
    {
        attempt.Journal.IsForgiving = true;
        var why = FailureMessages.Of(cause);
        if (attempt.Lease.IsOver)
        {
            return new RotationOutcome.NeedsOperator(why,
            [
                .. await TellMissingAsync(attempt).ConfigureAwait(false),
                "Its targets may hold the old or the new value. Both stay in the vault: whoever takes the rotation over finishes it, with the same value.",
            ]);
        }

        if (cause is RemoteFailureException { Kind: FailureKind.Superseded } || await IsSupersededAsync(attempt).ConfigureAwait(false))
        {
            attempt.Commit = CommitState.Overtaken;
            return new RotationOutcome.NeedsOperator(why, ["The vault's current version is somebody else's now. The targets hold the one that was staged, which stays in the vault. The next run delivers the current one."]);
        }

        var notUndone = ImmutableArray<string>.Empty;
        if (attempt.Distribution.HasTouched)
        {
            if (attempt.Undo is null)
                return await StopHalfWayAsync(attempt, why).ConfigureAwait(false);
            using var limit = new CancellationTokenSource(tools.UndoLimit.ToTimeSpan(), tools.Time);
            notUndone = await attempt.Distribution.UndoAsync(attempt.Undo, limit.Token).ConfigureAwait(false);
        }
        else if (attempt.Undo is null && cause is not OperationCanceledException)
        {
            return await StopHalfWayAsync(attempt, why).ConfigureAwait(false);
        }

        if (notUndone.IsEmpty && !attempt.MustStayOpen && await DiscardAsync(attempt).ConfigureAwait(false) is { } left)
            notUndone = [left];
        return notUndone.IsEmpty
            ? new RotationOutcome.RolledBack(why, cause is OperationCanceledException)
            : new RotationOutcome.NeedsOperator(why, notUndone);
    }

    // Where somebody else's version became current meanwhile, the one before it isn't what targets should get.
    private static async Task<bool> IsSupersededAsync(Attempt attempt)
    {
        if (attempt.Undo is null || !attempt.Distribution.HasTouched)
            return false;
        try
        {
            return (await attempt.Vault.DescribeAsync(attempt.Secret.Path, CancellationToken.None).ConfigureAwait(false)).Current != attempt.Claim.Base;
        }
        catch (Exception)
        {
            return false; // As far as is known, base is current.
        }
    }

    private async Task<IEnumerable<string>> TellMissingAsync(Attempt attempt)
    {
        using var limit = new CancellationTokenSource(tools.UndoLimit.ToTimeSpan(), tools.Time);
        var missing = await attempt.Distribution.FindMissingAsync(limit.Token).ConfigureAwait(false);
        return missing.Where(target => target.Value is not false).Select(target => Tell(target.Key, target.Value));
    }

    private static string Tell(VariableTarget target, bool? isMissing) =>
        isMissing is true
            ? $"{target} is missing right now: it was deleted to be created anew, and that failed. The next run creates it."
            : $"{target} may be missing right now: it was to be deleted and created anew, that failed, and {target.Scope} could not be "
                + "listed since. The next run creates it.";

    // There is nothing to go back to: what the targets held before isn't current any more. The next run delivers again.
    private async Task<RotationOutcome> StopHalfWayAsync(Attempt attempt, Failure why)
    {
        using var limit = new CancellationTokenSource(tools.UndoLimit.ToTimeSpan(), tools.Time);
        var missing = await attempt.Distribution.FindMissingAsync(limit.Token).ConfigureAwait(false);
        ImmutableArray<string> left =
        [
            .. attempt.Distribution.NotDelivered.Select(target => missing.GetValueOrDefault(target, false) is false
                ? $"{target} isn't known to hold the vault's current version. The next run delivers it again."
                : Tell(target, missing[target])),
        ];
        if (left.IsEmpty)
            left = ["All targets took the vault's current version, but that could not be verified. The next run delivers it again."];
        if (!attempt.MustStayOpen && await LetGoHalfWayAsync(attempt).ConfigureAwait(false) is { } claim)
            left = left.Add(claim);
        return new RotationOutcome.NeedsOperator(why, left);
    }

    // The claim goes only where the vault tells without it that a delivery was begun: what was sent may land after that.
    private async Task<string?> LetGoHalfWayAsync(Attempt attempt)
    {
        attempt.Journal.IsForgiving = true;
        try
        {
            if (attempt.Distribution.MayStillLand && attempt.Delivering?.Rotation != attempt.Claim.Rotation)
                await MarkDeliveringAsync(attempt).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            return "The claim is left in the vault, since what was sent may still land: "
                + $"{FailureMessages.Describe(failure)} The next run takes it over.";
        }

        return await DiscardAsync(attempt).ConfigureAwait(false);
    }

    private static async Task<string?> DiscardAsync(Attempt attempt)
    {
        attempt.Journal.IsForgiving = true;
        try
        {
            await attempt.Journal.DoAsync(
                RotationStep.Discard, null, () => attempt.Vault.DiscardAsync(attempt.Claim, CancellationToken.None)).ConfigureAwait(false);
            attempt.IsReleased = true;
            return null;
        }
        catch (Exception failure)
        {
            return $"The staged version or the claim is left in the vault: {FailureMessages.Describe(failure)} The next run resumes it.";
        }
    }
}
