namespace SecretRotator.Providers.Doctor;

/// <summary>What documents of trust are made of.</summary>
/// <param name="Settings">The providers, with their settings.</param>
/// <param name="Inventory">The inventory.</param>
/// <param name="Facts">Whom to trust.</param>
internal sealed record TrustRequest(ConfiguredProviders Settings, RotationInventory Inventory, TrustFacts Facts)
{
    /// <summary>Whether rights may be given on all secrets under the prefixes of the inventory's paths, not on these secrets
    /// alone.</summary>
    public bool ByPathPrefix { get; init; }

    /// <summary>What the providers' own credentials need of each other's vaults.</summary>
    public ImmutableArray<BorrowedAccess> Borrowed { get; } =
        [.. Settings.Registered.Select(provider => provider.Borrow(Settings, Inventory))];
}
