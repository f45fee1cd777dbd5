using SecretRotator.Configuration.Yaml;

namespace SecretRotator.Doctor.PipelineFile;

/// <summary>The lines of the file, to find the place of a character of a script in them.</summary>
internal sealed class ScriptSource(string text)
{
    private readonly string[] _lines = text.Split('\n');

    /// <summary>The command lines of one text of a script.</summary>
    public ImmutableArray<ScriptCommand> Commands(YamlNode.Scalar scalar)
    {
        var starts = LineStarts(scalar.Text);
        var places = IsLiteral(scalar.At) ? Literal(scalar, starts) : [SingleLine(scalar)];
        return ScriptLexer.Split(scalar.Text, offset =>
        {
            var found = starts.BinarySearch(offset);
            var line = found < 0 ? ~found - 1 : found;
            return line < places.Length && places[line] is { } place
                ? place with { Column = place.Column + offset - starts[line] }
                : scalar.At;
        });
    }

    // After "|", each line of the text is a line of the file, further to the right.
    private ImmutableArray<Position?> Literal(YamlNode.Scalar scalar, List<int> starts) =>
    [
        .. starts.Select((start, i) =>
        {
            var end = i + 1 < starts.Count ? starts[i + 1] - 1 : scalar.Text.Length;
            var column = LineAt(scalar.At.Line + 1 + i).IndexOf(scalar.Text[start..end], StringComparison.Ordinal);
            return column < 0 ? (Position?)null : new Position(scalar.At.Line + 1 + i, column + 1);
        }),
    ];

    // With escapes in it, or folded from several lines, the beginning of the text has to do.
    private Position? SingleLine(YamlNode.Scalar scalar)
    {
        var line = LineAt(scalar.At.Line);
        var column = scalar.At.Column <= line.Length ? line.IndexOf(scalar.Text, scalar.At.Column - 1, StringComparison.Ordinal) : -1;
        return column < 0 ? null : new Position(scalar.At.Line, column + 1);
    }

    // An anchor or a tag may come before the sign.
    private bool IsLiteral(Position at)
    {
        var line = LineAt(at.Line);
        var rest = at.Column <= line.Length ? line.AsSpan(at.Column - 1) : default;
        while (rest is ['&' or '!', ..])
            rest = rest[(rest.IndexOf(' ') is var end and >= 0 ? end : rest.Length)..].TrimStart(' ');
        return rest is ['|', ..];
    }

    private string LineAt(int line) => line >= 1 && line <= _lines.Length ? _lines[line - 1] : "";

    private static List<int> LineStarts(string script)
    {
        var starts = new List<int> { 0 };
        for (var i = script.IndexOf('\n'); i >= 0; i = script.IndexOf('\n', i + 1))
            starts.Add(i + 1);
        return starts;
    }
}
