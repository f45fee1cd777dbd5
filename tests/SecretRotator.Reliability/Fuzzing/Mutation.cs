using System.Text.RegularExpressions;

namespace SecretRotator.Reliability.Fuzzing;

/// <summary>Changes inputs: bytes, pieces, words, and whole JSON members, which random bytes would hardly ever hit.</summary>
internal sealed partial class Mutation(Chance chance, IEnumerable<string> seeds)
{
    private const int LongestInput = 32 * 1024;

    private static readonly ImmutableArray<string> Hostile =
    [
        "null", "true", "false", "0", "-1", "1e999", "-1e-999", "9223372036854775808", "2147483648", "99999999999999999999999", "0.1",
        "\"\"", "[]", "{}", "[null]", "{\"\":null}", "\"\\ud800\"", "\"\\u0000\"", "\"\\u001b[31m\"", "\"\\u202e\"", "\"\\r\\n\"",
        "\ufeff", "\u202e", "\u001b[2J", "\r\n", "\0", "\n", " ", ",", ":", "\"", "{", "}", "[", "]", "\\", "\n%%\n",
        "200", "204", "301", "400", "401", "403", "404", "408", "409", "429", "500", "503", "drop", "cut",
        "Retry-After: 99999999999", "Retry-After: 1", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", "X-RateLimit-Limit: 1",
        "Content-Type: text/html", "Content-Type: application/json; charset=utf-16", "Content-Type: application/json; charset=bogus",
        "Content-Encoding: gzip",
        "uuuuMMdd", "..", "../", "%00", "{", "é", "\ud83d\ude00",
    ];

    private readonly byte[][] _words =
    [
        .. Hostile.Concat(seeds.SelectMany(seed => Words().Matches(seed).Select(match => match.Value))).Distinct(StringComparer.Ordinal)
            .Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>A changed copy of one input of a corpus.</summary>
    public byte[] Of(IReadOnlyList<byte[]> corpus)
    {
        var input = chance.Of(corpus);
        for (var times = 1 + chance.Below(4); times > 0; times--)
            input = Once(input, corpus);
        return input.Length <= LongestInput ? input : input[..LongestInput];
    }

    private byte[] Once(byte[] input, IReadOnlyList<byte[]> corpus)
    {
        var at = chance.Below(input.Length + 1);
        var end = Math.Min(input.Length, at + 1 + chance.Below(chance.Below(4) == 0 ? 64 : 4));
        switch (chance.Below(11))
        {
            case 0 when input.Length > 0:
                var flipped = input.ToArray();
                flipped[at % input.Length] ^= (byte)(1 << chance.Below(8));
                return flipped;
            case 1:
                return [.. input[..at], (byte)chance.Below(256), .. input[at..]];
            case 2:
                return [.. input[..at], .. input[end..]];
            case 3:
                return [.. input[..end], .. input[at..]];
            case 4:
                return input[..at];
            case 5:
                return [.. input[..at], .. chance.Of(_words), .. input[at..]];
            case 6:
                return [.. input[..at], .. chance.Of(_words), .. input[end..]];
            case 7:
                var other = chance.Of(corpus);
                return [.. input[..at], .. other[chance.Below(other.Length + 1)..]];
            case 8:
                return Replaced(input, Member(), match => $"{match.Groups[1].Value}{Encoding.UTF8.GetString(chance.Of(_words))}");
            case 9:
                return Replaced(input, Member(), match => chance.Below(2) == 0 ? "" : $"{match.Value},{match.Value}");
            default:
                return Replaced(input, Line(), match => chance.Below(2) == 0 ? "" : $"{match.Value}{match.Value}");
        }
    }

    // One match of a pattern, written anew. Bytes that aren't UTF-8 must stay as they are, so they are taken for Latin-1.
    private byte[] Replaced(byte[] input, Regex pattern, Func<Match, string> replacement)
    {
        var text = Encoding.Latin1.GetString(input);
        if (pattern.Matches(text) is not { Count: > 0 } matches)
            return input;
        var match = matches[chance.Below(matches.Count)];
        return [.. input[..match.Index], .. Encoding.UTF8.GetBytes(replacement(match)), .. input[(match.Index + match.Length)..]];
    }

    [GeneratedRegex("[A-Za-z0-9_-]{3,40}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Words();

    [GeneratedRegex(
        "(\"[^\"\\n]{1,40}\"\\s*:\\s*)(\"[^\"\\n]*\"|[-+.\\w]+|\\[[^\\[\\]]*\\]|\\{[^{}]*\\})", RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Member();

    [GeneratedRegex("[^\\n]*\\n", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();
}
