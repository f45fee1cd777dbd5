using System.Buffers;

namespace SecretRotator.Configuration.Yaml;

/// <summary>Turns the bytes of the file into text, and refuses what no inventory holds, before a YAML parser sees it.</summary>
internal static class SourceText
{
    /// <summary>The text, or null where the bytes aren't the plain UTF-8 text that an inventory is.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes, ProblemList problems)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]))
            return Refuse(problems, Position.Start, "The file begins with a byte order mark", "Save it as UTF-8 without one.");
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]))
            return Refuse(problems, Position.Start, "The file is UTF-16", "Save it as UTF-8.");

        var (line, column, indenting) = (1, 1, true);
        var quotes = new QuoteTracker();
        for (var rest = bytes; !rest.IsEmpty;)
        {
            var status = Rune.DecodeFromUtf8(rest, out var rune, out var length);
            var at = new Position(line, column);
            if (status != OperationStatus.Done)
                return Refuse(problems, at, "Here the file isn't UTF-8", "Save it as UTF-8.");
            var isBreak = rune.Value == '\n' || (rune.Value == '\r' && (rest.Length == 1 || rest[1] != '\n'));
            if (rune.Value == '\t' && indenting)
                return Refuse(
                    problems,
                    at,
                    "There is a tab in the indentation",
                    "Indent with spaces, here and everywhere: YAML takes no tabs.");
            if (!isBreak && rune.Value is not ('\r' or '\t') && !Quoted.IsPrintable(rune))
                return Refuse(
                    problems,
                    at,
                    $"The character {Name(rune)} can't be seen and has no place in an inventory",
                    "Delete it. If the file is full of such, it isn't an inventory.");
            quotes.Take(rune.Value);
            if (rune.Value > ' ' && Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator && !quotes.IsText)
                return Refuse(
                    problems,
                    at,
                    $"The character {Name(rune)}{(rune.Value == 0xa0 ? " (no-break space)" : "")} looks like a space, and YAML doesn't "
                        + "take it for one",
                    "Write a space in its place; a text that needs the character must be quoted.");
            indenting = isBreak || (indenting && rune.Value == ' ');
            (line, column) = isBreak ? (line + 1, 1) : (line, column + rune.Utf16SequenceLength);
            rest = rest[length..];
        }

        return Encoding.UTF8.GetString(bytes);
    }

    private static string Name(Rune rune) => $"U+{rune.Value:X4}";

    private static string? Refuse(ProblemList problems, Position at, string what, string writeInstead)
    {
        problems.Add(at, what, writeInstead);
        return null;
    }
}
