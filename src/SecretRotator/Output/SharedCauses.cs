namespace SecretRotator.Output;

/// <summary>
/// Groups what has one cause, so that it is reported once: texts that differ in nothing but names are one text. As many things
/// are named as a person reads; JSON names all.
/// </summary>
internal static class SharedCauses
{
    /// <summary>How many of those that share a cause are named.</summary>
    public const int MostNamed = 10;

    /// <summary>The groups, each at the place of its first member.</summary>
    /// <param name="all">Everything.</param>
    /// <param name="key">What those of one group share, names replaced by <see cref="Placeholders"/>.</param>
    public static ImmutableArray<ImmutableArray<T>> Of<T, TKey>(IEnumerable<T> all, Func<T, TKey> key) =>
        [.. all.GroupBy(key).Select(group => group.ToImmutableArray())];

    /// <summary>The text of a group: as it is where all have the same, else with words in place of names.</summary>
    /// <param name="group">The group.</param>
    /// <param name="text">A member's text.</param>
    /// <param name="names">A member's names.</param>
    public static string Text<T>(ImmutableArray<T> group, Func<T, string> text, Func<T, Placeholders> names)
    {
        var first = text(group[0]);
        return group.All(each => text(each) == first) ? first : names(group[0]).In(first);
    }

    /// <summary>The first names, and how many more there are.</summary>
    /// <param name="names">All names.</param>
    /// <param name="most">How many are named.</param>
    public static string Named(IReadOnlyCollection<string> names, int most = MostNamed) =>
        string.Join(", ", names.Take(most)) + (names.Count > most ? $" and {More(names.Count, most)}" : "");

    /// <summary>How many are left out.</summary>
    /// <param name="count">How many there are; more than <paramref name="named"/>.</param>
    /// <param name="named">How many are named.</param>
    public static string More(int count, int named = MostNamed) =>
        $"{count - named} more (--output json names all)";
}
