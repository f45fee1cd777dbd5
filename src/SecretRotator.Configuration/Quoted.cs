namespace SecretRotator.Configuration;

/// <summary>
/// Repeats a text of the file in a message: on one line, without characters that a terminal obeys, shortened, and
/// not at all where it looks like a secret. Every echo goes through here.
/// </summary>
internal static class Quoted
{
    private const int Maximum = 60;

    /// <summary>The text in double quotes, or a remark in its place.</summary>
    public static string Of(string text) =>
        SecretLiteral.KindOf(text) is null ? $"\"{Printable(text, Maximum)}\"" : "a text that is not repeated here";

    /// <summary>The text without quotes, fit for one line of a terminal.</summary>
    public static string Printable(string text, int maximum)
    {
        var printable = new StringBuilder();
        var shown = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown++ == maximum)
                return printable.Append('…').ToString();
            if (IsPrintable(rune))
                printable.Append(rune);
            else
                printable.Append('?');
        }

        return printable.ToString();
    }

    /// <summary>Whether a character can be seen: no control, no direction mark, no line break, no stray surrogate.</summary>
    public static bool IsPrintable(Rune rune) =>
        rune.IsAscii ? rune.Value is >= 0x20 and < 0x7f : !PrintableText.IsHarmful(rune) && rune.Value != 0xfffd;
}
