namespace SecretRotator.Planning;

/// <summary>Distinguishes one inventory from another.</summary>
public static class InventoryDigest
{
    /// <summary>
    /// 64 hexadecimal digits (SHA-256) over everything that the inventory says, and nothing of how it says it: comments,
    /// line numbers, the order of entries and the notation of periods and shares don't matter. Vaults that no secret
    /// names don't either.
    /// </summary>
    public static string Of(RotationInventory inventory) => CanonicalForm.Digest(CanonicalInventory.Of(inventory, inventory.Secrets));
}
