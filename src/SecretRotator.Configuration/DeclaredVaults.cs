namespace SecretRotator.Configuration;

/// <summary>The vaults that <c>vaults</c> declares, and what their secrets may be called.</summary>
internal sealed class DeclaredVaults(IReadOnlyList<IVaultGrammar> kinds, ProblemList problems)
{
    private const int MostNamed = 10;

    private readonly SortedDictionary<string, VaultDefinition?> _vaults = new(StringComparer.Ordinal);

    /// <summary>The vaults that are right, by name.</summary>
    public ImmutableSortedDictionary<string, VaultDefinition> Right => _vaults.Values.OfType<VaultDefinition>()
        .ToImmutableSortedDictionary(vault => vault.Name, vault => vault, StringComparer.Ordinal);

    /// <summary>Reads <c>vaults</c>.</summary>
    /// <param name="node">The section, or null where it is missing.</param>
    /// <param name="kinds">The kinds of vaults that there are.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static DeclaredVaults Read(YamlNode? node, IReadOnlyList<IVaultGrammar> kinds, ProblemList problems)
    {
        var vaults = new DeclaredVaults(kinds, problems);
        var example = $"Write for example \"{Grammar.Vaults.Example}\".";
        if (node is null || MappingReader.Mapping(node, "\"vaults\"", example, problems) is not { } mapping)
            return vaults;
        if (mapping.Entries.IsEmpty)
            problems.Add(mapping.At, "\"vaults\" names no vault", example);
        foreach (var entry in mapping.Entries)
        {
            if (!Names.IsName(entry.Key))
                problems.Add(entry.KeyAt, $"{Quoted.Of(entry.Key)} can't be the name of a vault", Names.NameRule);
            vaults._vaults[entry.Key] = vaults.ReadOne(entry);
        }

        return vaults;
    }

    /// <summary>The vault of a name; null where it is declared and wrong, or not declared, which is reported.</summary>
    public VaultDefinition? Find(string name, Position at)
    {
        if (!_vaults.TryGetValue(name, out var vault))
            problems.Add(at, $"There is no vault {Quoted.Of(name)}", Known(name));
        return vault;
    }

    /// <summary>Reports a path that the vault doesn't take.</summary>
    public void CheckPath(PlacedText path, VaultDefinition vault)
    {
        var grammar = kinds.First(kind => kind.Keys.Schema == vault.Kind);
        if ((FieldIn(path.Value) ?? grammar.FieldIn(path.Value)) is var (name, field))
            problems.Add(
                path.At,
                $"{Quoted.Of(path.Value)} names a field, and a path is the name of the whole secret",
                $"Write \"path: {Quoted.Printable(name, 200)}\", and the field into the value, such as "
                + $"\"value: {{ kind: password, field: {Quoted.Printable(field, 60)} }}\", "
                + $"or into a target: \"field: {Quoted.Printable(field, 60)}\".");
        else
            grammar.CheckPath(path, vault, problems);
    }

    private VaultDefinition? ReadOne(YamlEntry entry)
    {
        var keys = string.Join(", ", kinds[0].Keys.Keys.Where(key => key.Required).Select(key => key.Example));
        var example = $"Write \"{Quoted.Printable(entry.Key, maximum: 63)}: {{ {keys} }}\".";
        var words = WordTable.OfKinds("a kind of vault", kinds.Select(kind => kind.Keys));
        return MappingReader.Mapping(entry.Value, "a vault", example, problems) is { } node
            && MappingReader.OpenKind(node, Grammar.VaultKindKey, words, "a vault", problems) is var (table, mapping)
            ? kinds.First(kind => kind.Keys == table).Read(entry.Key, mapping, problems)
            : null;
    }

    // Names the vault that was probably meant, or all of them.
    private string Known(string name)
    {
        var known = _vaults.Keys.Where(Names.IsName);
        var named = known.Take(MostNamed + 1).ToList();
        return named.Count == 0
            ? "Declare it under \"vaults\"."
            : $"{problems.Hint(name, known)}Known vaults: "
                + $"{string.Join(", ", named.Take(MostNamed))}{(named.Count > MostNamed ? ", …" : "")}.";
    }

    // PATH#FIELD, and vault://VAULT/PATH#FIELD.
    private static (string Name, string Field)? FieldIn(string path) =>
        VaultReference.Parse(path) is { Field: { } of } reference ? (reference.Path, of)
        : path.IndexOf('#', StringComparison.Ordinal) is var hash and > 0 && hash < path.Length - 1 ? (path[..hash], path[(hash + 1)..])
        : null;
}
