using SecretRotator.Configuration;

namespace SecretRotator.Sandbox.Faults;

/// <summary>The words that <c>--fault</c> knows.</summary>
internal static class FaultVocabulary
{
    /// <summary>The operations of each service.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<string>> Services { get; } =
        EmulatedProviders.All.SelectMany(provider => provider.Operations).ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The conditions by name.</summary>
    public static ImmutableSortedDictionary<string, Condition> Conditions { get; } =
        EmulatedProviders.All.SelectMany(provider => provider.Conditions).Append(Condition.ClockSkew).Append(Condition.CredentialsAtOnce)
            .Append(Condition.ProxyRefuses)
            .ToImmutableSortedDictionary(condition => condition.Name, condition => condition, StringComparer.OrdinalIgnoreCase);

    /// <summary>A suggestion for a mistyped word, to follow it in a message; empty where no known word is near.</summary>
    public static string Suggestion(string word, IEnumerable<string> known) =>
        Spelling.Closest(word, known) is { } nearest ? $" (did you mean {nearest}?)" : "";
}
