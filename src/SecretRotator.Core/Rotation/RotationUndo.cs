namespace SecretRotator.Rotation;

/// <summary>
/// What becomes of an attempt that fails before the commit point: the section "Undo" of <c>PROTOCOL.md</c>. It goes back where there is
/// something to go back to, or else stops and names what is left.
/// </summary>
internal sealed class RotationUndo(RotationTools tools, Attempt attempt, BackendSteps? backend)
{
    /// <summary>Releases an attempt that can't be started.</summary>
    public async Task<RotationOutcome> LeaveUntouchedAsync(Decision why) => await DiscardAsync().ConfigureAwait(false) is { } left
        ? new RotationOutcome.NeedsOperator(
            new Failure(FailureKind.ClaimLeft, "It could not be started, and its claim could not be released."), [left])
        : new RotationOutcome.Untouched(why);

    /// <summary>Undoes what was done, within a time limit that the cancellation which started it doesn't touch.</summary>
    public async Task<RotationOutcome> RunAsync(Exception cause)
    {
        attempt.Journal.IsForgiving = true;
        var why = FailureMessages.Of(cause);
        if (attempt.Lease.IsOver)
        {
            return new RotationOutcome.NeedsOperator(why,
            [
                .. await DescribeMissingAsync().ConfigureAwait(false),
                "Its targets may hold the old or the new value. Both stay in the vault: the run that takes the rotation over finishes it, "
                    + "with the same value.",
            ]);
        }

        if (cause is RemoteFailureException { Kind: FailureKind.Superseded } || await IsSupersededAsync().ConfigureAwait(false))
        {
            attempt.Commit = CommitState.Overtaken;
            return new RotationOutcome.NeedsOperator(why,
            [
                attempt.Distribution.HasTouched
                    ? "The vault's current version is someone else's now. The targets hold the one that was staged, which stays in the "
                    + "vault. The next run delivers the current one."
                    : "The vault's current version is someone else's now. What was staged stays in the vault, and its credential may be "
                        + "accepted: the next run ends that.",
            ]);
        }

        var notUndone = ImmutableArray<string>.Empty;
        if (backend is not null && await backend.RestoreInUseAsync(attempt).ConfigureAwait(false) is { } refuses)
            return new RotationOutcome.NeedsOperator(why, [refuses]);
        if (attempt.Distribution.HasTouched)
        {
            if (attempt.Undo is null)
                return await StopHalfWayAsync(why).ConfigureAwait(false);
            using var limit = UndoLimit();
            notUndone = await attempt.Distribution.UndoAsync(attempt.Undo, limit.Token).ConfigureAwait(false);
        }
        else if (attempt.Undo is null && cause is not OperationCanceledException)
        {
            return await StopHalfWayAsync(why).ConfigureAwait(false);
        }

        // While any target may hold the new value, the backend goes on accepting it.
        if (notUndone.IsEmpty && backend is not null && await backend.UndoAsync(attempt).ConfigureAwait(false) is { } accepts)
            notUndone = [accepts];
        if (notUndone.IsEmpty && await DiscardAsync().ConfigureAwait(false) is { } left)
            notUndone = [left];
        return notUndone.IsEmpty
            ? new RotationOutcome.RolledBack(why, cause is OperationCanceledException)
            : new RotationOutcome.NeedsOperator(why, notUndone);
    }

    /// <summary>
    /// Stops where there is nothing to go back to: what the targets held before isn't current any more, or isn't known. The next run
    /// delivers again. Only a delivery releases its claim; an interrupted rotation stays open.
    /// </summary>
    public async Task<RotationOutcome> StopHalfWayAsync(Failure why)
    {
        using var limit = UndoLimit();
        var missing = await attempt.Distribution.FindMissingAsync(limit.Token).ConfigureAwait(false);
        ImmutableArray<string> left =
        [
            .. attempt.Distribution.NotDelivered.Select(target => missing.GetValueOrDefault(target, false) is false
                ? $"{target} isn't known to hold the vault's current version. The next run delivers it again."
                : Describe(target, missing[target])),
        ];
        if (left.IsEmpty)
            left = ["All targets took the vault's current version, but that could not be verified. The next run delivers it again."];
        if (attempt is Attempt.Delivery && await LetGoHalfWayAsync().ConfigureAwait(false) is { } claim)
            left = left.Add(claim);
        return new RotationOutcome.NeedsOperator(why, left);
    }

    // The claim goes only where the vault shows without it that a delivery was begun: what was sent may land after that.
    private async Task<string?> LetGoHalfWayAsync()
    {
        attempt.Journal.IsForgiving = true;
        try
        {
            if (attempt.Distribution.MayStillLand && attempt.Delivering?.Rotation != attempt.Claim.Rotation)
                await attempt.MarkDeliveringAsync(tools.Clock.GetCurrentInstant()).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            return "The claim is left in the vault, since what was sent may still land: "
                + $"{FailureMessages.Describe(failure)} The next run takes it over.";
        }

        return await DiscardAsync().ConfigureAwait(false);
    }

    private async Task<string?> DiscardAsync()
    {
        if (await attempt.Held.TryDiscardAsync().ConfigureAwait(false) is { } failure)
            return $"The staged version or the claim is left in the vault: {FailureMessages.Describe(failure)} The next run resumes it.";
        attempt.IsReleased = true;
        return null;
    }

    // Where someone else's version became current meanwhile, the one before it isn't what targets should get.
    private async Task<bool> IsSupersededAsync()
    {
        if (attempt.Undo is null || (!attempt.Distribution.HasTouched && backend is not { HasTouched: true }))
            return false;
        try
        {
            var seen = await attempt.Vault.DescribeAsync(attempt.Secret.Path, CancellationToken.None).ConfigureAwait(false);
            return seen.Current != attempt.Claim.Base;
        }
        catch (Exception)
        {
            return false; // As far as is known, base is current.
        }
    }

    private async Task<IEnumerable<string>> DescribeMissingAsync()
    {
        using var limit = UndoLimit();
        var missing = await attempt.Distribution.FindMissingAsync(limit.Token).ConfigureAwait(false);
        return missing.Where(target => target.Value is not false).Select(target => Describe(target.Key, target.Value));
    }

    private CancellationTokenSource UndoLimit() => new(tools.UndoLimit.ToTimeSpan(), tools.Time);

    private static string Describe(VariableTarget target, bool? isMissing) =>
        isMissing is true
            ? $"{target} is missing right now: it was deleted to be created anew, and that failed. The next run creates it."
            : $"{target} may be missing right now: it was to be deleted and created anew, that failed, and {target.Scope} could not be "
                + "listed since. The next run creates it.";
}
