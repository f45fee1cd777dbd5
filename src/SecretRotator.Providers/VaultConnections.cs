using System.Collections.Concurrent;

namespace SecretRotator.Providers;

/// <summary>The vaults of an inventory. Each provider connects when the first of its vaults is asked for.</summary>
/// <param name="Settings">The providers, with their settings.</param>
/// <param name="Inventory">The inventory.</param>
/// <param name="Handler">Makes the HTTP handlers of all calls.</param>
/// <param name="Locks">Where claims are kept that a vault can't keep itself.</param>
/// <param name="Clock">The time in which secrets live.</param>
/// <param name="Random">Where ids and jitter come from.</param>
/// <param name="Time">Waits and measures.</param>
internal sealed record VaultConnections(
    ConfiguredProviders Settings,
    RotationInventory Inventory,
    Func<HttpMessageHandler> Handler,
    ILockStore Locks,
    IClock Clock,
    IRandomSource Random,
    TimeProvider Time) : IDisposable
{
    private readonly ConcurrentDictionary<IVaultProvider, Lazy<IVaultFactory>> _factories = new();

    /// <summary>Told what a person should know though it stops nothing.</summary>
    public Action<string> Notice { get; init; } = _ => { };

    /// <summary>A vault of the inventory.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public ISecretVault Create(VaultDefinition definition) => FactoryOf(definition).Create(definition);

    /// <summary>What makes a vault of the inventory, and all others of its kind.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public IVaultFactory FactoryOf(VaultDefinition definition) =>
        _factories.GetOrAdd(Settings.Of(definition), provider => new(() => provider.Connect(this))).Value;

    /// <summary>Closes all connections.</summary>
    public void Dispose()
    {
        foreach (var factory in _factories.Values.Where(factory => factory.IsValueCreated))
            factory.Value.Dispose();
    }
}
