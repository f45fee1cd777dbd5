using System.Buffers;

namespace SecretRotator.Configuration;

/// <summary>Recognises texts that look like secret values, which must not be in an inventory.</summary>
/// <remarks>
/// Two ways: shapes that issuers give their credentials, and texts that look drawn at random. The second is a guess,
/// tuned so that ARNs, addresses, identifiers, UUIDs and prose pass; it can't see a value that looks like a word.
/// </remarks>
internal static class SecretLiteral
{
    private const int ShortestRandom = 20;
    private const int ShortestRandomPassword = 16;
    private const int UuidLength = 36;

    private static readonly SearchValues<char> Wide =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/_-=");

    private static readonly HashSet<string> ValueNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "accesskey", "apikey", "apitoken", "clientsecret", "credential", "credentials", "current", "initial", "initialvalue", "literal",
        "passphrase",
        "passwd", "password", "plaintext", "privatekey", "pwd", "secret", "secretkey", "secretvalue", "token", "value",
    };

    /// <summary>Whether a key that the grammar doesn't have seems to announce a secret value.</summary>
    public static bool NamesValue(string key) =>
        ValueNames.Contains(key.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal));

    /// <summary>What kind of secret a text seems to hold, for people; null where it doesn't.</summary>
    public static string? KindOf(string text) => KnownShapeIn(text) ?? (LooksRandom(text) ? "random characters" : null);

    /// <summary>What issuer's shape a text holds; null where it holds none.</summary>
    public static string? KnownShapeIn(string text) => SecretShapes.In(text).Select(shape => shape.Kind).FirstOrDefault();

    /// <summary>Every issuer's shape in a text, with its place.</summary>
    public static IEnumerable<(int Index, string Kind)> KnownShapesIn(string text) => SecretShapes.In(text);

    /// <summary>Whether a text holds a long run that changes between lower case, upper case and digits as only random ones do.</summary>
    public static bool LooksRandom(string text)
    {
        if (text.Length < ShortestRandomPassword)
            return false;
        var rest = WithoutUuids(text).AsSpan();
        for (var left = rest; !left.IsEmpty;)
        {
            var length = left.IndexOfAnyExcept(Wide) is var end and >= 0 ? end : left.Length;
            if (length >= ShortestRandom && IsRandomRun(left[..length]))
                return true;
            left = left[Math.Min(length + 1, left.Length)..];
        }

        // Without separators, white space separates.
        foreach (var word in rest.SplitAny([]))
            if (IsRandomPassword(rest[word]))
                return true;
        return false;
    }

    // Words and camel case change class about once in three characters; 62 random characters about three times in five.
    private static bool IsRandomRun(ReadOnlySpan<char> run)
    {
        var (pairs, changes) = ChangesIn(run);
        return HoldsDigit(run) && (HoldsLower(run) || HoldsUpper(run)) && pairs >= ShortestRandom - 4 && changes >= pairs * 0.34;
    }

    private static bool IsRandomPassword(ReadOnlySpan<char> word)
    {
        if (word.Length < ShortestRandomPassword || !HoldsDigit(word) || !HoldsLower(word) || !HoldsUpper(word))
            return false;
        var (pairs, changes) = ChangesIn(word);
        return SymbolsIn(word) >= 2 && pairs > 0 && changes >= pairs * 0.5;
    }

    private static bool HoldsDigit(ReadOnlySpan<char> text) => text.ContainsAnyInRange('0', '9');

    private static bool HoldsLower(ReadOnlySpan<char> text) => text.ContainsAnyInRange('a', 'z');

    private static bool HoldsUpper(ReadOnlySpan<char> text) => text.ContainsAnyInRange('A', 'Z');

    private static int SymbolsIn(ReadOnlySpan<char> text)
    {
        var symbols = 0;
        foreach (var c in text)
            if (char.IsBetween(c, '!', '~') && !char.IsAsciiLetterOrDigit(c) && !"-_./:@,()".Contains(c, StringComparison.Ordinal))
                symbols++;
        return symbols;
    }

    private static (int Pairs, int Changes) ChangesIn(ReadOnlySpan<char> text)
    {
        var (pairs, changes) = (0, 0);
        for (var i = 1; i < text.Length; i++)
        {
            var (before, after) = (ClassOf(text[i - 1]), ClassOf(text[i]));
            if (before == 0 || after == 0)
                continue;
            pairs++;
            if (before != after)
                changes++;
        }

        return (pairs, changes);
    }

    private static int ClassOf(char c) =>
        char.IsAsciiLetterLower(c) ? 1 : char.IsAsciiLetterUpper(c) ? 2 : char.IsAsciiDigit(c) ? 3 : 0;

    // UUIDs are drawn at random too, and are no secrets.
    private static string WithoutUuids(string text)
    {
        StringBuilder? without = null;
        var copied = 0;
        for (var at = 0; at + UuidLength <= text.Length; at++)
        {
            if (!char.IsAsciiHexDigit(text[at]) || (at > 0 && char.IsAsciiHexDigit(text[at - 1])) || !IsUuid(text.AsSpan(at)))
                continue;
            (without ??= new StringBuilder()).Append(text, copied, at - copied).Append(' ');
            copied = at + UuidLength;
            at = copied - 1;
        }

        return without is null ? text : without.Append(text, copied, text.Length - copied).ToString();
    }

    private static bool IsUuid(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < UuidLength; i++)
            if (i is 8 or 13 or 18 or 23 ? text[i] != '-' : !char.IsAsciiHexDigit(text[i]))
                return false;
        return text.Length == UuidLength || !char.IsAsciiHexDigit(text[UuidLength]);
    }
}
