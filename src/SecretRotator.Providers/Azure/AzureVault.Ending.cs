namespace SecretRotator.Providers.Azure;

// How a claim ends, and what is known of it until then.
internal sealed partial class AzureVault
{
    /// <summary>Writes what was delivered on the version that holds it, unless it is there already.</summary>
    private async Task RecordAsync(Claim claim, DeliveryMark mark, bool promoted, CancellationToken cancellation)
    {
        var history = await HistoryAsync(claim.Path, cancellation);
        var version = (promoted ? history.MadeBy(claim.Rotation) : history.Find(mark.Version))
            ?? throw Conflict(
                $"The delivery of {claim.Path} in vault {definition.Name} can't be recorded: "
                    + $"{(promoted ? $"no version was made by rotation {claim.Rotation}" : $"there is no version {mark.Version}")}",
                "Look at the secret's versions in the vault. The next run delivers the version that is current.");
        var isRecorded = history.MarkOn(version)?.Format() == (mark with { Version = version.Id }).Format();
        if (!isRecorded)
            await _secrets.Under(claim.Lease).TagAsync(claim.Path, version.Id, AzureMarks.WithDelivery(version, mark), cancellation);

        // Once the delivery is recorded: until then the mark records it.
        if (mark.EndsDelivering)
            foreach (var marked in (await StagedHistoryAsync(claim.Path, cancellation)).MarkedAsDelivering)
                await _secrets.Under(claim.Lease)
                    .TagAsync(claim.Path + Companion, marked.Id, marked.Tags.Remove(AzureMarks.Delivering), cancellation);
    }

    /// <summary>Disables whatever this rotation staged. Never deletes: a deleted name stays taken.</summary>
    private async Task DropStagedAsync(Claim claim, CancellationToken cancellation)
    {
        var name = claim.Path + Companion;
        switch (KnownOf(claim))
        {
            case { NothingStaged: true }:
                return;
            case { Staged: { } own, IsAlone: true }:
                await _secrets.Under(claim.Lease).DisableAsync(name, own, cancellation);
                return;
            default:
                foreach (var version in (await StagedHistoryAsync(claim.Path, cancellation)).AllOf(claim.Rotation))
                    await _secrets.Under(claim.Lease).DisableAsync(name, version.Id, cancellation);
                return;
        }
    }

    /// <summary>Gives a claim back that turned out to be worth nothing, even after a cancellation.</summary>
    /// <exception cref="RemoteFailureException">It still exists, so the effect is unknown.</exception>
    private async Task ReleaseAsync(Claim claim, Exception? cause)
    {
        using var limit = new CancellationTokenSource(ReleaseLimit, time);
        try
        {
            await board.RemoveAsync(claim.Handle, null, limit.Token);
        }
        catch (Exception e) when (e is RemoteFailureException or OperationCanceledException)
        {
            throw new RemoteFailureException(
                ((e as RemoteFailureException)?.Failure ?? new Failure(FailureKind.Unavailable, e.Message)) with
                {
                    Effect = Effect.Unknown,
                    Message = $"{claim.Path} in vault {definition.Name} was claimed without effect, and the claim could not be released.",
                    Hint = $"The next run takes it over once this one has ended; or delete the variable {ClaimKey(claim.Path)} in the "
                        + "home repository.",
                },
                cause ?? e);
        }
    }

    private Known KnownOf(Claim claim) => _known.GetValueOrDefault((claim.Path, claim.Rotation), Known.Nothing);

    private void Remember(Claim claim, Func<Known, Known> change) => _known[(claim.Path, claim.Rotation)] = change(KnownOf(claim));

    /// <summary>What this object knows of a claim without asking.</summary>
    /// <param name="Staged">The staged version, or null where it isn't known.</param>
    /// <param name="IsAlone">Whether that version is the only one that its rotation staged, for certain.</param>
    /// <param name="NothingStaged">Whether, for certain, nothing is staged.</param>
    /// <param name="Recorded">The delivery that was written with the promotion, or null.</param>
    /// <param name="Base">The version that was current when the claim was taken, or null.</param>
    private sealed record Known(VersionId? Staged, bool IsAlone, bool NothingStaged, DeliveryMark? Recorded, KeyVaultVersion? Base)
    {
        public static Known Nothing { get; } = new(null, false, false, null, null);
    }
}
