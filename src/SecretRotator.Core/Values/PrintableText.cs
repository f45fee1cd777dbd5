namespace SecretRotator.Values;

/// <summary>Makes text from outside harmless: whatever could move the cursor, forge a line or turn the reading direction becomes
/// visible.</summary>
public static class PrintableText
{
    /// <summary>The text with control, format and line-breaking characters written as <c>\u{1B}</c>.</summary>
    public static string Of(string text) =>
        // Nearly every text is of this kind, and a large report has millions of characters.
        text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? Replaced(text, IsHarmful, rune => $"\\u{{{rune.Value:X}}}") : text;

    /// <summary>JSON text with the same characters as JSON escapes: its encoder lets some of them through. They can be in strings
    /// only.</summary>
    public static string InJson(string json) => Replaced(
        json, rune => rune.Value != '\n' && IsHarmful(rune), rune => string.Concat(rune.ToString().Select(unit => $"\\u{(int)unit:X4}")));

    private static string Replaced(string text, Func<Rune, bool> isHarmful, Func<Rune, string> escape)
    {
        if (!text.EnumerateRunes().Any(isHarmful))
            return text;
        var printable = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
            if (isHarmful(rune))
                printable.Append(escape(rune));
            else
                printable.Append(rune);
        return printable.ToString();
    }

    /// <summary>Whether a character could do so. A lone surrogate is enumerated as U+FFFD, which prints.</summary>
    internal static bool IsHarmful(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
