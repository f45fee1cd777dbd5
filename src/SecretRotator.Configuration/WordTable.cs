namespace SecretRotator.Configuration;

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
