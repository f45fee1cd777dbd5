using SecretRotator.Configuration;
using SecretRotator.Providers.Backends;

namespace SecretRotator.Providers;

/// <summary>What an inventory may name, of the kinds that are registered.</summary>
internal static class InventoryKinds
{
    /// <summary>All registered kinds.</summary>
    public static InventoryGrammar All { get; } = With(VaultProviders.All);

    /// <summary>Some kinds of vaults, with all registered backends.</summary>
    public static InventoryGrammar With(IReadOnlyList<IVaultProvider> vaults) => new(vaults, BackendProviders.All);
}
