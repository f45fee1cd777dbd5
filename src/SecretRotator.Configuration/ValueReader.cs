namespace SecretRotator.Configuration;

/// <summary>Reads <c>value</c>: how a new value is made.</summary>
internal sealed class ValueReader(VaultDefinition? vault, ProblemList problems)
{
    private const int MostBytes = 1024;
    private const int DefaultBytes = 32;
    private const int MostCharacters = 1024;
    private const int DefaultCharacters = 40;
    private const int DefaultRsaBits = 4096;
    public const int LongestField = 128;

    private static readonly ImmutableArray<CharacterClass> EveryClass = [.. Enum.GetValues<CharacterClass>()];

    /// <summary>The policy; null where it is missing or wrong, which is reported.</summary>
    public ValuePolicy? Read(YamlNode node)
    {
        switch (node)
        {
            case YamlNode.Mapping mapping:
                return ReadAlone(mapping);
            case YamlNode.Sequence sequence:
                return ReadList(sequence);
            case YamlNode.Scalar scalar:
                problems.Add(
                    scalar.At,
                    "\"value\" says how a new value is made, and never is the value itself",
                    Grammar.ValueKinds.TryFind(scalar.Text, out _)
                        ? $"Write \"value: {{ kind: {scalar.Text} }}\"."
                        : $"Write for example \"{Grammar.Value.Example}\".");
                return null;
            default:
                return null;
        }
    }

    private ValuePolicy? ReadAlone(YamlNode.Mapping node)
    {
        if (Open(node) is not var (table, mapping))
            return null;
        if (table == Grammar.VaultManagedValue)
            return VaultManaged(mapping);
        if (table == Grammar.IssuedValue)
            return new ValuePolicy.Issued();
        if (table == Grammar.ExternalValue)
            return External(mapping);
        return Generated(table, mapping, isListed: false) switch
        {
            null => null,
            (null, var generator) => new ValuePolicy.Plain(generator),
            var (field, generator) => new ValuePolicy.Json([new GeneratedField(field, generator)]),
        };
    }

    private ValuePolicy.Json? ReadList(YamlNode.Sequence sequence)
    {
        var known = problems.Count;
        if (sequence.Items.IsEmpty)
            problems.Add(sequence.At, "\"value\" has no items", $"Write \"{Grammar.Value.Example}\".");
        var fields = ImmutableArray.CreateBuilder<GeneratedField>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in sequence.Items)
        {
            if (MappingReader.Mapping(
                item, "an item of \"value\"", "Write \"{ kind: password, field: NAME }\" for each field.", problems) is not { } node
                || Open(node) is not var (table, mapping)
                || IsRefusedInList(table, mapping)
                || Generated(table, mapping, isListed: true) is not ({ } field, var generator))
                continue;
            foreach (var name in generator is ValueGenerator.SshKey key ? [field, key.PublicField] : new[] { field })
            {
                if (!names.Add(name))
                    problems.Add(mapping.At, $"The field {Quoted.Of(name)} is generated twice", "Give each item a field of its own.");
            }

            fields.Add(new GeneratedField(field, generator));
        }

        return problems.Count > known ? null : new ValuePolicy.Json(fields.ToImmutable());
    }

    private (KeyTable Table, MappingReader Mapping)? Open(YamlNode.Mapping node) =>
        MappingReader.OpenKind(node, Grammar.ValueKindKey, Grammar.ValueKinds, "a value", problems);

    // Reports a kind that makes the whole secret.
    private bool IsRefusedInList(KeyTable table, MappingReader mapping)
    {
        if (table == Grammar.VaultManagedValue)
            Refuse("A vault-managed value", "Write \"value: { kind: vault-managed }\" alone: the vault makes the whole secret.");
        else if (table == Grammar.IssuedValue)
            Refuse("An issued value", "Write \"value: { kind: issued }\" alone: the backend says which fields it makes.");
        else if (table == Grammar.ExternalValue)
        {
            // What else is wrong with it is told as well.
            External(mapping);
            Refuse("An external value", "Write it alone: a person makes the whole secret.");
        }
        else
            return false;
        return true;

        void Refuse(string what, string writeInstead) => problems.Add(mapping.At, $"{what} can't be in a list", writeInstead);
    }

    // Without a field the whole secret is that value.
    private (string? Field, ValueGenerator Generator)? Generated(KeyTable table, MappingReader mapping, bool isListed)
    {
        var field = FieldName.Read(mapping, Grammar.Field, problems)?.Value;
        var mustHaveField = isListed || table == Grammar.SshKeyValue;
        if (isListed && table != Grammar.SshKeyValue && !mapping.Has(Grammar.Field))
            problems.Add(
                mapping.At,
                "The key \"field\" is missing in an item of \"value\"",
                "Add \"field: NAME\": the items of a list are fields of one JSON secret.");
        var generator = Generator(table, mapping, field);
        if (generator is not null)
            CheckEntropy(generator, mapping);
        return generator is null || (mustHaveField && field is null) ? null : (field, generator);
    }

    private ValuePolicy.External? External(MappingReader mapping)
    {
        var instructions = mapping.Text(Grammar.Instructions, maximum: 500);
        var end = TimeReader.LastDay(mapping, Grammar.Expires);
        var notice = PeriodReader.Notice(mapping, Grammar.Remind, problems) ?? CredentialEnd.Notice;
        if (mapping.Has(Grammar.Remind) && !mapping.Has(Grammar.Expires))
            problems.Add(
                mapping.PlaceOf(Grammar.Remind),
                "\"remind\" says how long before its end, and no end is given",
                "Add \"expires: 2027-03-01\", or delete the line: \"rotate-every\" says when a person is reminded then.");
        return instructions is null ? null : new ValuePolicy.External(instructions.Value, end, notice);
    }

    private ValuePolicy.VaultManaged? VaultManaged(MappingReader mapping)
    {
        if (vault is not { RotatesItself: false })
            return new ValuePolicy.VaultManaged();
        problems.Add(
            mapping.PlaceOf(Grammar.ValueKindKey),
            $"{vault.Product} can't rotate a secret by itself, so no value in it is vault-managed",
            "Write a kind that is generated, such as password.");
        return null;
    }

    private ValueGenerator? Generator(KeyTable table, MappingReader mapping, string? field)
    {
        var weakBecause = table.Keys.Contains(Grammar.WeakBecause) ? mapping.Text(Grammar.WeakBecause)?.Value : null;
        if (table == Grammar.PasswordValue)
            return Password(mapping, weakBecause);
        if (table == Grammar.SshKeyValue)
            return SshKey(mapping, field);
        if (table == Grammar.UuidValue)
            return new ValueGenerator.Uuid(weakBecause);
        if (mapping.Integer(Grammar.Bytes, 1, MostBytes, DefaultBytes) is not { } bytes)
            return null;
        return table == Grammar.HexValue ? new ValueGenerator.Hex(bytes, weakBecause)
            : table == Grammar.Base64Value ? new ValueGenerator.Base64(bytes, weakBecause)
            : new ValueGenerator.Base64Url(bytes, weakBecause);
    }

    private ValueGenerator.Password? Password(MappingReader mapping, string? weakBecause)
    {
        var classes = mapping.Has(Grammar.Classes) ? mapping.WordsOf(Grammar.Classes, Grammar.ClassWords, "The class ") : EveryClass;
        var exclude = mapping.Text(Grammar.Exclude);
        if (exclude is not null && exclude.Value.Any(c => c is < ' ' or > '~'))
            problems.Add(exclude.At, "\"exclude\" names characters that no password holds", "Write characters of printable ASCII only.");
        if (mapping.Integer(Grammar.Length, 1, MostCharacters, DefaultCharacters) is not { } length || classes.IsEmpty)
            return null;
        var emptied = Grammar.ClassWords.Entries.FirstOrDefault(entry =>
            classes.Contains(entry.Meaning) && PasswordAlphabet.Of(entry.Meaning, exclude?.Value ?? "").Length == 0);
        if (emptied.Word is not null)
        {
            problems.Add(
                mapping.PlaceOf(Grammar.Exclude),
                $"\"exclude\" leaves nothing of the class \"{emptied.Word}\", of which a password must hold a character",
                "Exclude fewer characters, or leave that class out of \"classes\".");
            return null;
        }

        if (length < classes.Length)
        {
            problems.Add(
                mapping.PlaceOf(Grammar.Length),
                $"A password of {length} characters can't hold a character of each of {classes.Length} classes",
                "Write a greater length, or fewer classes.");
            return null;
        }

        return new ValueGenerator.Password(length, classes, exclude?.Value ?? "", weakBecause);
    }

    private ValueGenerator.SshKey? SshKey(MappingReader mapping, string? field)
    {
        var algorithm = mapping.Has(Grammar.Algorithm)
            ? mapping.Word(Grammar.Algorithm, Grammar.AlgorithmWords)
            : (true, SshKeyAlgorithm.Ed25519);
        if (algorithm is (true, SshKeyAlgorithm.Ed25519) && mapping.Has(Grammar.Bits))
            problems.Add(
                mapping.PlaceOf(Grammar.Bits),
                "An ed25519 key has no choice of \"bits\"",
                "Delete the line, or write \"algorithm: rsa\".");
        var bits = mapping.Integer(Grammar.Bits, 3072, 16384, DefaultRsaBits);
        if (bits % 8 > 0)
            problems.Add(
                mapping.PlaceOf(Grammar.Bits),
                "The size of an RSA key must be a multiple of 8",
                "Write for example 3072 or 4096.");
        var publicField = FieldName.Read(mapping, Grammar.PublicField, problems)?.Value;
        if (field is not null && field == publicField)
            problems.Add(
                mapping.PlaceOf(Grammar.PublicField),
                "The private and the public key would go into the same field",
                "Write two different names for \"field\" and \"public-field\".");
        var comment = mapping.Text(Grammar.Comment)?.Value ?? "";
        return publicField is null || bits is null ? null : new ValueGenerator.SshKey(algorithm.Item2, bits.Value, publicField, comment);
    }

    private void CheckEntropy(ValueGenerator generator, MappingReader mapping)
    {
        var bits = Entropy.BitsOf(generator);
        if (bits < Entropy.EnoughBits && !mapping.Has(Grammar.WeakBecause))
            problems.Add(
                mapping.At,
                $"The value would have {Math.Floor(bits)} bits of entropy, and 128 are asked for",
                "Make it longer, or say with \"weak-because: REASON\" why less is enough.");
        else if (bits >= Entropy.EnoughBits && mapping.Has(Grammar.WeakBecause))
            problems.Add(
                mapping.PlaceOf(Grammar.WeakBecause),
                $"The value has {Math.Floor(bits)} bits of entropy, so there is no weakness to explain",
                "Delete the line.");
    }
}
