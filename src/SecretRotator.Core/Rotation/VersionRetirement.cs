namespace SecretRotator.Rotation;

/// <summary>
/// Retires an old version under its claim: the section "Jobs in flight" of <c>PROTOCOL.md</c>. No target is touched, so there is
/// nothing to undo. Where a backend accepts its credential, that is ended first: what is left is a version that is refused, never a
/// credential that no version names.
/// </summary>
internal static class VersionRetirement
{
    /// <summary>Retires it as a step of a rotation, which needs its slot.</summary>
    /// <returns>Why the rotation has to wait; null where it is retired.</returns>
    /// <exception cref="RemoteFailureException">Refused, or without an answer. The mark stays, so the next run retires it.</exception>
    public static async Task<Decision.Waiting?> RetireFirstAsync(Attempt attempt, BackendSteps? backend, GraceMark old, bool isForced)
    {
        if (backend is not null
            && (await backend.RetireAsync(old, attempt.InUse, isNeeded: true, isForced).ConfigureAwait(false)).Waits is { } waits)
            return waits;
        await RetireAsync(attempt.Held, old.Version).ConfigureAwait(false);
        return null;
    }

    private static Task RetireAsync(HeldClaim held, VersionId old) => held.Journal.DoAsync(
        RotationStep.Retire, null, () => held.Vault.RetireAsync(held.Claim, old, CancellationToken.None), old.Value);

    /// <summary>Retires it and releases the claim. All exceptions end here, as outcomes.</summary>
    public static async Task<RotationOutcome> RunAsync(Attempt.Retirement attempt, BackendSteps? backend)
    {
        var old = attempt.Old.Version;
        Exception? failure = null;
        Decision.Waiting? waits = null;
        Instant? deletedFrom = null;
        try
        {
            if (backend is not null)
                (waits, deletedFrom) = await backend.RetireAsync(attempt.Old, attempt.InUse, isNeeded: false, isForced: false)
                    .ConfigureAwait(false);
            if (waits is null && deletedFrom is null)
                await RetireAsync(attempt.Held, old).ConfigureAwait(false);
        }
        catch (Exception caught)
        {
            failure = caught;
        }

        var left = attempt.Lease.IsOver ? "The claim is left in the vault. The next run releases it."
            : await attempt.Held.TryDiscardAsync().ConfigureAwait(false) is not { } unreleased ? null
            : $"The claim is left in the vault: {FailureMessages.Describe(unreleased)} The next run releases it.";
        return (failure, left) switch
        {
            (null, null) when waits is not null => new RotationOutcome.Untouched(waits),
            (null, null) => new RotationOutcome.Retired(old) { DeletedFrom = deletedFrom },
            (null, _) => new RotationOutcome.NeedsOperator(
                new Failure(FailureKind.ClaimLeft, $"The old version {old} is retired, but its claim could not be released."), [left]),
            (RemoteFailureException { Effect: Effect.Unknown }, _) => new RotationOutcome.NeedsOperator(
                FailureMessages.Of(failure),
                [$"Whether the old version {old} is retired isn't known. The next run retires it.", .. left is null ? [] : new[] { left }]),
            (_, null) => new RotationOutcome.RolledBack(FailureMessages.Of(failure), Cancelled: false),
            _ => new RotationOutcome.NeedsOperator(
                FailureMessages.Of(failure), [$"The old version {old} is valid still. The next run retires it.", left]),
        };
    }
}
