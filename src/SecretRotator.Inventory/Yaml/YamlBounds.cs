namespace SecretRotator.Inventory.Yaml;

/// <summary>
/// How large an inventory file may be. The bounds lie far above what an inventory of 2,000 secrets needs and far
/// below what hurts: whatever the file holds, it is read in milliseconds and a few megabytes.
/// </summary>
internal static class YamlBounds
{
    /// <summary>Bytes of the whole file.</summary>
    public const int Bytes = 1024 * 1024;

    /// <summary>Lists and mappings inside one another; the grammar needs 6.</summary>
    public const int Depth = 16;

    /// <summary>Keys, values, lists and mappings altogether.</summary>
    public const int Nodes = 100_000;
}
