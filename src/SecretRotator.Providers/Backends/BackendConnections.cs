using SecretRotator.Backends;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Backends;

/// <summary>What backends are reached with. The backend of each secret is opened when it is asked for.</summary>
/// <param name="registered">The kinds of backends.</param>
/// <param name="vaults">The vaults of the inventory, which share their identity with backends of the same provider.</param>
/// <param name="vault">A vault by its name.</param>
/// <param name="network">Which authorities are trusted where the inventory names none.</param>
/// <param name="folder">The inventory's folder, which paths of the inventory start from.</param>
internal sealed class BackendConnections(
    IReadOnlyList<IBackendProvider> registered,
    VaultConnections vaults,
    Func<string, ISecretVault> vault,
    Network network,
    string folder)
{
    /// <summary>The vaults, with settings, HTTP handlers and time.</summary>
    public VaultConnections Vaults => vaults;

    /// <summary>Bitbucket under the tool's own credential and call limit, for backends that are there.</summary>
    public Func<CancellationToken, Task<BitbucketConnection>> Bitbucket { get; init; } =
        _ => throw new InvalidOperationException("There is no connection to Bitbucket.");

    /// <summary>
    /// How a server is reached that speaks no HTTP. TLS trusts the authorities of a file alone, or those of all other calls. The name is
    /// verified either way. In a sandbox the file isn't read: its authority signs for all servers.
    /// </summary>
    /// <param name="ca">The file that the inventory names (<c>ca</c>), or null.</param>
    /// <exception cref="UsageException">The file can't be read.</exception>
    public ServerNetwork NetworkOf(string? ca) => new(
        ca is null || vaults.Settings.OfSandbox
            ? (_, certificate, chain, errors) => network.IsTrusted(certificate, chain, errors)
            : ServerTrust.Of(FileAt(ca)),
        vaults.Settings.Routes);

    /// <summary>A file that the inventory names.</summary>
    public string FileAt(string path) => Path.GetFullPath(path, folder);

    /// <summary>Reads a secret that the inventory refers to; the caller wipes it.</summary>
    /// <param name="reference">Where.</param>
    /// <param name="what">What it is, at the beginning of a message.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="RemoteFailureException">The vault doesn't give it.</exception>
    /// <exception cref="UsageException">It has no such field.</exception>
    public Task<SecretValue> ReadAsync(VaultReference reference, string what, CancellationToken cancellation) =>
        ReferencedSecret.ReadAsync(vault(reference.Vault), reference, what, cancellation);

    /// <summary>
    /// What a backend may hold whose only credential changes itself: the current version of a secret, then what is staged for it. The
    /// caller wipes them.
    /// </summary>
    /// <exception cref="RemoteFailureException">The vault doesn't give it.</exception>
    public async Task<ImmutableArray<SecretValue>> ReadContentsAsync(ManagedSecret secret, CancellationToken cancellation)
    {
        var store = vault(secret.Vault);
        var description = await store.DescribeAsync(secret.Path, cancellation);
        using var current = await store.ReadAsync(secret.Path, description.Current, cancellation);
        if (description.Open is not { } open)
            return [current.Value.Copy()];

        // It is read only, so no lease matters.
        var claim = new Claim(secret.Path, open.Id, open.Base, open.Holder, open.StartedAt, open.Handle)
        {
            Lease = new Lease(vaults.Clock, Instant.MinValue),
        };
        using var staged = await store.ReadStagedAsync(claim, cancellation);
        return staged is null ? [current.Value.Copy()] : [current.Value.Copy(), staged.Value.Copy()];
    }

    /// <summary>The backend of a secret; null where it has none.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public ICredentialBackend? Open(ManagedSecret secret) => secret.Backend is { } definition
        ? registered.First(provider => provider.Keys.Schema == definition.Kind).Open(secret, this)
        : null;
}
