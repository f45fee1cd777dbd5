namespace SecretRotator.Configuration.Yaml;

/// <summary>A place in the file.</summary>
/// <param name="Line">The line, from 1; 0 for the file as a whole.</param>
/// <param name="Column">The column in UTF-16 code units, from 1; 0 for the file as a whole.</param>
internal readonly record struct Position(int Line, int Column)
{
    /// <summary>The file, where it is one that the inventory includes; null for the inventory itself.</summary>
    public string? File { get; init; }

    /// <summary>The file as a whole.</summary>
    public static Position WholeFile => default;

    /// <summary>The first character.</summary>
    public static Position Start => new(1, 1);
}
