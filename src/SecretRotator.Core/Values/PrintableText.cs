namespace SecretRotator.Values;

/// <summary>Makes text from outside harmless: whatever could move the cursor, forge a line or turn the reading direction becomes
/// visible.</summary>
public static class PrintableText
{
    /// <summary>The text with control, format and line-breaking characters written as <c>\u{1B}</c>.</summary>
    public static string Of(string text)
    {
        // Nearly every text is of this kind, and a large report has millions of characters.
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') || !text.EnumerateRunes().Any(IsHarmful))
            return text;
        var printable = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
            if (IsHarmful(rune))
                printable.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}");
            else
                printable.Append(rune);
        return printable.ToString();
    }

    /// <summary>JSON text with the same characters as JSON escapes: its encoder lets some of them through. They can be in strings
    /// only.</summary>
    public static string InJson(string json)
    {
        if (!json.EnumerateRunes().Any(IsHarmfulInJson))
            return json;
        var printable = new StringBuilder(json.Length + 16);
        foreach (var rune in json.EnumerateRunes())
            if (IsHarmfulInJson(rune))
                foreach (var unit in rune.ToString())
                    printable.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
            else
                printable.Append(rune);
        return printable.ToString();
    }

    private static bool IsHarmfulInJson(Rune rune) => rune.Value != '\n' && IsHarmful(rune);

    // A lone surrogate is enumerated as U+FFFD, which prints.
    private static bool IsHarmful(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
