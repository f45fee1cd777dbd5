using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace SecretRotator.Attestations;

/// <summary>
/// What a step answered: lines such as <c>secret-rotator attestation 1 DB_PASSWORD 5f…</c> in its log. Everything else
/// in the log is left alone; a line of another form is no answer.
/// </summary>
internal sealed partial class AttestationAnswers
{
    private const string Missing = "missing";
    private const string Unlisted = "unlisted";

    private readonly ImmutableDictionary<string, ImmutableArray<string>> _answers;

    private AttestationAnswers(ImmutableDictionary<string, ImmutableArray<string>> answers, string? trouble) => (_answers, Trouble) = (answers, trouble);

    /// <summary>Why the step could not answer at all, as a sentence; null where it says no such thing.</summary>
    public string? Trouble { get; }

    /// <summary>Reads a log.</summary>
    public static AttestationAnswers Read(string log)
    {
        var answers = Line().Matches(log)
            .GroupBy(line => line.Groups["key"].Value, StringComparer.Ordinal)
            .ToImmutableDictionary(g => g.Key, g => g.Select(line => line.Groups["answer"].Value).ToImmutableArray(), StringComparer.Ordinal);
        return new AttestationAnswers(answers, TroubleLine().Match(log) is { Success: true } trouble ? Explain(trouble.Groups["word"].Value) : null);
    }

    /// <summary>Whether the step says that it has no variable of this key.</summary>
    public bool LackVariable(string key) => _answers.GetValueOrDefault(key, []) is [Missing];

    /// <summary>Whether the step says that the key isn't one of those that it answers for.</summary>
    public bool LackPermission(string key) => _answers.GetValueOrDefault(key, []) is [Unlisted];

    /// <summary>The HMAC that it answers for a key; null where it answers nothing, or several things.</summary>
    public byte[]? Of(string key) => _answers.GetValueOrDefault(key, []) is [var answer] && answer is not (Missing or Unlisted) ? Convert.FromHexString(answer) : null;

    private static string? Explain(string word) => word switch
    {
        "no-openssl" => "The image of its step has no openssl.",
        "no-printf" => "The shell of its step has no printf of its own, and a value must not become an argument.",
        "no-nonce" => "Its step got no nonce: it may be another step than the tool's, or something else started it.",
        "bad-key" => "Its step was asked for something that is no key.",
        _ => null,
    };

    [GeneratedRegex(@"^secret-rotator attestation 1 (?<key>[A-Za-z_][A-Za-z0-9_]{0,254}) (?<answer>[0-9a-f]{64}|missing|unlisted)\r?$", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Line();

    [GeneratedRegex(@"^secret-rotator attestation 1 - (?<word>[a-z-]{1,20})\r?$", RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 2000)]
    private static partial Regex TroubleLine();
}
