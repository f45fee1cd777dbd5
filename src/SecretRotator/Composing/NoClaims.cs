using SecretRotator.Vaults;

namespace SecretRotator.Composing;

/// <summary>Claims are kept in Bitbucket, which can't be asked before there is a credential; what is only read needs none.</summary>
internal sealed class NoClaims : IClaimBoard
{
    public int Calls => 0;

    public Task<PostedClaim?> FindAsync(string key, CancellationToken cancellation) => Task.FromResult<PostedClaim?>(null);

    public Task<PostResult> PostAsync(string key, ClaimText text, CancellationToken cancellation) => throw new InvalidOperationException("A credential is only read.");

    public Task RemoveAsync(string uuid, CancellationToken cancellation) => throw new InvalidOperationException("A credential is only read.");
}
