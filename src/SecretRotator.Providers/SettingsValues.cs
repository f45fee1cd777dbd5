using System.Net;

namespace SecretRotator.Providers;

/// <summary>Where settings come from.</summary>
/// <param name="Name">The source as a person knows it.</param>
/// <param name="Values">The settings by key, with colons between its parts.</param>
/// <param name="Spell">How a key is written in that source.</param>
internal sealed record SettingsSource(string Name, IReadOnlyDictionary<string, string?> Values, Func<string, string> Spell);

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
    public T OneOf<T>(string key, T otherwise, params (string Word, T Value)[] words)
    {
        if (Text(key) is not { } text)
            return otherwise;
        foreach (var (word, value) in words)
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase))
                return value;
        Refuse(key, "is none of the words that it can be", $"Write {string.Join(" or ", words.Select(each => each.Word))}.");
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

    /// <summary>The addresses that are set directly below a key, by their names, each once whatever its case.</summary>
    /// <param name="prefix">The key, which ends with a colon.</param>
    /// <param name="onlyHttps">Whether loopback needs https too.</param>
    public ImmutableDictionary<string, Uri> EndpointsBelow(string prefix, bool onlyHttps = false) => sources
        .SelectMany(source => source.Values.Keys)
        .Where(key => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && !key.AsSpan(prefix.Length).Contains(':'))
        .Select(key => key[prefix.Length..])
        .Distinct(StringComparer.OrdinalIgnoreCase)
        .Order(StringComparer.OrdinalIgnoreCase)
        .Select(name => (name, uri: Endpoint(prefix + name, onlyHttps)))
        .Where(each => each.uri is not null)
        .ToImmutableDictionary(each => each.name, each => each.uri!, StringComparer.OrdinalIgnoreCase);

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

/// <summary>A setting that there is.</summary>
/// <param name="Name">Its key, with colons between its parts. One that ends with a colon means any name below it.</param>
internal sealed record SettingKey(string Name)
{
    /// <summary>
    /// What to do instead where a secret is in a file, which is committed and not masked; null for a setting that is no secret.
    /// </summary>
    public string? NotInFile { get; init; }

    /// <summary>Whether a file may hold a secret as a reference (<c>vault://…</c>).</summary>
    public bool TakesReference { get; init; }
}
