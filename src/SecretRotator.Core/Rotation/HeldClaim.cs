namespace SecretRotator.Rotation;

/// <summary>A claim that this run holds.</summary>
/// <param name="Secret">The secret.</param>
/// <param name="Vault">Its vault.</param>
/// <param name="VaultDefinition">What the inventory says of the vault.</param>
/// <param name="Claim">The claim, as the vault gave it.</param>
/// <param name="Journal">The evidence of the rotation that holds it.</param>
internal sealed record HeldClaim(
    ManagedSecret Secret, ISecretVault Vault, VaultDefinition VaultDefinition, Claim Claim, RotationJournal Journal)
{
    /// <summary>
    /// Describes the secret under the claim. Descriptions may lag behind what was written. One that shows the claim shows everything that
    /// came before it, and what comes after it is this run's own: before it is seen, it isn't known what is current.
    /// </summary>
    /// <exception cref="RemoteFailureException">None that was asked for shows the claim, or the vault didn't describe it.</exception>
    public async Task<SecretDescription> DescribeAsync(TimeProvider time)
    {
        foreach (var seconds in new[] { 0, 1, 2, 4 })
        {
            if (seconds > 0)
                await Task.Delay(TimeSpan.FromSeconds(seconds), time, CancellationToken.None).ConfigureAwait(false);
            var seen = await Vault.DescribeAsync(Secret.Path, CancellationToken.None).ConfigureAwait(false);
            if (seen.Open?.Handle == Claim.Handle)
                return seen;
        }

        throw new RemoteFailureException(
            FailureKind.Unavailable, Effect.Rejected,
            $"What the vault reports about {Secret.Name} lags behind: it doesn't show the claim that this run has taken, "
                + "or someone else has taken it since.",
            "Run again.");
    }

    /// <summary>Drops what is staged and releases the claim, whether evidence can be written or not.</summary>
    /// <returns>What failed, or null.</returns>
    public async Task<Exception?> TryDiscardAsync()
    {
        Journal.IsForgiving = true;
        try
        {
            await Journal.DoAsync(RotationStep.Discard, null, () => Vault.DiscardAsync(Claim, CancellationToken.None))
                .ConfigureAwait(false);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}
