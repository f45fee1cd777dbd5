using SecretRotator.Attestations;
using SecretRotator.Evidence;

namespace SecretRotator.Rotation;

/// <summary>
/// Rotates one secret: the protocol of <c>PROTOCOL.md</c>, under its headings. Before the commit point a failure is
/// undone; after it the rotation only goes forward. All exceptions end here, as outcomes.
/// </summary>
internal sealed class SecretRotation(RotationTools tools, RotationRun run)
{
    /// <summary>Acts on a decision that is to be started. The caller holds a slot; it is held again on return.</summary>
    public async Task<(RotationId? Rotation, RotationOutcome Outcome)> RunAsync(
        ManagedSecret secret, Decision decision, Restoration? restoration, CancellationToken cancellation)
    {
        // 0. CLAIM: take the exclusive right, and decide again under it. What an interrupted rotation left may be nothing to resume.
        var claiming = new ClaimAcquisition(tools, run, secret, restoration);
        var acquisition = await claiming.AcquireAsync(decision, cancellation).ConfigureAwait(false);
        if (acquisition is Acquisition.Retry)
            acquisition = await claiming.AcquireAsync(planned: null, cancellation).ConfigureAwait(false);
        switch (acquisition)
        {
            case Acquisition.Claimed { Attempt: var attempt }:
                using (attempt)
                    return (attempt.Journal.Rotation, await ActAsync(attempt, cancellation).ConfigureAwait(false));
            case Acquisition.Refused refused:
                run.Leave(secret);
                return (null, DescribeUntouched(secret, refused.Outcome));
            default:
                throw new InvalidOperationException("What is decided anew resumes nothing.");
        }
    }

    private RotationOutcome DescribeUntouched(ManagedSecret secret, RotationOutcome refused)
    {
        if (refused is not RotationOutcome.NeedsOperator left)
            return refused;
        var seen = ((SecretObservation.Described)run.Observation.Secrets[secret.Name]).Description;
        return left with
        {
            State =
            [
                $"The vault's current version was {seen.Current} when this run looked.",
                .. secret.Targets.Select(target => $"{target} was not touched by this run."),
            ],
        };
    }

    private async Task<RotationOutcome> ActAsync(Attempt attempt, CancellationToken cancellation)
    {
        var outcome = attempt is Attempt.Retirement retirement
            ? await RetireClaimedAsync(retirement).ConfigureAwait(false)
            : await RunClaimedAsync(attempt, cancellation).ConfigureAwait(false);
        run.Note(attempt.Journal.Lost);
        return outcome is RotationOutcome.NeedsOperator left ? left with { State = [.. attempt.DescribeState()] } : outcome;
    }

    // Only under the claim is it certain that nothing is distributed: until then the others of the run wait for this one.
    private Task<RotationOutcome> RetireClaimedAsync(Attempt.Retirement attempt)
    {
        run.Leave(attempt.Secret);
        return VersionRetirement.RunAsync(attempt, BackendSteps.Of(tools, attempt.Held));
    }

    private async Task<RotationOutcome> RunClaimedAsync(Attempt attempt, CancellationToken cancellation)
    {
        var (secret, vault, claim, journal) = (attempt.Secret, attempt.Vault, attempt.Claim, attempt.Journal);
        var backend = BackendSteps.Of(tools, attempt.Held);
        backend?.TakeOver(attempt, run.Inventory.Limits);
        var undo = new RotationUndo(tools, attempt, backend);
        DeliveryMark mark;
        VersionId current;
        try
        {
            // 1. CHECK: everything that can be refused is refused before anything is written elsewhere.
            cancellation.ThrowIfCancellationRequested();
            journal.Write(RotationStep.Check, StepState.Begun, null, null);
            var objection = attempt.FindObjection();
            if (objection is null && backend is not null)
                objection = await backend.FindObjectionAsync(attempt, IsForced(secret), cancellation).ConfigureAwait(false);
            if (objection is not null)
            {
                journal.Write(RotationStep.Check, StepState.Failed, null, objection.Why, objection.Failure);
                run.Leave(secret);
                return attempt.Distribution.HasTouched
                    ? await undo.StopHalfWayAsync(objection.Failure).ConfigureAwait(false)
                    : await undo.LeaveUntouchedAsync(objection).ConfigureAwait(false);
            }

            journal.Write(RotationStep.Check, StepState.Done, null, null);

            // RETIRE: an older version in grace goes before the next one joins it.
            if (attempt.RetiresFirst is { } old
                && await VersionRetirement.RetireFirstAsync(attempt, backend, old, IsForced(secret)).ConfigureAwait(false) is { } waits)
            {
                run.Leave(secret);
                return await undo.LeaveUntouchedAsync(waits).ConfigureAwait(false);
            }

            // 2. ISSUE: a value that the backend makes exists from here on, and is staged at once.
            if (attempt is Attempt.Issuance issuance)
                await backend!.IssueAsync(issuance).ConfigureAwait(false);

            // 2. STAGE: the value is in the vault before it goes anywhere else. Where the claim has staged it, which saves a call on AWS,
            // this does nothing.
            if (attempt is Attempt.NewVersion or Attempt.Issuance)
            {
                await journal.DoAsync(
                    RotationStep.Stage, null, () => vault.StageAsync(claim, attempt.Content, CancellationToken.None)).ConfigureAwait(false);
            }

            if (backend is not null)
                await AcceptAsync(attempt, backend, cancellation).ConfigureAwait(false);

            // A delivery stages nothing that would record what it deletes.
            if (attempt is Attempt.Delivery && !attempt.Distribution.Replaced.IsEmpty)
                await attempt.MarkDeliveringAsync(tools.Clock.GetCurrentInstant()).ConfigureAwait(false);

            // 5. DISTRIBUTE: the undo of each target is registered before anything is sent to it.
            await attempt.Distribution.DistributeAsync(attempt.Content, cancellation).ConfigureAwait(false);

            // 6. VERIFY: the vault holds what was sent, and every target is where it was, and secured.
            var (digest, level) = await VerifyAsync(attempt, cancellation).ConfigureAwait(false);
            mark = new DeliveryMark(
                attempt.Promotes ? new VersionId(claim.Rotation.Value) : attempt.Current,
                attempt.ValueSince,
                tools.Clock.GetCurrentInstant(),
                digest,
                level | (backend is { IsAccepted: true } ? VerificationLevel.Accepted : VerificationLevel.Listed),
                claim.Rotation)
            {
                InGrace = attempt.HasNewVersion && secret.Grace is not null ? attempt.From : null,
                EndsDelivering = attempt.Delivering is not null,
            };

            // 7. PROMOTE: the only commit point.
            cancellation.ThrowIfCancellationRequested();
            current = attempt.Current;
            if (attempt.Promotes)
            {
                current = await journal.DoAsync(
                    RotationStep.Promote, null, () => PromoteAsync(attempt, mark), v => $"{attempt.From} -> {v}").ConfigureAwait(false);
                attempt.Commit = CommitState.Done;
            }
        }
        catch (CommitUnknownException unknown)
        {
            attempt.Commit = CommitState.Unknown;
            return new RotationOutcome.NeedsOperator(unknown.Failure,
            [
                "All targets hold the new value. It stays staged in the vault, and the claim stays: the next run looks again and finishes.",
            ]);
        }
        catch (Exception failure)
        {
            run.Leave(secret);
            return await undo.RunAsync(failure).ConfigureAwait(false);
        }

        // 8. FINISH: from here on only forward.
        return await FinishAsync(attempt, backend, mark with { Version = current }).ConfigureAwait(false);
    }

    // 3. SET, 4. PROVE: the backend accepts what is staged before any target gets it.
    private static async Task AcceptAsync(Attempt attempt, BackendSteps backend, CancellationToken cancellation)
    {
        if (!attempt.Promotes)
        {
            if (attempt is Attempt.Completion)
                await backend.ProveCurrentAsync(attempt.Content, cancellation).ConfigureAwait(false);
            return;
        }

        await backend.SetAsync(attempt, cancellation).ConfigureAwait(false);
        await backend.ProveStagedAsync(attempt, cancellation).ConfigureAwait(false);
    }

    private bool IsForced(ManagedSecret secret) => run.Request.Force.Contains(secret.Name);

    // Waiting for the others of the run, and for pipelines, takes no slot; the staged version is read back meanwhile.
    private async Task<(string Digest, VerificationLevel Level)> VerifyAsync(Attempt attempt, CancellationToken cancellation) =>
        await attempt.Journal.DoAsync(
            RotationStep.Verify,
            null,
            () => StepAsideAsync(async () =>
            {
                var staged = CompareStagedAsync(attempt, cancellation);
                var listings = run.Listings.AfterDistributionAsync(attempt.Secret, cancellation);
                await Task.WhenAll(staged, listings).ConfigureAwait(false);
                var digest = attempt.Distribution.Verify(await listings.ConfigureAwait(false));
                await AttestAsync(attempt, cancellation).ConfigureAwait(false);
                return (digest, attempt.Secret.Targets.Min(t => t.Verify));
            }),
            verified => WireNames.Of(verified.Item2)).ConfigureAwait(false);

    // Gives the slot up meanwhile; holds it again on return, whatever happened.
    private async Task<T> StepAsideAsync<T>(Func<Task<T>> wait)
    {
        run.Slots.Release();
        try
        {
            return await wait().ConfigureAwait(false);
        }
        finally
        {
            // Not cancellable: the caller still has work to do in its place, if only to undo.
            await run.Slots.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    // Each target that asks for it has a record of its own: a secret's level is that of its weakest target.
    private async Task AttestAsync(Attempt attempt, CancellationToken cancellation)
    {
        var asking = attempt.Distribution.Keys.Where(t => t.Target.Verify == VerificationLevel.Attested).ToList();
        if (asking.Count == 0)
            return;
        var policy = run.Attestations.Policy
            ?? throw new InvalidOperationException("The inventory's reader lets no target ask for a proof that no one can give.");
        run.Attestations.Ask(attempt.Secret, asking.ToLookup(t => AttestationPlace.Of(t.Target, policy), t => t.Key));
        await Task.WhenAll(asking.Select(each => attempt.Journal.DoAsync(
            RotationStep.Verify,
            each.Target.ToString(),
            async () =>
            {
                var place = AttestationPlace.Of(each.Target, policy);
                var attestation = await run.Attestations.OfAsync(place, cancellation).ConfigureAwait(false);
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
            throw new VerificationFailedException(
                "The staged version in the vault isn't what was sent to the targets: someone changed it meanwhile.");
    }

    // The claim doesn't keep the vault from rotating the secret by means of its own.
    private static async Task CompareCurrentAsync(Attempt attempt, CancellationToken cancellation)
    {
        var now = (await attempt.Vault.DescribeAsync(attempt.Secret.Path, cancellation).ConfigureAwait(false)).Current;
        if (now != attempt.Current)
            throw new VerificationFailedException(
                $"The vault rotated it meanwhile: {now} is current, and {attempt.Current} was delivered.");
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
            FailureKind.Superseded, Effect.Unknown,
            $"The promotion of {attempt.Secret.Name} had no answer, and another version than its own is current now.");
    }

    private static async Task<RotationOutcome> FinishAsync(Attempt attempt, BackendSteps? backend, DeliveryMark mark)
    {
        attempt.Journal.IsForgiving = true;
        try
        {
            if (attempt is Attempt.ResumedDelivery resumed && backend is not null)
                await backend.AbandonAsync(resumed).ConfigureAwait(false);
            await attempt.Journal.DoAsync(
                RotationStep.Finish, null,
                () => attempt.Vault.FinishAsync(attempt.Claim, mark, attempt.HasNewVersion, CancellationToken.None)).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            return new RotationOutcome.NeedsOperator(FailureMessages.Of(failure),
            [
                "Vault and targets agree, but that isn't recorded in the vault: delivered mark, staging marks or claim are left. The "
                    + "next run finishes them.",
            ]);
        }

        return attempt is Attempt.Delivery { IsAdoption: true } ? new RotationOutcome.Adopted(mark.Version, mark.Level)
            : attempt.From != mark.Version ? new RotationOutcome.Rotated(attempt.From, mark.Version, mark.Level)
            : new RotationOutcome.Redelivered(mark.Version, mark.Level);
    }
}
