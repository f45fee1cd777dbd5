namespace SecretRotator.Backends;

/// <summary>Looks at an old credential that is to be ended, so that a plan can tell whether someone still uses it.</summary>
/// <param name="vaults">The vault of a name.</param>
/// <param name="backends">The system that accepts a secret's value; null where the secret has none.</param>
public sealed class OldCredentialReader(
    Func<string, ISecretVault> vaults, Func<ManagedSecret, ICredentialBackendReader?> backends)
{
    /// <summary>The slot that the version in grace names; null where there is none, where it is in use again, and where it can't be
    /// seen.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="seen">What its vault said.</param>
    /// <param name="cancellation">Stops the calls.</param>
    public async Task<Slot?> FindAsync(ManagedSecret secret, SecretDescription seen, CancellationToken cancellation)
    {
        if (seen.Grace is not { } grace)
            return null;
        try
        {
            if (backends(secret) is not { } backend)
                return null;
            var vault = vaults(secret.Vault);
            using var old = await vault.ReadAsync(secret.Path, grace.Version, cancellation).ConfigureAwait(false);
            using var current = await vault.ReadAsync(secret.Path, seen.Current, cancellation).ConfigureAwait(false);
            return backend.TrySlotOf(old.Value) is { } slot && slot != backend.SlotOf(current.Value)
                ? (await backend.InspectAsync(current.Value, cancellation).ConfigureAwait(false)).Find(slot)
                : null;
        }
        catch (Exception unseen) when (unseen is RemoteFailureException or SecretContentException or UsageException)
        {
            // The run that retires it asks again, and says why it can't.
            return null;
        }
    }
}
