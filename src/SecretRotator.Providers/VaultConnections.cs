using System.Collections.Concurrent;

namespace SecretRotator.Providers;

/// <summary>The vaults of an inventory. Each provider connects when the first of its vaults is asked for.</summary>
/// <param name="settings">The providers, with their settings.</param>
/// <param name="inventory">The inventory.</param>
/// <param name="handler">Makes the HTTP handlers of all calls.</param>
/// <param name="locks">Where claims are kept that a vault can't keep itself.</param>
/// <param name="clock">The time in which secrets live.</param>
/// <param name="random">Where ids and jitter come from.</param>
/// <param name="time">Waits and measures.</param>
internal sealed class VaultConnections(
    ConfiguredProviders settings,
    RotationInventory inventory,
    Func<HttpMessageHandler> handler,
    ILockStore locks,
    IClock clock,
    IRandomSource random,
    TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<IVaultProvider, Lazy<IVaultFactory>> _factories = new();

    /// <summary>The providers, with their settings.</summary>
    public ConfiguredProviders Settings => settings;

    /// <summary>The inventory.</summary>
    public RotationInventory Inventory => inventory;

    /// <summary>Makes the HTTP handlers of all calls.</summary>
    public Func<HttpMessageHandler> Handler => handler;

    /// <summary>Where claims are kept that a vault can't keep itself.</summary>
    public ILockStore Locks => locks;

    /// <summary>The time in which secrets live.</summary>
    public IClock Clock => clock;

    /// <summary>Where ids and jitter come from.</summary>
    public IRandomSource Random => random;

    /// <summary>Waits and measures.</summary>
    public TimeProvider Time => time;

    /// <summary>Told what a person should know though it stops nothing.</summary>
    public Action<string> Notice { get; init; } = _ => { };

    /// <summary>A vault of the inventory.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public ISecretVault Create(VaultDefinition definition) => FactoryOf(definition).Create(definition);

    /// <summary>What makes a vault of the inventory, and all others of its kind.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    public IVaultFactory FactoryOf(VaultDefinition definition) =>
        _factories.GetOrAdd(settings.Of(definition), provider => new(() => provider.Connect(this))).Value;

    /// <summary>Closes all connections.</summary>
    public void Dispose()
    {
        foreach (var factory in _factories.Values.Where(factory => factory.IsValueCreated))
            factory.Value.Dispose();
    }
}
