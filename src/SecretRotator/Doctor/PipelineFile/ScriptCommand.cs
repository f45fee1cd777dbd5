using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>One command line of a script, with continued lines joined and comments left out.</summary>
/// <param name="Text">As it is written.</param>
/// <param name="Skeleton">
/// As long as <see cref="Text"/>, with quoted texts filled in, so that what is only talked about isn't taken for what is done.
/// Substitutions,
/// variables in double quotes and the argument of <c>-c</c> are kept: they are done.
/// </param>
/// <param name="Offsets">For each character its offset in the script's text.</param>
/// <param name="Place">Where an offset of the script's text is in the file.</param>
internal sealed record ScriptCommand(string Text, string Skeleton, int[] Offsets, Func<int, Position> Place)
{
    /// <summary>The here-documents that it reads.</summary>
    public ImmutableArray<HereDocument> Documents { get; init; } = [];

    /// <summary>Where a character is in the file.</summary>
    public Position At(int index) => Place(Offsets[Math.Min(index, Offsets.Length - 1)]);
}

/// <summary>The text that a command reads as its input.</summary>
/// <param name="Text">Its lines, without the one that ends it.</param>
/// <param name="Expands">Whether the shell puts values in the place of variables.</param>
/// <param name="Offset">Where it begins in the script's text.</param>
/// <param name="Place">Where an offset of the script's text is in the file.</param>
internal sealed record HereDocument(string Text, bool Expands, int Offset, Func<int, Position> Place)
{
    // Longer lines hold data.
    private const int LongestLine = 2_000;

    /// <summary>Its lines, as if each were a command: they are looked through for values in the same way.</summary>
    public IEnumerable<ScriptCommand> Lines()
    {
        for (var start = 0; start < Text.Length;)
        {
            var end = Text.IndexOf('\n', start) is var found and >= 0 ? found : Text.Length;
            var line = Text[start..Math.Min(end, start + LongestLine)];
            if (!string.IsNullOrWhiteSpace(line))
                yield return new ScriptCommand(line, line, [.. Enumerable.Range(Offset + start, line.Length)], Place);
            start = end + 1;
        }
    }
}
