using System.Buffers;

namespace SecretRotator.Configuration;

/// <summary>
/// Finds the shapes that issuers give their credentials, in one pass: its time is in proportion to the text, whatever the text is, and
/// no clock decides over what is found. The texts are files that anyone may have written.
/// </summary>
/// <remarks>
/// AWS: key ids begin with AKIA (lasting) or ASIA (temporary). Atlassian: ATATT (API token), ATCTT (access token), ATBB (app password).
/// Others: GitHub, GitLab, Slack and Stripe, as their secret scanners publish them.
/// </remarks>
internal static class SecretShapes
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";
    private const int MostBeforePrivateKey = 40;
    private const int LeastOfTokenHeader = 10;
    private const int LeastOfTokenPayload = 4;
    private const string Pem = "-----BEGIN ";
    private const string WebToken = "eyJ";

    private static readonly SearchValues<char> OfKeyId = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    private static readonly SearchValues<char> OfPemLabel = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ");
    private static readonly SearchValues<char> OfWebToken = SearchValues.Create(Letters + Digits + "_-");

    private static readonly ImmutableArray<Shape> Shapes =
    [
        new("AKIA", OfKeyId, 16, "an AWS access key id") { IsExact = true },
        new("ASIA", OfKeyId, 16, "an AWS access key id") { IsExact = true },
        .. Each("an Atlassian token", SearchValues.Create(Letters + Digits + "_=-"), 12, "ATATT", "ATCTT", "ATBB"),
        .. Each("an Azure key", SearchValues.Create(Letters + Digits + "+/"), 20, "AccountKey="),
        .. Each("an access token", SearchValues.Create(Letters + Digits), 20, "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        .. Each("an access token", SearchValues.Create(Letters + Digits + "_"), 20, "github_pat_"),
        .. Each("an access token", SearchValues.Create(Letters + Digits + "_-"), 16, "glpat-"),
        .. Each("an access token", SearchValues.Create(Letters + Digits + "-"), 10, "xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-"),
        .. Each("an access token", SearchValues.Create(Letters + Digits), 16, "sk_live_", "rk_live_"),
    ];

    private static readonly SearchValues<string> Beginnings = SearchValues.Create(
        [.. Shapes.Select(shape => shape.Prefix), Pem, WebToken], StringComparison.Ordinal);

    /// <summary>Every shape in a text, with its place, in their order. None lies within another.</summary>
    public static IEnumerable<(int Index, string Kind)> In(string text)
    {
        // Within one run of a token's characters every beginning ends at the same place: what failed there once fails again.
        var noTokenBefore = 0;
        for (var at = 0; (at = Next(text, at)) >= 0;)
        {
            if (EndOf(text, at, ref noTokenBefore) is not var (end, kind))
            {
                at++;
                continue;
            }

            yield return (at, kind);
            at = end;
        }
    }

    private static int Next(string text, int from) => text.AsSpan(from).IndexOfAny(Beginnings) is var found and >= 0 ? from + found : -1;

    private static (int End, string Kind)? EndOf(string text, int at, ref int noTokenBefore)
    {
        var rest = text.AsSpan(at);
        if (rest.StartsWith(Pem))
            return LengthOfPrivateKey(rest[Pem.Length..]) is { } label ? (at + Pem.Length + label, "a private key") : null;
        if (at > 0 && IsOfWord(text[at - 1]))
            return null;
        if (rest.StartsWith(WebToken))
            return at >= noTokenBefore && EndOfWebToken(text, at, out noTokenBefore) is { } end ? (end, "a JSON web token") : null;
        foreach (var shape in Shapes)
            if (rest.StartsWith(shape.Prefix) && LengthOf(rest[shape.Prefix.Length..], shape) is { } length)
                return (at + shape.Prefix.Length + length, shape.Kind);
        return null;
    }

    private static int? LengthOf(ReadOnlySpan<char> rest, Shape shape)
    {
        if (shape.IsExact)
            return Run(rest[..Math.Min(rest.Length, shape.Least)], shape.Rest) == shape.Least
                && (rest.Length == shape.Least || !IsOfWord(rest[shape.Least])) ? shape.Least : null;
        return Run(rest, shape.Rest) is var length && length >= shape.Least ? length : null;
    }

    private static int? LengthOfPrivateKey(ReadOnlySpan<char> rest)
    {
        const string End = "PRIVATE KEY";
        var label = rest[..Run(rest[..Math.Min(rest.Length, MostBeforePrivateKey + End.Length)], OfPemLabel)];
        return label.LastIndexOf(End) is var end and >= 0 ? end + End.Length : null;
    }

    private static int? EndOfWebToken(string text, int at, out int noTokenBefore)
    {
        var header = at + WebToken.Length;
        var dot = header + Run(text.AsSpan(header), OfWebToken);
        noTokenBefore = dot;
        if (dot - header < LeastOfTokenHeader || dot == text.Length || text[dot] != '.')
            return null;
        var payload = Run(text.AsSpan(dot + 1), OfWebToken);
        return payload < LeastOfTokenPayload ? null : dot + 1 + payload;
    }

    private static int Run(ReadOnlySpan<char> text, SearchValues<char> of) =>
        text.IndexOfAnyExcept(of) is var end and >= 0 ? end : text.Length;

    private static bool IsOfWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    private static IEnumerable<Shape> Each(string kind, SearchValues<char> rest, int least, params string[] prefixes) =>
        prefixes.Select(prefix => new Shape(prefix, rest, least, kind));

    /// <param name="Prefix">How it begins, where no word goes on.</param>
    /// <param name="Rest">The characters that follow.</param>
    /// <param name="Least">How many of them at least.</param>
    /// <param name="Kind">Whose it is, for people.</param>
    private sealed record Shape(string Prefix, SearchValues<char> Rest, int Least, string Kind)
    {
        /// <summary>Whether just so many follow, and no word goes on behind them.</summary>
        public bool IsExact { get; init; }
    }
}
