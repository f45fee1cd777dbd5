using System.Buffers;

namespace SecretRotator.Attestations;

/// <summary>
/// What a step answered: lines such as <c>secret-rotator attestation 1 DB_PASSWORD 5f…</c> in its log. Everything else
/// in the log is left alone; a line of another form is no answer.
/// </summary>
internal sealed class AttestationAnswers
{
    private const string Missing = "missing";
    private const string Unlisted = "unlisted";
    private const string Beginning = "secret-rotator attestation 1 ";
    private const int LongestKey = 255;
    private const int LongestTrouble = 20;
    private const int HashDigits = 64;

    private static readonly SearchValues<char> OfKey = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    private static readonly SearchValues<char> OfHash = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> OfTrouble = SearchValues.Create("abcdefghijklmnopqrstuvwxyz-");

    private readonly ImmutableDictionary<string, ImmutableArray<string>> _answers;

    private AttestationAnswers(ImmutableDictionary<string, ImmutableArray<string>> answers, string? trouble) =>
        (_answers, Trouble) = (answers, trouble);

    /// <summary>Why the step could not answer at all, as a sentence; null where it says no such thing.</summary>
    public string? Trouble { get; }

    /// <summary>Reads a log.</summary>
    public static AttestationAnswers Read(string log)
    {
        var answers = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal);
        string? trouble = null;
        foreach (var range in log.AsSpan().Split('\n'))
        {
            var line = log.AsSpan()[range];
            if (!line.StartsWith(Beginning))
                continue;
            line = line[Beginning.Length..];
            if (line.EndsWith("\r"))
                line = line[..^1];
            if (line.IndexOf(' ') is not (> 0 and var blank))
                continue;
            var name = line[..blank];
            var word = line[(blank + 1)..];
            if (name is "-" && IsTrouble(word))
                trouble ??= word.ToString();
            else if (IsKey(name) && IsAnswer(word))
                answers[name.ToString()] = answers.GetValueOrDefault(name.ToString(), []).Add(word.ToString());
        }

        return new AttestationAnswers(answers.ToImmutableDictionary(StringComparer.Ordinal), trouble is null ? null : Explain(trouble));
    }

    /// <summary>Whether the step says that it has no variable of this key.</summary>
    public bool LackVariable(string key) => _answers.GetValueOrDefault(key, []) is [Missing];

    /// <summary>Whether the step says that the key isn't one of those that it answers for.</summary>
    public bool LackPermission(string key) => _answers.GetValueOrDefault(key, []) is [Unlisted];

    /// <summary>The HMAC that it answers for a key; null where it answers nothing, or several things.</summary>
    public byte[]? Of(string key) =>
        _answers.GetValueOrDefault(key, []) is [var answer] && answer is not (Missing or Unlisted) ? Convert.FromHexString(answer) : null;

    private static string? Explain(string word) => word switch
    {
        "no-openssl" => "The image of its step has no openssl.",
        "no-printf" => "The shell of its step has no printf of its own, and a value must not become an argument.",
        "no-nonce" => "Its step got no nonce: it may be another step than the tool's, or something else started it.",
        "bad-key" => "Its step was asked for something that is no key.",
        _ => null,
    };

    private static bool IsKey(ReadOnlySpan<char> text) =>
        text.Length <= LongestKey && !char.IsAsciiDigit(text[0]) && !text.ContainsAnyExcept(OfKey);

    private static bool IsAnswer(ReadOnlySpan<char> text) =>
        text is Missing or Unlisted || (text.Length == HashDigits && !text.ContainsAnyExcept(OfHash));

    private static bool IsTrouble(ReadOnlySpan<char> text) =>
        text.Length is > 0 and <= LongestTrouble && !text.ContainsAnyExcept(OfTrouble);
}
