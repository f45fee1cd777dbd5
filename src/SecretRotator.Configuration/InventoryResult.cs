using System.Collections.Immutable;
using SecretRotator.Inventory;

namespace SecretRotator.Configuration;

/// <summary>What reading an inventory file gave: the inventory, or everything that is wrong with the file.</summary>
/// <param name="Inventory">The inventory, or null where there is any problem.</param>
/// <param name="Problems">All problems in the order of the file; empty exactly where <paramref name="Inventory"/> is there.</param>
internal sealed record InventoryResult(RotationInventory? Inventory, ImmutableArray<InventoryProblem> Problems);
