namespace SecretRotator.Configuration;

/// <summary>What reading an inventory file gave: the inventory, or everything that is wrong with the file.</summary>
/// <param name="Inventory">The inventory, or null where there is any problem.</param>
/// <param name="Problems">All problems in the order of the file; empty exactly where <paramref name="Inventory"/> is there.</param>
internal sealed record InventoryResult(RotationInventory? Inventory, ImmutableArray<InventoryProblem> Problems);

/// <summary>Something in the inventory file that a person has to fix. Never holds a secret value, nor control characters.</summary>
/// <param name="File">The file as it was named.</param>
/// <param name="Line">The line, from 1; 0 where the problem is the file as a whole.</param>
/// <param name="Column">The column in UTF-16 code units, from 1; 0 where the problem is the file as a whole.</param>
/// <param name="What">What is wrong, without a full stop.</param>
/// <param name="WriteInstead">What to write or do instead: whole sentences.</param>
internal sealed record InventoryProblem(string File, int Line, int Column, string What, string WriteInstead)
{
    /// <summary>One line, as compilers write it: <c>rotation.yaml:12:5: what is wrong. What to write.</c></summary>
    public override string ToString() => Line == 0
        ? $"{File}: {What}. {WriteInstead}"
        : $"{File}:{Line}:{Column}: {What}. {WriteInstead}";
}
