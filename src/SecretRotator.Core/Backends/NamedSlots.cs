namespace SecretRotator.Backends;

/// <summary>The slots that the versions of a secret name: what else a backend keeps for it is a stranger.</summary>
internal static class NamedSlots
{
    /// <summary>The slot of a content; null where it names none.</summary>
    public static SlotId? TrySlotOf(this ICredentialBackendReader backend, SecretValue content)
    {
        try
        {
            return backend.SlotOf(content);
        }
        catch (SecretContentException)
        {
            return null;
        }
    }

    /// <summary>The slot in use, and that of the version in grace.</summary>
    /// <exception cref="RemoteFailureException">That version can't be read.</exception>
    public static async Task<HashSet<SlotId>> ReadAsync(
        ICredentialBackendReader backend, ISecretVault vault, string path, SlotId inUse, GraceMark? grace, CancellationToken cancellation)
    {
        HashSet<SlotId> named = [inUse];
        if (grace is not null)
        {
            using var old = await vault.ReadAsync(path, grace.Version, cancellation).ConfigureAwait(false);
            if (backend.TrySlotOf(old.Value) is { } slot)
                named.Add(slot);
        }

        return named;
    }
}
