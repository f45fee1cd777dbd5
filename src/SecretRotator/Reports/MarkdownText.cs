namespace SecretRotator.Reports;

/// <summary>Makes text from outside plain text in a page of Markdown: no markup, no HTML, no link, no end of a cell.</summary>
internal static class MarkdownText
{
    private const string Markup = "\\`*_{}[]<>|#~!&";

    public static string Of(string text)
    {
        var printable = PrintableText.Of(text);
        var escaped = new StringBuilder(printable.Length + 8);
        foreach (var character in printable)
        {
            // Autolinks of extended Markdown begin with a scheme or with www. as well: a zero-width entity breaks neither reading nor
            // copying.
            if (Markup.Contains(character, StringComparison.Ordinal))
                escaped.Append('\\');
            escaped.Append(character);
        }

        return escaped.Replace("://", ":&#8203;//").Replace("www.", "www&#46;").ToString();
    }
}
