namespace SecretRotator.Configuration;

/// <summary>The kinds of vaults and of backends that an inventory may name.</summary>
/// <param name="Vaults">The kinds of vaults.</param>
/// <param name="Backends">The kinds of systems that accept credentials.</param>
internal sealed record InventoryGrammar(IReadOnlyList<IVaultGrammar> Vaults, IReadOnlyList<IBackendGrammar> Backends);
