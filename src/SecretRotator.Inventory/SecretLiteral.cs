using System.Buffers;
using System.Text.RegularExpressions;

namespace SecretRotator.Inventory;

/// <summary>Recognises texts that look like secret values, which must not stand in an inventory.</summary>
/// <remarks>
/// Two ways: shapes that issuers give their credentials, and texts that look drawn at random. The second is a guess,
/// tuned so that ARNs, addresses, identifiers, UUIDs and prose pass; it can't see a value that looks like a word.
/// </remarks>
internal static partial class SecretLiteral
{
    private const int ShortestRandom = 20;
    private const int ShortestRandomPassword = 16;

    private static readonly SearchValues<char> Wide =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/_-=");

    private static readonly HashSet<string> ValueNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "accesskey", "apikey", "apitoken", "clientsecret", "credential", "credentials", "current", "initial", "initialvalue", "literal", "passphrase",
        "passwd", "password", "plaintext", "privatekey", "pwd", "secret", "secretkey", "secretvalue", "token", "value",
    };

    /// <summary>Whether a key that the grammar doesn't have seems to announce a secret value.</summary>
    public static bool NamesValue(string key) => ValueNames.Contains(key.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal));

    /// <summary>What kind of secret a text seems to hold, for people; null where it doesn't.</summary>
    public static string? KindOf(string text) => KnownShapeIn(text) ?? (LooksRandom(text) ? "random characters" : null);

    /// <summary>What issuer's shape a text holds; null where it holds none.</summary>
    public static string? KnownShapeIn(string text)
    {
        var match = Shapes().Match(text);
        return match.Success ? Describe(match) : null;
    }

    /// <summary>Every issuer's shape in a text, with its place.</summary>
    public static IEnumerable<(int Index, string Kind)> KnownShapesIn(string text) =>
        Shapes().Matches(text).Select(match => (match.Index, Describe(match)));

    /// <summary>Whether a text holds a long run that changes between lower case, upper case and digits as only random ones do.</summary>
    public static bool LooksRandom(string text)
    {
        if (text.Length < ShortestRandomPassword)
            return false;
        var rest = UuidShape().Replace(text, " ").AsSpan();
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

    // Words and camel case change class about once in three characters; 62 random characters about thrice in five.
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

    private static string Describe(Match match) =>
        match.Groups["aws"].Success ? "an AWS access key id"
        : match.Groups["pem"].Success ? "a private key"
        : match.Groups["jwt"].Success ? "a JSON web token"
        : match.Groups["atlassian"].Success ? "an Atlassian token"
        : match.Groups["azure"].Success ? "an Azure key"
        : "an access token";

    // AWS: key ids begin with AKIA (lasting) or ASIA (temporary). Atlassian: ATATT (API token), ATCTT (access token),
    // ATBB (app password). Others: GitHub, GitLab, Slack and Stripe, as their secret scanners publish them.
    [GeneratedRegex(
        @"(?<aws>\b(?:AKIA|ASIA)[A-Z2-7]{16}\b)"
        + @"|(?<pem>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY)"
        + @"|(?<jwt>\beyJ(?>[A-Za-z0-9_-]{10,300})\.(?>[A-Za-z0-9_-]{4,300}))"
        + @"|(?<atlassian>\b(?:ATATT|ATCTT|ATBB)[A-Za-z0-9_=-]{12,})"
        + @"|(?<azure>\bAccountKey=[A-Za-z0-9+/]{20,})"
        + @"|(?<other>\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abprs]-[A-Za-z0-9-]{10,}|[sr]k_live_[A-Za-z0-9]{16,}))",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 20_000)]
    private static partial Regex Shapes();

    [GeneratedRegex("(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Fa-f])", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 20_000)]
    private static partial Regex UuidShape();
}
