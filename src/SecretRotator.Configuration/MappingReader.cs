namespace SecretRotator.Configuration;

/// <summary>A text of the file with its place.</summary>
/// <param name="Value">The text, not empty.</param>
/// <param name="At">Where it begins.</param>
internal sealed record PlacedText(string Value, Position At);

/// <summary>
/// Reads one mapping by its key table. <see cref="Open"/> and <see cref="OpenKind"/> make it, and report keys that it doesn't take.
/// Whatever it hands out as null was either not there or is reported: who asks goes on with the rest, and no problem brings a second one
/// with it.
/// </summary>
internal sealed class MappingReader(YamlNode.Mapping mapping, ProblemList problems)
{
    /// <summary>Where the mapping begins.</summary>
    public Position At => mapping.At;

    /// <summary>Opens a mapping and reports keys that it doesn't take and keys that it lacks; null where the node is something
    /// else.</summary>
    public static MappingReader? Open(YamlNode node, KeyTable table, ProblemList problems)
    {
        if (node is not YamlNode.Mapping mapping)
        {
            Mapping(node, table.Subject, $"Write \"key: value\" pairs. Known keys: {table.Names}.", problems);
            return null;
        }

        var reader = new MappingReader(mapping, problems);
        foreach (var entry in mapping.Entries)
            if (!table.Has(entry.Key))
                reader.ReportUnknown(entry, table);
        foreach (var key in table.Keys)
            if (key.Required && !reader.Has(key))
                reader.ReportMissing(key, table.Subject);
        return reader;
    }

    /// <summary>Opens a mapping that says by a key, such as <c>kind</c>, what it is, with the table of that kind; null where the kind is
    /// missing or none, which is reported.</summary>
    public static (KeyTable Table, MappingReader Mapping)? OpenKind(
        YamlNode.Mapping node, Key kind, WordTable<KeyTable> kinds, string subject, ProblemList problems)
    {
        var reader = new MappingReader(node, problems);
        if (!reader.Has(kind))
            reader.ReportMissing(kind, subject);
        else if (reader.Word(kind, kinds) is (true, var table))
            return Open(node, table, problems) is { } mapping ? (table, mapping) : null;

        // Without a kind a key can only be judged by whether any kind takes it.
        var any = kinds.Entries
            .SelectMany(entry => entry.Meaning.Keys)
            .Select(key => key with { Required = false })
            .DistinctBy(key => key.Name, StringComparer.Ordinal);
        Open(node, new KeyTable(subject, "", [.. any]), problems);
        return null;
    }

    /// <summary>The node as a mapping; reports anything else.</summary>
    public static YamlNode.Mapping? Mapping(YamlNode node, string subject, string writeInstead, ProblemList problems)
    {
        if (node is YamlNode.Scalar or YamlNode.Sequence)
            problems.Add(node.At, $"Found {NameOf(node)} where {subject} is expected", writeInstead);
        return node as YamlNode.Mapping;
    }

    /// <summary>Whether the key is there, right or wrong.</summary>
    public bool Has(Key key) => Entry(key) is not null;

    /// <summary>Where the key begins, or the mapping, where the key isn't there.</summary>
    public Position PlaceOf(Key key) => Entry(key)?.KeyAt ?? At;

    /// <summary>The value of a key, whatever it is; reports one that is empty.</summary>
    public YamlNode? Node(Key key)
    {
        switch (Entry(key))
        {
            case null or { Value: YamlNode.Unusable }:
                return null;
            case { Value: YamlNode.Scalar { Plain: true } scalar } when CoreSchema.IsNull(scalar.Text):
                problems.Add(
                    scalar.At,
                    $"\"{key.Name}\" is empty",
                    key.Required ? $"Write \"{key.Example}\"." : $"Write \"{key.Example}\", or delete the line.");
                return null;
            case { } entry:
                return entry.Value;
        }
    }

    /// <summary>A text on one line; reports anything that YAML would take for a number or a truth value, so that other tools read the
    /// same.</summary>
    public PlacedText? Text(Key key, int maximum = 200) => Node(key) is { } node ? TextOf(node, key, maximum) : null;

    /// <summary>A text of a certain form; null where it is missing or of another one, which is reported.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="isRight">Whether it has the form.</param>
    /// <param name="wrong">What is said of one that hasn't, behind the text itself, such as <c>can't be a branch</c>.</param>
    /// <param name="writeInstead">What to write instead.</param>
    /// <param name="maximum">How many characters it may have.</param>
    public string? Checked(Key key, Func<string, bool> isRight, string wrong, string writeInstead, int maximum = 200)
    {
        var text = Text(key, maximum);
        if (text is null || isRight(text.Value))
            return text?.Value;
        problems.Add(text.At, $"{Quoted.Of(text.Value)} {wrong}", writeInstead);
        return null;
    }

    /// <summary>The repository of a slug, or the usual one where the key isn't there; null where either is wrong, which is
    /// reported.</summary>
    public VariableScope.Repository? Repository(Key key, VariableScope.Repository? usual)
    {
        if (!Has(key))
            return usual;
        var slug = Checked(key, Names.IsSlug, "is not a repository's slug", Names.SlugRule);
        return slug is null || usual is null ? null : usual with { Slug = slug.ToLowerInvariant() };
    }

    /// <summary>A name; null where it is missing. Reports one that can't be a name, and one that is there already.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="subject">What it is the name of, such as <c>secret</c>.</param>
    /// <param name="others">The names that are there already, with their places; takes this one.</param>
    public string? UniqueName(Key key, string subject, Dictionary<string, Position> others)
    {
        if (Text(key) is not { } text)
            return null;
        if (!Names.IsName(text.Value))
            problems.Add(text.At, $"{Quoted.Of(text.Value)} can't be the name of a {subject}", Names.NameRule);
        if (!others.TryAdd(text.Value, text.At))
            problems.Add(
                text.At,
                $"There is a {subject} {Quoted.Of(text.Value)} already, on {problems.LineOf(others[text.Value], text.At)}",
                "Choose another name, or delete one of the two.");
        return text.Value;
    }

    /// <summary>What a text means; null where it is missing or means nothing, which is reported as <see cref="Checked"/> does.</summary>
    public T? Parsed<T>(Key key, Func<string, T?> parse, string wrong, string writeInstead)
        where T : struct =>
        Checked(key, text => parse(text) is not null, wrong, writeInstead) is { } text ? parse(text) : null;

    /// <summary>What a key says, or the usual where it isn't there.</summary>
    public T? Part<T>(Key key, T? usual, Func<YamlNode, T?> read) =>
        !Has(key) ? usual : Node(key) is { } node ? read(node) : default;

    /// <summary>A node as text, which must not be a number or a truth value.</summary>
    public PlacedText? TextOf(YamlNode node, Key key, int maximum = 200)
    {
        if (node is not YamlNode.Scalar scalar)
            return Wrong(node, $"\"{key.Name}\" must be a text", key);
        if (scalar.Plain && CoreSchema.IsNull(scalar.Text))
            return Wrong(node, $"An item of \"{key.Name}\" is empty", key);
        if (scalar.Plain && CoreSchema.NameOfOther(scalar.Text) is { } other)
            return Wrong(
                node,
                $"\"{key.Name}\" must be a text, and {Quoted.Of(scalar.Text)} without quotes is {other}",
                "Write it in quotes.");
        if (string.IsNullOrWhiteSpace(scalar.Text))
            return Wrong(node, $"\"{key.Name}\" is empty", key);
        if (scalar.Text.Contains('\n', StringComparison.Ordinal))
            return Wrong(node, $"\"{key.Name}\" has several lines", "Write it on one line, or fold it with \">-\".");
        if (scalar.Text.Length > maximum)
            return Wrong(node, $"\"{key.Name}\" has {scalar.Text.Length:N0} characters", $"Write at most {maximum:N0}.");
        return new PlacedText(scalar.Text, scalar.At);
    }

    /// <summary>A whole number within bounds.</summary>
    public int? Integer(Key key, int minimum, int maximum)
    {
        if (Node(key) is not { } node)
            return null;
        if (node is YamlNode.Scalar { Plain: true } scalar
            && int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= minimum && number <= maximum)
            return number;
        problems.Add(
            node.At,
            $"\"{key.Name}\" must be a whole number from {minimum:N0} to {maximum:N0}",
            $"Write for example \"{key.Example}\", without quotes.");
        return null;
    }

    /// <summary>A whole number within bounds, or the usual one where the key isn't there; null where it is wrong, which is
    /// reported.</summary>
    public int? Integer(Key key, int minimum, int maximum, int usual) => Has(key) ? Integer(key, minimum, maximum) : usual;

    /// <summary>A truth value.</summary>
    public bool? Flag(Key key)
    {
        if (Node(key) is not { } node)
            return null;
        if (node is YamlNode.Scalar { Plain: true } scalar && CoreSchema.Truth(scalar.Text) is { } truth)
            return truth;
        problems.Add(node.At, $"\"{key.Name}\" must be true or false", $"Write \"{key.Example}\", without quotes, or delete the line.");
        return null;
    }

    /// <summary>One of the words that the key takes.</summary>
    public (bool Known, T Meaning) Word<T>(Key key, WordTable<T> words) =>
        Text(key) is { } text ? WordOf(text, words) : (false, words.Entries[0].Meaning);

    /// <summary>The meaning of the word that is written, or the usual one where none is, or a wrong one, which is reported.</summary>
    public T Word<T>(Key key, WordTable<T> words, T usual) => Word(key, words) is (true, var meaning) ? meaning : usual;

    /// <summary>The words of a list, each once; reports those that are none, and those that are there again.</summary>
    /// <param name="key">The list's key.</param>
    /// <param name="words">What it takes.</param>
    /// <param name="called">What an item is, at the beginning of a message, such as <c>"The day "</c>.</param>
    public ImmutableArray<T> WordsOf<T>(Key key, WordTable<T> words, string called)
    {
        var all = ImmutableArray.CreateBuilder<T>();
        foreach (var item in Items(key))
        {
            if (TextOf(item, key) is not { } text || WordOf(text, words) is not (true, var meaning))
                continue;
            if (all.Contains(meaning))
                problems.Add(text.At, $"{called}{Quoted.Of(text.Value)} appears twice", "Delete one of the two.");
            else
                all.Add(meaning);
        }

        return all.ToImmutable();
    }

    /// <summary>The meaning of a word; reports a text that is none.</summary>
    public (bool Known, T Meaning) WordOf<T>(PlacedText text, WordTable<T> words)
    {
        if (words.TryFind(text.Value, out var meaning))
            return (true, meaning);
        problems.Add(
            text.At,
            $"{Quoted.Of(text.Value)} is not {words.Subject}",
            $"{problems.Hint(text.Value, words.Words)}Write one of: {words.Names}.");
        return (false, meaning);
    }

    /// <summary>The items of a list that has at least one.</summary>
    public ImmutableArray<YamlNode> Items(Key key)
    {
        switch (Node(key))
        {
            case null:
                return [];
            case YamlNode.Sequence { Items.IsEmpty: false } sequence:
                return sequence.Items;
            case YamlNode.Sequence empty:
                problems.Add(
                    empty.At,
                    $"\"{key.Name}\" has no items",
                    key.Required ? $"Write \"{key.Example}\"." : $"Write \"{key.Example}\", or delete the line.");
                return [];
            case { } other:
                Wrong(other, $"\"{key.Name}\" must be a list", key);
                return [];
        }
    }

    private YamlEntry? Entry(Key key)
    {
        foreach (var entry in mapping.Entries)
            if (entry.Key == key.Name)
                return entry;
        return null;
    }

    private void ReportMissing(Key key, string subject) =>
        problems.Add(At, $"The key \"{key.Name}\" is missing in {subject}", $"Add \"{key.Example}\".");

    private void ReportUnknown(YamlEntry entry, KeyTable table)
    {
        if (entry.Value is YamlNode.Scalar { Text.Length: > 0 } && SecretLiteral.NamesValue(entry.Key))
            problems.Add(
                entry.KeyAt,
                $"The key {Quoted.Of(entry.Key)} would hold a secret value, which is not allowed in this file",
                "Delete the line. \"value\" of a secret says how a new value is made.");
        else
            problems.Add(
                entry.KeyAt,
                $"Unknown key {Quoted.Of(entry.Key)} in {table.Subject}",
                $"{problems.Hint(entry.Key, table.Keys.Select(key => key.Name))}Known keys: {table.Names}.");
    }

    private PlacedText? Wrong(YamlNode node, string what, Key key) => Wrong(node, what, $"Write for example \"{key.Example}\".");

    private PlacedText? Wrong(YamlNode node, string what, string writeInstead)
    {
        if (node is not YamlNode.Unusable)
            problems.Add(node.At, what, writeInstead);
        return null;
    }

    private static string NameOf(YamlNode node) => node is YamlNode.Sequence ? "a list" : "a plain text";
}
