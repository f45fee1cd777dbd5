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
