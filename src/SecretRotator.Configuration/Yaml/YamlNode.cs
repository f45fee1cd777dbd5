namespace SecretRotator.Configuration.Yaml;

/// <summary>A node of the file, with its place. Scalars are texts: the caller decides what they mean.</summary>
/// <param name="At">Where it begins.</param>
internal abstract record YamlNode(Position At)
{
    /// <summary>A text.</summary>
    /// <param name="At">Where it begins.</param>
    /// <param name="Text">The text, without quotes and escapes.</param>
    /// <param name="Plain">Whether it was written without quotes, so that it may mean a number, a truth value or nothing.</param>
    public sealed record Scalar(Position At, string Text, bool Plain) : YamlNode(At);

    /// <summary>A list.</summary>
    /// <param name="At">Where it begins.</param>
    /// <param name="Items">Its items in order.</param>
    public sealed record Sequence(Position At, ImmutableArray<YamlNode> Items) : YamlNode(At);

    /// <summary>Keys with values; no key twice.</summary>
    /// <param name="At">Where it begins.</param>
    /// <param name="Entries">Its entries in order.</param>
    public sealed record Mapping(Position At, ImmutableArray<YamlEntry> Entries) : YamlNode(At);

    /// <summary>Something whose problem is reported already: there is nothing more to say about it.</summary>
    /// <param name="At">Where it begins.</param>
    public sealed record Unusable(Position At) : YamlNode(At);
}

/// <summary>One key with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="KeyAt">Where the key begins.</param>
/// <param name="Value">The value.</param>
internal sealed record YamlEntry(string Key, Position KeyAt, YamlNode Value);

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
