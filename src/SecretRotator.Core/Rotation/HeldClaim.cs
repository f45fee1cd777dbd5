using SecretRotator.Inventory;
using SecretRotator.Vaults;

namespace SecretRotator.Rotation;

/// <summary>A claim that this run holds.</summary>
/// <param name="Secret">The secret.</param>
/// <param name="Vault">Its vault.</param>
/// <param name="Claim">The claim, as the vault gave it.</param>
/// <param name="Journal">The evidence of the rotation that holds it.</param>
internal sealed record HeldClaim(ManagedSecret Secret, ISecretVault Vault, Claim Claim, RotationJournal Journal)
{
    /// <summary>Drops what is staged and releases the claim, whether evidence can be written or not.</summary>
    /// <returns>What failed, or null.</returns>
    public async Task<Exception?> TryDiscardAsync()
    {
        Journal.IsForgiving = true;
        try
        {
            await Journal.DoAsync(RotationStep.Discard, null, () => Vault.DiscardAsync(Claim, CancellationToken.None)).ConfigureAwait(false);
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }
}
