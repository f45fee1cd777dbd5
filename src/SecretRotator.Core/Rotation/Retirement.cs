using SecretRotator.Vaults;

namespace SecretRotator.Rotation;

/// <summary>Retires an old version under its claim: the section "Jobs in flight" of <c>PROTOCOL.md</c>. No target is touched, so there is nothing to undo.</summary>
internal sealed class Retirement(Attempt attempt)
{
    /// <summary>Retires it as a step of a rotation, or of an attempt of its own.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer. The mark stays, so the next run retires it.</exception>
    public static Task RetireAsync(Attempt attempt, VersionId old) => attempt.Journal.DoAsync<object?>(
        RotationStep.Retire,
        null,
        async () =>
        {
            await attempt.Vault.RetireAsync(attempt.Claim, old, CancellationToken.None).ConfigureAwait(false);
            return null;
        },
        _ => old.Value);

    /// <summary>Retires it and releases the claim. All exceptions end here, as outcomes.</summary>
    public async Task<RotationOutcome> RunAsync()
    {
        var old = attempt.Retires ?? throw new InvalidOperationException("An attempt to retire names a version.");
        Exception? failure = null;
        try
        {
            await RetireAsync(attempt, old).ConfigureAwait(false);
        }
        catch (Exception caught)
        {
            failure = caught;
        }

        var left = attempt.Lease.IsOver ? "The claim is left in the vault. The next run releases it." : await ReleaseAsync().ConfigureAwait(false);
        return (failure, left) switch
        {
            (null, null) => new RotationOutcome.Retired(old),
            (null, _) => new RotationOutcome.NeedsOperator(
                new Failure(FailureKind.ClaimLeft, $"The old version {old} is retired, but its claim could not be released."), [left]),
            (RemoteFailureException { Effect: Effect.Unknown }, _) => new RotationOutcome.NeedsOperator(
                FailureMessages.Of(failure), [$"Whether the old version {old} is retired isn't known. The next run retires it.", .. left is null ? [] : new[] { left }]),
            (_, null) => new RotationOutcome.RolledBack(FailureMessages.Of(failure), Cancelled: false),
            _ => new RotationOutcome.NeedsOperator(FailureMessages.Of(failure), [$"The old version {old} is valid still. The next run retires it.", left]),
        };
    }

    private async Task<string?> ReleaseAsync()
    {
        attempt.Journal.IsForgiving = true;
        try
        {
            await attempt.Journal.DoAsync(
                RotationStep.Discard, null, () => attempt.Vault.DiscardAsync(attempt.Claim, CancellationToken.None)).ConfigureAwait(false);
            return null;
        }
        catch (Exception failure)
        {
            return $"The claim is left in the vault: {FailureMessages.Describe(failure)} The next run releases it.";
        }
    }
}
