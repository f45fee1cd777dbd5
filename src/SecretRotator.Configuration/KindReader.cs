namespace SecretRotator.Configuration;

/// <summary>Finds the key table of a mapping that says by <c>kind</c> what it is.</summary>
internal static class KindReader
{
    /// <summary>The table of the mapping's kind; null where the kind is missing or none, which is reported.</summary>
    public static KeyTable? Table(YamlNode.Mapping mapping, Key kind, WordTable<KeyTable> kinds, string subject, ProblemList problems)
    {
        if (MappingReader.OpenFor(kind, mapping, subject, problems).Word(kind, kinds) is (true, var table))
            return table;

        // Without a kind a key can only be judged by whether any kind takes it.
        var any = kinds.Entries
            .SelectMany(entry => entry.Meaning.Keys)
            .Select(key => key with { Required = false })
            .DistinctBy(key => key.Name, StringComparer.Ordinal);
        MappingReader.Open(mapping, new KeyTable(subject, "", [.. any]), problems);
        return null;
    }
}
