using System.Buffers;
using System.Collections.Frozen;

namespace SecretRotator.Output;

/// <summary>
/// Takes a line of running text apart into what folding moves to the next line as a whole: words, and what is there to be
/// copied, which is of use only in one piece: commands, paths and addresses, snippets of YAML.
/// </summary>
/// <remarks>
/// Texts mark them as prose does, by quotes and braces or not at all, so they are recognised by their form. A word too
/// many in a piece costs a shorter line; a broken command fails when it is pasted.
/// </remarks>
internal static class WholePieces
{
    // Words before the first option: "secret-rotator evidence verify", "az ad app create".
    private const int MostSubcommands = 4;

    // What is quoted may be prose of another system as well.
    private const int LongestQuote = 120;

    private static readonly SearchValues<char> Uncut = SearchValues.Create("/\\{}<=\"` ");

    private static readonly FrozenSet<string> Programs =
        FrozenSet.ToFrozenSet(["secret-rotator", "aws", "az", "curl", "docker", "gcloud", "git", "ulimit"], StringComparer.Ordinal);

    /// <summary>The pieces of a line, in its order. Within a piece, words are one space apart.</summary>
    public static IEnumerable<string> Of(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var at = 0; at < words.Length;)
        {
            var count = Math.Max(Math.Max(Quoted(words, at), Yaml(words, at)), Command(words, at));
            yield return count == 1 ? words[at] : string.Join(' ', words, at, count);
            at += count;
        }
    }

    /// <summary>Whether a piece that is wider than its room may be cut: plain words may, such as a long name.</summary>
    public static bool MayBeCut(string piece) => piece.AsSpan().IndexOfAny(Uncut) < 0;

    // "key: value" or `command`.
    private static int Quoted(string[] words, int at)
    {
        foreach (var quote in (ReadOnlySpan<char>)['"', '`'])
        {
            if (!words[at].TrimStart('(').StartsWith(quote) || words[at].Count(quote) != 1)
                continue;
            var length = words[at].Length;
            for (var end = at + 1; end < words.Length && (length += words[end].Length + 1) <= LongestQuote; end++)
                if (words[end].Contains(quote))
                    return quote == '`' || IsCode(words, at, end) ? end - at + 1 : 1;
        }

        return 1;
    }

    private static bool IsCode(string[] words, int from, int to) =>
        words.Take(from..to).Any(word => word.EndsWith(':') || word.Contains('=') || word is "\"-")
        || Programs.Contains(words[from].TrimStart('(').TrimStart('"'));

    // "{ kind: vault-managed }", "image: { name: … }", "oidc: true", "rotate-every: 14d".
    private static int Yaml(string[] words, int at)
    {
        var start = at;
        if (words[at].EndsWith(':') && at + 1 < words.Length && IsKey(words[at][..^1]))
        {
            if (IsValue(words[at], words[at + 1]))
                return 2;
            start++;
        }

        if (!words[start].StartsWith('{'))
            return 1;
        var open = 0;
        for (var end = start; end < words.Length; end++)
        {
            open += words[end].Count('{') - words[end].Count('}');
            if (open <= 0)
                return end - at + 1;
        }

        return 1;
    }

    private static bool IsKey(string text) =>
        text.Length > 0 && char.IsAsciiLetterLower(text[0])
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '_');

    // A key that no prose has takes any value, any other one only what prose hardly has after a colon.
    private static bool IsValue(string key, string word) =>
        word.TrimEnd('.', ',', ';', ')') is "true" or "false"
        || (!word.StartsWith('{') && key.AsSpan(0, key.Length - 1).IndexOfAny('-', '.') > 0 && char.IsAsciiLetterOrDigit(word[0])
            && !char.IsAsciiLetterUpper(word[0]));

    private static int Command(string[] words, int at)
    {
        if (!Programs.Contains(words[at].TrimStart('(')))
            return 1;
        var (end, subcommands) = (at + 1, 0);
        for (; end < words.Length && !IsLast(words[end - 1]); end++)
        {
            var (word, before) = (words[end], words[end - 1]);
            var belongs = word[0] is '-' or '>' or '|' or '\'' or '"' || word.Contains('/') || IsPlaceholder(word)
                || (before[0] is '-' && !before.Contains('=')) || before is ">" or "|"
                || (before[0] is not '-' && ++subcommands <= MostSubcommands && IsSubcommand(word)
                    && !words.Take(at..end).Any(each => each[0] is '-'));
            if (!belongs)
                break;
        }

        return end - at;
    }

    private static bool IsSubcommand(string word) => word.TrimEnd('.', ',', ';', ':', ')')
        .All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-');

    private static bool IsPlaceholder(string word) => word.TrimEnd('.', ',', ';', ':', ')', '…')
        .All(letter => char.IsAsciiLetterUpper(letter) || letter is '-' or '_' or ':');

    private static bool IsLast(string word) => word[^1] is '.' or ',' or ';' or ':' or ')' or '`';
}
