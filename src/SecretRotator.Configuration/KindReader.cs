namespace SecretRotator.Configuration;

/// <summary>Opens a mapping that says by <c>kind</c> what it is.</summary>
internal static class KindReader
{
    /// <summary>The table of the mapping's kind, and the mapping opened with it; null where the kind is missing or none, which is
    /// reported.</summary>
    public static (KeyTable Table, MappingReader Mapping)? Open(
        YamlNode.Mapping node, Key kind, WordTable<KeyTable> kinds, string subject, ProblemList problems)
    {
        if (MappingReader.OpenFor(kind, node, subject, problems).Word(kind, kinds) is (true, var table))
            return MappingReader.Open(node, table, problems) is { } mapping ? (table, mapping) : null;

        // Without a kind a key can only be judged by whether any kind takes it.
        var any = kinds.Entries
            .SelectMany(entry => entry.Meaning.Keys)
            .Select(key => key with { Required = false })
            .DistinctBy(key => key.Name, StringComparer.Ordinal);
        MappingReader.Open(node, new KeyTable(subject, "", [.. any]), problems);
        return null;
    }
}
