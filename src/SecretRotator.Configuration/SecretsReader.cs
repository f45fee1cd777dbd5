namespace SecretRotator.Configuration;

/// <summary>What holds for a secret by its entry, else by the defaults of its file, else by those of the inventory.</summary>
/// <param name="Section">The entry or the defaults; null where there are none.</param>
/// <param name="Under">What holds where that says nothing; null for nothing.</param>
internal sealed record SecretTerms(MappingReader? Section, SecretTerms? Under)
{
    /// <summary>Where nothing is said.</summary>
    public static SecretTerms None { get; } = new(null, null);

    /// <summary>Who answers for it.</summary>
    public string? Owner { get; init; }

    /// <summary>How old a value may become.</summary>
    public Period? RotateEvery { get; init; }

    /// <summary>When it may rotate, or null for any time.</summary>
    public RotationWindow? Window { get; init; }

    /// <summary>How surely targets are verified.</summary>
    public VerificationLevel Verify { get; init; } = VerificationLevel.Listed;

    /// <summary>How it waits for pipelines that run, or null.</summary>
    public IdleWait? Wait { get; init; }

    /// <summary>How long its old versions stay valid, or null.</summary>
    public GracePolicy? Grace { get; init; }

    /// <summary>Reads <c>defaults</c>.</summary>
    /// <param name="node">The section, or null where there is none.</param>
    /// <param name="limits">What a run may do.</param>
    /// <param name="problems">Where problems go.</param>
    /// <param name="under">What holds where the section says nothing.</param>
    public static SecretTerms Read(YamlNode? node, RunLimits limits, ProblemList problems, SecretTerms under) =>
        node is not null && MappingReader.Open(node, Grammar.DefaultsKeys, problems) is { } mapping
            ? Of(mapping, limits, problems, under)
            : under;

    /// <summary>Reads the keys that defaults and entries have in common.</summary>
    public static SecretTerms Of(MappingReader mapping, RunLimits limits, ProblemList problems, SecretTerms under) => new(mapping, under)
    {
        Owner = mapping.Has(Grammar.Owner) ? mapping.Text(Grammar.Owner)?.Value : under.Owner,
        RotateEvery = mapping.Has(Grammar.RotateEvery) ? PeriodReader.RotateEvery(mapping, limits, problems) : under.RotateEvery,
        Window = mapping.Part(Grammar.Window, under.Window, written => TimeReader.Window(written, problems)),
        Verify = mapping.Word(Grammar.Verify, Grammar.VerifyWords, under.Verify),
        Wait = mapping.Part(Grammar.Wait, under.Wait, written => InFlightReader.Wait(written, problems)),
        Grace = mapping.Part(Grammar.Grace, under.Grace, written => InFlightReader.Grace(written, mapping, problems)),
    };

    /// <summary>Whether anything of it has a key, right or wrong.</summary>
    public bool Has(Key key) => Section?.Has(key) == true || Under?.Has(key) == true;
}

/// <summary>Reads <c>secrets</c>, one after the other, of one file after the other.</summary>
internal sealed class SecretsReader(
    DeclaredVaults vaults,
    BackendReader backends,
    RunLimits limits,
    TargetReader targets,
    ProblemList problems)
{
    private readonly List<(ManagedSecret Secret, Position At)> _secrets = [];
    private readonly Dictionary<string, Position> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Position> _places = new(StringComparer.Ordinal);
    private readonly List<(string Place, string Suffix, PlacedText Path)> _companions = [];

    /// <summary>Reads the secrets of a file.</summary>
    /// <param name="items">The entries.</param>
    /// <param name="defaults">What holds for those that say nothing else.</param>
    public void Read(ImmutableArray<YamlNode> items, SecretTerms defaults)
    {
        foreach (var item in items)
            if (MappingReader.Open(item, Grammar.SecretKeys, problems) is { } mapping && ReadOne(mapping, defaults) is { } secret)
                _secrets.Add((secret, mapping.At));
    }

    /// <summary>The secrets of all files that are right, in their order.</summary>
    public ImmutableArray<ManagedSecret> ToImmutable()
    {
        CheckCompanions();
        // Of a file that is right otherwise: what is wrong in it may be the very key that says so.
        if (problems.Count == 0)
            foreach (var (secret, at) in _secrets)
                CheckIsTaken(secret, at);
        return [.. _secrets.Select(each => each.Secret)];
    }

    /// <summary>
    /// Reports a secret that would overwrite a credential, or a key, which is only read: a rotation would put random characters where the
    /// credential that is registered elsewhere, or the key, must be.
    /// </summary>
    /// <param name="kept">Where it is kept.</param>
    /// <param name="at">Where the file says so.</param>
    /// <param name="what">What would be overwritten with what, for a message.</param>
    /// <param name="name">What it is, for a message.</param>
    /// <param name="because">Why no value can be generated for it.</param>
    public void CheckIsKept(VaultReference kept, Position at, string what, string name, string because)
    {
        var declared = vaults.Right;
        if (declared.GetValueOrDefault(kept.Vault) is not { } vault)
            return;
        var place = vault.PlaceOf(kept.Path);
        var secret = _secrets.Select(each => each.Secret).FirstOrDefault(s => declared[s.Vault].PlaceOf(s.Path) == place);
        var isGenerated = secret?.Value switch
        {
            ValuePolicy.Plain => true,
            ValuePolicy.Json json => kept.Field is null || json.Fields.Any(field => IsMadeBy(field, kept.Field)),
            _ => false,
        };
        if (isGenerated)
            problems.Add(
                at,
                $"The secret {Quoted.Of(secret!.Name)} would overwrite the {what}",
                $"Keep the {name} in a secret, or a field, that no entry generates: {because}.");
    }

    private static bool IsMadeBy(GeneratedField generated, string field) =>
        generated.Field == field || (generated.Generator is ValueGenerator.SshKey key && key.PublicField == field);

    private void CheckIsTaken(ManagedSecret secret, Position at)
    {
        if (secret is { Backend: null, Consumer: null, Value: ValuePolicy.Plain or ValuePolicy.Json })
            problems.Add(
                at,
                $"Nothing says who takes the new value of {Quoted.Of(secret.Name)}: a value that is accepted nowhere breaks what uses it",
                "Name the system that accepts it under \"backend\" (docs/backends.md). Where both sides read the vault, write "
                    + "\"consumer: reads-from-vault\"; where a person changes it, \"consumer: by-hand\".");
    }

    private ManagedSecret? ReadOne(MappingReader mapping, SecretTerms defaults)
    {
        var name = mapping.UniqueName(Grammar.SecretName, "secret", _names);
        var vault = mapping.Text(Grammar.SecretVault) is { } kept ? vaults.Find(kept.Value, kept.At) : null;
        var path = Path(mapping, vault);
        var terms = SecretTerms.Of(mapping, limits, problems, defaults);
        if (!terms.Has(Grammar.Owner))
            problems.Add(mapping.At, "The secret has no owner", $"Add \"{Grammar.Owner.Example}\" to it or to \"defaults\".");
        if (!terms.Has(Grammar.RotateEvery))
            problems.Add(
                mapping.At,
                "The secret doesn't say how often it rotates",
                $"Add \"{Grammar.RotateEvery.Example}\" to it or to \"defaults\".");
        var policy = mapping.Node(Grammar.Value) is { } value ? new ValueReader(vault, problems).Read(value) : null;
        var carriers = targets.Read(mapping.Items(Grammar.Targets), name ?? "", policy, terms.Verify);
        var backend = mapping.Node(Grammar.Backend) is { } accepts ? backends.Read(accepts, name ?? "", vault, policy) : null;
        backends.CheckValue(mapping, policy, backend);
        if (backend is not null)
            targets.CheckIdentity(carriers, backend, mapping.At);
        // Without an overlap a pipeline that runs is refused as soon as the new value is set.
        var wait = backend is { Traits.Overlaps: false } && !mapping.Has(Grammar.Wait)
            ? terms.Wait ?? new IdleWait(InFlightReader.UsualWait)
            : terms.Wait;
        var consumer = mapping.Word(Grammar.Consumer, Grammar.ConsumerWords);
        var grace = Grace(mapping, terms, policy, backend);
        backends.CheckLifetime(mapping, backend, terms.RotateEvery, grace);
        var hold = mapping.Node(Grammar.Hold) is { } held ? TimeReader.Hold(held, problems) : null;
        return name is null || vault is null || path is null || terms is not { Owner: { } owner, RotateEvery: { } rotateEvery }
            || policy is null
            ? null
            : new ManagedSecret(name, vault.Name, path, policy, owner, rotateEvery, terms.Window, carriers, mapping.At.Line)
            {
                Wait = wait,
                Grace = grace,
                File = mapping.At.File,
                Hold = hold,
                Backend = backend,
                Consumer = consumer.Known ? consumer.Meaning : null,
            };
    }

    // A backend keeps the old credential valid until it is retired, so it always has a grace, unless it keeps only one.
    private GracePolicy? Grace(MappingReader mapping, SecretTerms terms, ValuePolicy? policy, BackendDefinition? backend)
    {
        var usual = backend is { Traits.Overlaps: true } ? InFlightReader.UsualGrace : null;
        var own = mapping.Has(Grammar.Grace);
        var grace = terms.Grace;
        if (backend is { Traits.Overlaps: false })
        {
            if (own && grace is not null)
                problems.Add(
                    mapping.PlaceOf(Grammar.Grace),
                    "There is no grace without an overlap: the old value is refused as soon as the new one is set",
                    "Delete the line, or give the backend two slots.");
            return null;
        }

        if (grace is null && usual is not null && own && mapping.Node(Grammar.Grace) is YamlNode.Scalar { Text: Grammar.None })
            problems.Add(
                mapping.PlaceOf(Grammar.Grace),
                "Without a grace the old credential would never be disabled, and its slot would never be free",
                $"Write \"{Grammar.Grace.Example}\", or delete the line: that is the usual one.");
        grace ??= usual;
        if (grace is null)
            return null;
        if (policy is ValuePolicy.VaultManaged)
        {
            // The function that rotates it decides what happens to the old value where it is used. A default isn't meant for it.
            if (own)
                problems.Add(
                    mapping.PlaceOf(Grammar.Grace),
                    "A vault-managed secret can't have a grace: the vault's own rotation decides how long the old value is good",
                    "Delete the line, or write \"grace: none\".");
            return null;
        }

        if (terms.RotateEvery is { } rotateEvery)
            InFlightReader.CheckLength(grace, rotateEvery, mapping.PlaceOf(Grammar.Grace), problems);
        return grace;
    }

    private string? Path(MappingReader mapping, VaultDefinition? vault)
    {
        if (mapping.Text(Grammar.SecretPath, maximum: 700) is not { } text || vault is null)
            return null;
        vaults.CheckPath(text, vault);
        var place = vault.PlaceOf(text.Value);
        if (!_places.TryAdd(place, text.At))
            problems.Add(
                text.At,
                $"{Quoted.Of(text.Value)} is the path of a secret already, on {problems.LineOf(_places[place], text.At)}",
                "Delete one of the two entries; a value with several fields is one entry with a list under \"value\".");
        if (vault.StagedSuffix is { } suffix)
            _companions.Add((place, suffix, text));
        return text.Value;
    }

    // Some vaults hold the new value of NAME in another secret, such as NAME-staged, while a rotation runs.
    private void CheckCompanions()
    {
        foreach (var (place, suffix, path) in _companions)
        {
            if (place.EndsWith(suffix, StringComparison.Ordinal) && _places.TryGetValue(place[..^suffix.Length], out var main))
                problems.Add(
                    path.At,
                    $"{Quoted.Of(path.Value)} is where the secret of {problems.LineOf(main, path.At)} keeps its new value while it rotates",
                    $"Choose a name that doesn't end in {suffix}.");
        }
    }
}
