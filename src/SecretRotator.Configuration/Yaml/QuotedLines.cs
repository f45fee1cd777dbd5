namespace SecretRotator.Configuration.Yaml;

/// <summary>
/// Quoted texts over several lines, as some programs write them: the later lines begin at the column of their key. The parser asks for
/// more indentation, which means nothing in quotes: line breaks are folded with the blanks around them.
/// </summary>
internal static class QuotedLines
{
    /// <summary>The text with such lines indented; null where it holds none.</summary>
    public static string? Indented(string text)
    {
        var quotes = new QuoteTracker();
        StringBuilder? indented = null;
        var (column, opened, copied) = (0, 0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            var wasQuoted = quotes.IsQuoted;
            quotes.Take(text[i]);
            if (!wasQuoted && quotes.IsQuoted)
                opened = column;
            column = text[i] == '\n' ? 0 : column + 1;
            if (text[i] != '\n' || !quotes.IsQuoted)
                continue;
            var blanks = text.AsSpan(i + 1).IndexOfAnyExcept(' ');
            if (blanks < 0 || blanks >= opened || text[i + 1 + blanks] is '\n' or '\r')
                continue;
            indented ??= new StringBuilder(text.Length + 256);
            indented.Append(text, copied, i + 1 - copied).Append(' ', opened - blanks);
            copied = i + 1;
        }

        return indented?.Append(text, copied, text.Length - copied).ToString();
    }
}
