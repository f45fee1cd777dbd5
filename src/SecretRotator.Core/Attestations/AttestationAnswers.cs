using System.Text.RegularExpressions;

namespace SecretRotator.Attestations;

/// <summary>
/// What a step answered: lines such as <c>secret-rotator attestation 1 DB_PASSWORD 5f…</c> in its log. Everything else
/// in the log is left alone; a line of another form is no answer.
/// </summary>
internal sealed class AttestationAnswers
{
    private const string Missing = "missing";
    private const string Unlisted = "unlisted";

    // An answer for a key, or why there is none at all.
    private static readonly Regex Line = new(
        "^secret-rotator attestation 1 (- (?<trouble>[a-z-]{1,20})"
            + $"|(?<key>[A-Za-z_][A-Za-z0-9_]{{0,254}}) (?<answer>{Missing}|{Unlisted}|[0-9a-f]{{64}}))\r?$",
        RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, Regex.InfiniteMatchTimeout);

    private readonly ILookup<string, string> _answers;

    private AttestationAnswers(ILookup<string, string> answers, string? trouble) => (_answers, Trouble) = (answers, trouble);

    /// <summary>Why the step could not answer at all, as a sentence; null where it says no such thing.</summary>
    public string? Trouble { get; }

    /// <summary>Reads a log.</summary>
    public static AttestationAnswers Read(string log)
    {
        var lines = Line.Matches(log);
        var answers = lines.Where(line => line.Groups["key"].Success)
            .ToLookup(line => line.Groups["key"].Value, line => line.Groups["answer"].Value, StringComparer.Ordinal);
        var trouble = lines.Select(line => line.Groups["trouble"]).FirstOrDefault(word => word.Success);
        return new AttestationAnswers(answers, Explain(trouble?.Value));
    }

    /// <summary>Whether the step says that it has no variable of this key.</summary>
    public bool LackVariable(string key) => OnlyAnswer(key) is Missing;

    /// <summary>Whether the step says that the key isn't one of those that it answers for.</summary>
    public bool LackPermission(string key) => OnlyAnswer(key) is Unlisted;

    /// <summary>The HMAC that it answers for a key; null where it answers nothing, or several things.</summary>
    public byte[]? Of(string key) =>
        OnlyAnswer(key) is { } answer and not (Missing or Unlisted) ? Convert.FromHexString(answer) : null;

    private string? OnlyAnswer(string key) => _answers[key].ToList() is [var answer] ? answer : null;

    private static string? Explain(string? word) => word switch
    {
        "no-openssl" => "The image of its step has no openssl.",
        "no-printf" => "The shell of its step has no printf of its own, and a value must not become an argument.",
        "no-nonce" => "Its step got no nonce: it may be another step than the tool's, or something else started it.",
        "bad-key" => "Its step was asked for something that is no key.",
        _ => null,
    };
}
