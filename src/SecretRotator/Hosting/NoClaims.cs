namespace SecretRotator.Hosting;

/// <summary>Claims are kept in Bitbucket, which can't be asked before there is a credential; a secret that is only read needs
/// none.</summary>
internal sealed class NoClaims : ILockStore
{
    /// <inheritdoc />
    public string Home => "";

    /// <inheritdoc />
    public int Calls => 0;

    /// <inheritdoc />
    public Task<PostedClaim?> FindAsync(string key, CancellationToken cancellation) => Task.FromResult<PostedClaim?>(null);

    /// <inheritdoc />
    public Task<PostResult> PostAsync(string key, ClaimText text, CancellationToken cancellation) =>
        throw new InvalidOperationException("Secrets are only read here.");

    /// <inheritdoc />
    public Task RemoveAsync(string uuid, Lease? lease, CancellationToken cancellation) =>
        throw new InvalidOperationException("Secrets are only read here.");
}
