using System.Buffers;

namespace SecretRotator.Output;

/// <summary>
/// The names that texts about one secret have of their own, and the words that replace them where one text tells of
/// several secrets: <c>SECRET</c>, <c>PATH</c>, <c>TARGET</c>, <c>SCOPE</c>,
/// <c>REPOSITORY</c>, <c>VARIABLE</c>, and <c>VERSION</c> for an id.
/// </summary>
internal sealed class Placeholders
{
    private const string ClaimVariable = "SECRET_ROTATOR_CLAIM_";
    private const int UuidLength = 36;
    private const int HexadecimalLength = 32;

    // AWS ends the ARN of a secret with a hyphen and six characters of its own.
    private const int ArnSuffix = 7;

    private static readonly SearchValues<char> LettersAndDigits = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    private readonly ImmutableArray<(string Name, string Word)> _names;

    /// <summary>Those of a secret of the inventory.</summary>
    public Placeholders(ManagedSecret secret)
        : this(secret.Name, secret.Path, secret.Targets)
    {
    }

    /// <summary>Those of a secret, as far as they are known.</summary>
    public Placeholders(string secret, string? path, IEnumerable<VariableTarget> targets)
        : this(NamesOf(secret, path, targets))
    {
    }

    /// <summary>Those of a scope.</summary>
    public Placeholders(VariableScope scope)
        : this(NamesOf(scope))
    {
    }

    private Placeholders(IEnumerable<(string Name, string Word)> names) => _names =
    [
        .. names.Where(each => each.Name.Length > 0).DistinctBy(each => each.Name, StringComparer.Ordinal)
            .OrderByDescending(each => each.Name.Length),
    ];

    /// <summary>A text with the words in place of the names.</summary>
    public string In(string text)
    {
        StringBuilder? told = null;
        var from = 0;
        for (var at = 0; at < text.Length;)
        {
            if ((at > 0 && IsPartOfName(text[at - 1])) || Match(text, at) is not { Length: > 0 } match)
            {
                at++;
                continue;
            }

            told ??= new StringBuilder(text.Length);
            told.Append(text, from, at - from).Append(match.Word);
            from = at += match.Length;
        }

        return told is null ? text : told.Append(text, from, text.Length - from).ToString();
    }

    private static IEnumerable<(string Name, string Word)> NamesOf(string secret, string? path, IEnumerable<VariableTarget> targets)
    {
        foreach (var target in targets)
        {
            yield return (target.ToString(), "TARGET");
            yield return (target.Variable, "VARIABLE");
            foreach (var name in NamesOf(target.Scope))
                yield return name;
        }

        if (path is not null)
        {
            yield return (path, path == secret ? "SECRET" : "PATH");
            yield return (path + "-staged", path == secret ? "SECRET-staged" : "PATH-staged");
        }

        yield return (secret, "SECRET");
    }

    private static IEnumerable<(string Name, string Word)> NamesOf(VariableScope scope)
    {
        // A workspace's scope is called "workspace", as in prose, and there is only one.
        if (scope is VariableScope.Workspace)
            yield break;
        yield return (scope.ToString()!, "SCOPE");
        yield return ($"{scope.WorkspaceSlug}/{scope}", "SCOPE");
        if (scope is VariableScope.Environment environment)
        {
            yield return ($"{scope.WorkspaceSlug}/{environment.Slug}", "REPOSITORY");
            yield return (environment.Slug, "REPOSITORY");
        }
    }

    private (int Length, string Word) Match(string text, int at)
    {
        foreach (var (name, word) in _names)
        {
            if (string.CompareOrdinal(text, at, name, 0, name.Length) != 0)
                continue;
            var end = at + name.Length;
            if (EndsName(text, end))
                return (name.Length, word);
            if (end + ArnSuffix <= text.Length && text[end] == '-'
                && text.AsSpan(end + 1, ArnSuffix - 1).IndexOfAnyExcept(LettersAndDigits) < 0 && EndsName(text, end + ArnSuffix))
                return (name.Length + ArnSuffix, word);
        }

        var length = at;
        while (length < text.Length && IsPartOfName(text[length]) && text[length] is not '/')
            length++;
        var run = text.AsSpan(at, length - at);
        if (run.StartsWith(ClaimVariable, StringComparison.Ordinal))
            return (run.Length, "VARIABLE");
        return Guid.TryParse(run, out _) && run.Length is UuidLength or HexadecimalLength ? (run.Length, "VERSION") : default;
    }

    private static bool EndsName(string text, int end) => end >= text.Length || !IsPartOfName(text[end]);

    private static bool IsPartOfName(char letter) => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '/';
}
