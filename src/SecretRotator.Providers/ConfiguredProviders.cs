using SecretRotator.Configuration;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers;

/// <summary>The registered providers, with what each of them read from the settings.</summary>
internal sealed class ConfiguredProviders
{
    private readonly ImmutableArray<object> _settings;

    /// <summary>Lets every provider read its settings.</summary>
    public ConfiguredProviders(IReadOnlyList<IVaultProvider> registered, SettingsValues values)
    {
        Registered = registered;
        Routes = ServerRoutes.Read(values);
        OfSandbox = values.OfSandbox;
        _settings =
        [
            .. registered.Select(provider => provider.ReadSettings(values))
                .Concat(BackendProviders.All.Select(provider => provider.ReadSettings(values))).OfType<object>(),
        ];
    }

    /// <summary>The providers.</summary>
    public IReadOnlyList<IVaultProvider> Registered { get; }

    /// <summary>Where servers are reached that speak no HTTP.</summary>
    public ServerRoutes Routes { get; }

    /// <summary>Whether they are a sandbox's.</summary>
    public bool OfSandbox { get; }

    /// <summary>What an inventory may name.</summary>
    public InventoryGrammar Grammar => InventoryKinds.With(Registered);

    /// <summary>The settings that a provider read.</summary>
    /// <typeparam name="T">The type of its settings.</typeparam>
    public T SettingsOf<T>() => _settings.OfType<T>().Single();

    /// <summary>Settings that don't suit the inventory.</summary>
    public IEnumerable<Problem> FindProblems(RotationInventory inventory) =>
        Registered.SelectMany(provider => provider.FindProblems(this, inventory));

    /// <summary>The services that the vaults of an inventory call.</summary>
    public IEnumerable<Endpoint> Endpoints(RotationInventory inventory) =>
        Registered.SelectMany(provider => provider.Endpoints(this, inventory));

    /// <summary>The provider of a vault.</summary>
    public IVaultProvider Of(VaultDefinition definition) => Registered.First(provider => provider.Keys.Schema == definition.Kind);
}
