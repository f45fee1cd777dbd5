using System.Net;

namespace SecretRotator.Providers;

/// <summary>Where settings come from.</summary>
/// <param name="Name">The source as a person knows it.</param>
/// <param name="Values">The settings by key, with colons between its parts.</param>
/// <param name="Spell">How a key is written in that source.</param>
internal sealed record SettingsSource(string Name, IReadOnlyDictionary<string, string?> Values, Func<string, string> Spell)
{
    public IEnumerable<string> Keys => Values.Keys;
}

/// <summary>The settings of several sources, the later ones stronger. Wrong ones are noted with their source, and read as if they were
/// missing.</summary>
internal sealed class SettingsValues(
    SettingsSource[] sources, IReadOnlyDictionary<string, string> environment, ImmutableArray<Problem>.Builder problems)
{
    /// <summary>The pipeline that the program runs in, or null.</summary>
    public PipelineFacts? Pipeline { get; init; }

    /// <summary>The step's OIDC token, or null.</summary>
    public SecretValue? StepToken { get; init; }

    /// <summary>
    /// Whether the environment is a sandbox's. Vendors' libraries see the process's own only, so what they would find in it has to be
    /// handed to them.
    /// </summary>
    public bool OfSandbox { get; init; }

    /// <summary>A variable of the environment, such as a vendor's own, or null.</summary>
    public string? Variable(string name) => environment.GetValueOrDefault(name);

    /// <summary>Notes what is wrong with several settings together.</summary>
    public void Add(Problem problem) => problems.Add(problem);

    /// <summary>The names directly below a key that ends with a colon, each once.</summary>
    public IEnumerable<string> KeysBelow(string prefix)
    {
        var names = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var source in sources)
            foreach (var key in source.Keys)
                if (key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && !key.AsSpan(prefix.Length).Contains(':'))
                    names.Add(key[prefix.Length..]);
        return names;
    }

    /// <summary>A text that isn't blank, or null where no one said.</summary>
    public string? Text(string key)
    {
        if (StrongestWith(key)?.Values[key] is not { } text)
            return null;
        if (!string.IsNullOrWhiteSpace(text))
            return text;
        Refuse(key, "is empty", "Give it a value, or leave it out.");
        return null;
    }

    /// <summary>One of some words.</summary>
    public T OneOf<T>(string key, T otherwise, params ReadOnlySpan<(string Word, T Value)> words)
    {
        if (Text(key) is not { } text)
            return otherwise;
        foreach (var (word, value) in words)
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase))
                return value;
        var known = new List<string>();
        foreach (var (word, _) in words)
            known.Add(word);
        Refuse(key, "is none of the words that it can be", $"Write {string.Join(" or ", known)}.");
        return otherwise;
    }

    /// <summary>A whole number.</summary>
    public int Number(string key, int least, int most)
    {
        if (Text(key) is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            && number <= most)
            return number;
        Refuse(key, "is not a number in its range", $"Write a whole number from {least} to {most}.");
        return least;
    }

    /// <summary>An address that a secret may be sent to: https anywhere, http on loopback only.</summary>
    /// <param name="key">The setting.</param>
    /// <param name="onlyHttps">Whether loopback needs https too, because the service's library insists on it.</param>
    public Uri? Endpoint(string key, bool onlyHttps = false)
    {
        if (Text(key) is not { } text)
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0
            && (uri.Scheme == Uri.UriSchemeHttps || (!onlyHttps && uri.Scheme == Uri.UriSchemeHttp && IsLoopback(uri))))
            return uri;
        Refuse(key, "is no address that a secret may be sent to", onlyHttps
            ? "Write an absolute https address without user, query and fragment."
            : "Write an absolute https address without user, query and fragment; http is allowed on loopback only.");
        return null;
    }

    /// <summary>Whether an address is on this machine. Uri.IsLoopback also takes names that a resolver may send elsewhere.</summary>
    public static bool IsLoopback(Uri uri) =>
        uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private SettingsSource? StrongestWith(string key) => Array.FindLast(sources, source => source.Values.ContainsKey(key));

    /// <summary>Notes what is wrong with a setting.</summary>
    /// <param name="key">The setting, which is set.</param>
    /// <param name="what">What is wrong, after its name.</param>
    /// <param name="hint">What to write instead.</param>
    public void Refuse(string key, string what, string hint)
    {
        var source = StrongestWith(key)!;
        problems.Add(new Problem($"The setting {source.Spell(key)} {what}.", hint, source.Name));
    }
}
