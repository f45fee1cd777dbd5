namespace SecretRotator.Configuration;

/// <summary>The keys that one kind of mapping takes. The parser and the test of the JSON schema both go by it.</summary>
/// <param name="Subject">What the mapping is, for messages, such as <c>a target</c>.</param>
/// <param name="Schema">The name of its definition in <c>schemas/rotation.schema.json</c>; empty for the root.</param>
/// <param name="Keys">Its keys in the order in which messages name them.</param>
internal sealed record KeyTable(string Subject, string Schema, params ImmutableArray<Key> Keys)
{
    /// <summary>The names of the keys, for messages.</summary>
    public string Names => string.Join(", ", Keys.Select(key => key.Name));

    /// <summary>Whether the mapping takes a key of that name.</summary>
    public bool Has(string name)
    {
        foreach (var key in Keys)
            if (key.Name == name)
                return true;
        return false;
    }
}

/// <summary>One key of a mapping.</summary>
/// <param name="Name">The key.</param>
/// <param name="Example">A line or more that shows it in use, for messages.</param>
/// <param name="Required">Whether the mapping can't do without it.</param>
internal sealed record Key(string Name, string Example, bool Required = false);

/// <summary>Makes tables of words that are given by something else.</summary>
internal static class WordTable
{
    /// <summary>The words of an enumeration's members, in their order. Reading them takes a start of the program longer than words that
    /// are written out.</summary>
    public static WordTable<T> Of<T>(string subject)
        where T : struct, Enum => new(subject, [.. Enum.GetValues<T>().Select(member => (WireNames.Of(member), member))]);

    /// <summary>The words for kinds: the names of their tables in the schema.</summary>
    public static WordTable<KeyTable> OfKinds(string subject, params IEnumerable<KeyTable> kinds) =>
        new(subject, [.. kinds.Select(table => (table.Schema, table))]);
}

/// <summary>The words that a key takes, with what they mean. The parser and the test of the JSON schema both go by it.</summary>
/// <typeparam name="T">What a word means.</typeparam>
/// <param name="Subject">What the words are, for messages, such as <c>a day</c>.</param>
/// <param name="Entries">The words in the order in which messages name them.</param>
internal sealed record WordTable<T>(string Subject, params ImmutableArray<(string Word, T Meaning)> Entries)
{
    /// <summary>The words alone.</summary>
    public IEnumerable<string> Words => Entries.Select(entry => entry.Word);

    /// <summary>The words, for messages.</summary>
    public string Names => string.Join(", ", Words);

    /// <summary>Whether a text is one of the words, and what it means. Case matters.</summary>
    public bool TryFind(string text, out T meaning)
    {
        foreach (var entry in Entries)
        {
            if (!string.Equals(entry.Word, text, StringComparison.Ordinal))
                continue;
            meaning = entry.Meaning;
            return true;
        }

        meaning = Entries[0].Meaning;
        return false;
    }
}
