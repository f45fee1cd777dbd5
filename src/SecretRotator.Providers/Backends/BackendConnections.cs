using NodaTime;
using SecretRotator.Backends;
using SecretRotator.Inventory;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Providers.Backends;

/// <summary>What backends are reached with. The backend of each secret is opened when it is asked for.</summary>
/// <param name="registered">The kinds of backends.</param>
/// <param name="vaults">The vaults of the inventory, which share their identity with backends of the same provider.</param>
/// <param name="vault">A vault by its name.</param>
/// <param name="folder">The inventory's folder, which paths of the inventory start from.</param>
internal sealed class BackendConnections(
    IReadOnlyList<IBackendProvider> registered, VaultConnections vaults, Func<string, ISecretVault> vault, string folder)
{
    /// <summary>The vaults, with settings, HTTP handlers and time.</summary>
    public VaultConnections Vaults => vaults;

    /// <summary>The settings of all providers.</summary>
    public ConfiguredProviders Settings => vaults.Settings;

    /// <summary>The time.</summary>
    public IClock Clock => vaults.Clock;

    /// <summary>Where salts and jitter come from.</summary>
    public IRandomSource Random => vaults.Random;

    /// <summary>Waits and measures.</summary>
    public TimeProvider Time => vaults.Time;

    /// <summary>Makes the HTTP handlers of all calls.</summary>
    public Func<HttpMessageHandler> Handler => vaults.Handler;

    /// <summary>Bitbucket under the tool's own credential and call limit, for backends that are there.</summary>
    public BitbucketConnection? Bitbucket { get; init; }

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

    /// <summary>The backend of a secret; null where it has none.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public ICredentialBackend? Open(ManagedSecret secret) => secret.Backend is { } definition
        ? registered.First(provider => provider.Keys.Schema == definition.Kind).Open(secret, this)
        : null;
}
