namespace SecretRotator.Output;

/// <summary>How many columns of a terminal a text takes: a Chinese character takes two.</summary>
internal static class CellWidth
{
    /// <summary>The columns of a text.</summary>
    public static int Of(string text) => Ascii.IsValid(text) ? text.Length : text.EnumerateRunes().Sum(Of);

    /// <summary>The columns of a character: 0 where it combines with the one before it, 2 where East_Asian_Width (UAX #11) is
    /// wide.</summary>
    public static int Of(Rune rune) => rune.Value switch
    {
        < 0x300 => 1,
        >= 0x1100 and <= 0x115F or >= 0x2E80 and <= 0x3029 or >= 0x3030 and <= 0x303E or >= 0x3041 and <= 0x3098 or >= 0x309B and <= 0xA4CF
            or >= 0xA960 and <= 0xA97C or >= 0xAC00 and <= 0xD7A3 or >= 0xF900 and <= 0xFAFF or >= 0xFE30 and <= 0xFE6F
            or >= 0xFF01 and <= 0xFF60 or >= 0xFFE0 and <= 0xFFE6 or >= 0x17000 and <= 0x18D08 or >= 0x1B000 and <= 0x1B2FB
            or >= 0x1F300 and <= 0x1F64F or >= 0x1F680 and <= 0x1F6FF or >= 0x1F900 and <= 0x1FAFF or >= 0x20000 and <= 0x3FFFD => 2,
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark ? 0 : 1,
    };
}
