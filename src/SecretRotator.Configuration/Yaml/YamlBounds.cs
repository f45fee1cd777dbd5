namespace SecretRotator.Configuration.Yaml;

/// <summary>
/// How large an inventory file may be. The bounds lie above what an inventory of 10,000 secrets needs and below what
/// hurts: whatever the file holds, it is read in seconds at most, and in some hundred megabytes.
/// </summary>
internal static class YamlBounds
{
    /// <summary>Bytes of one file.</summary>
    public const int Bytes = 4 * 1024 * 1024;

    /// <summary>Bytes of an inventory with all files that it includes: some 90,000 secrets.</summary>
    public const int AllBytes = 32 * 1024 * 1024;

    /// <summary>The files of an inventory.</summary>
    public const int Files = 200;

    /// <summary>Lists and mappings inside one another; the grammar needs 6.</summary>
    public const int Depth = 16;

    /// <summary>Keys, values, lists and mappings altogether.</summary>
    public const int Nodes = 400_000;
}
