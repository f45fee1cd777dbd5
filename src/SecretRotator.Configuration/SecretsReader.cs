using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Configuration.Yaml;
using SecretRotator.Inventory;
using SecretRotator.Vaults;

namespace SecretRotator.Configuration;

/// <summary>What holds for secrets that say nothing else.</summary>
/// <param name="Section">The mapping itself, or null where there is none.</param>
/// <param name="Owner">Who answers for them.</param>
/// <param name="RotateEvery">How old a value may become.</param>
/// <param name="Window">When they may rotate, or null for any time.</param>
internal sealed record SecretDefaults(MappingReader? Section, string? Owner, Period? RotateEvery, RotationWindow? Window)
{
    /// <summary>How they wait for pipelines that run, or null.</summary>
    public IdleWait? Wait { get; init; }

    /// <summary>How long their old versions stay valid, or null.</summary>
    public GracePolicy? Grace { get; init; }

    /// <summary>Reads <c>defaults</c>.</summary>
    public static SecretDefaults Read(YamlNode? node, RunLimits limits, ProblemList problems)
    {
        if (node is null || MappingReader.Open(node, Grammar.DefaultsKeys, problems) is not { } mapping)
            return new SecretDefaults(null, null, null, null);
        var window = mapping.Node(Grammar.Window) is { } written ? TimeReader.Window(written, problems) : null;
        return new SecretDefaults(mapping, mapping.Text(Grammar.Owner)?.Value, PeriodReader.RotateEvery(mapping, limits, problems), window)
        {
            Verify = VerifyReader.Read(mapping, VerificationLevel.Listed),
            Wait = mapping.Node(Grammar.Wait) is { } wait ? InFlightReader.Wait(wait, problems) : null,
            Grace = mapping.Node(Grammar.Grace) is { } grace ? InFlightReader.Grace(grace, mapping, problems) : null,
        };
    }

    /// <summary>How surely targets are verified.</summary>
    public VerificationLevel Verify { get; init; } = VerificationLevel.Listed;

    /// <summary>Whether the section has a key, right or wrong.</summary>
    public bool Has(Key key) => Section?.Has(key) ?? false;
}

/// <summary>Reads <c>secrets</c>, one after the other.</summary>
internal sealed class SecretsReader(
    DeclaredVaults vaults,
    BackendReader backends,
    RunLimits limits,
    SecretDefaults defaults,
    TargetReader targets,
    ProblemList problems)
{
    private readonly Dictionary<string, Position> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Position> _places = new(StringComparer.Ordinal);
    private readonly List<(string Place, string Suffix, PlacedText Path)> _companions = [];
    private readonly List<Position> _taken = [];

    /// <summary>The secrets that are right, in the order of the file.</summary>
    public ImmutableArray<ManagedSecret> Read(ImmutableArray<YamlNode> items)
    {
        var secrets = ImmutableArray.CreateBuilder<ManagedSecret>(items.Length);
        foreach (var item in items)
        {
            if (MappingReader.Open(item, Grammar.SecretKeys, problems) is { } mapping && ReadOne(mapping) is { } secret)
            {
                secrets.Add(secret);
                _taken.Add(mapping.At);
            }
        }

        CheckCompanions();
        // Of a file that is right otherwise: what is wrong in it may be the very key that says so.
        if (problems.Count == 0)
            foreach (var (secret, at) in secrets.Zip(_taken))
                CheckIsTaken(secret, at);
        return secrets.ToImmutable();
    }

    private void CheckIsTaken(ManagedSecret secret, Position at)
    {
        if (secret is { Backend: null, Consumer: null, Value: ValuePolicy.Plain or ValuePolicy.Json })
            problems.Add(
                at,
                $"Nothing says who takes the new value of {Quoted.Of(secret.Name)}: a value that is accepted nowhere breaks what uses it",
                "Name the system that accepts it under \"backend\" (docs/backends.md). Where both sides read the vault, write "
                    + "\"consumer: reads-from-vault\"; where a person changes it, \"consumer: by-hand\".");
    }

    private ManagedSecret? ReadOne(MappingReader mapping)
    {
        var name = Name(mapping);
        var vault = Vault(mapping);
        var path = Path(mapping, vault);
        var owner = Owner(mapping);
        var rotateEvery = RotateEvery(mapping);
        var window = mapping.Has(Grammar.Window)
            ? mapping.Node(Grammar.Window) is { } node ? TimeReader.Window(node, problems) : null
            : defaults.Window;
        var policy = mapping.Node(Grammar.Value) is { } value ? new ValueReader(vault, problems).Read(value) : null;
        var carriers = targets.Read(mapping.Items(Grammar.Targets), name ?? "", policy, VerifyReader.Read(mapping, defaults.Verify));
        var wait = mapping.Has(Grammar.Wait)
            ? mapping.Node(Grammar.Wait) is { } written ? InFlightReader.Wait(written, problems) : null
            : defaults.Wait;
        var backend = mapping.Node(Grammar.Backend) is { } accepts ? backends.Read(accepts, name ?? "", vault, policy) : null;
        backends.CheckValue(mapping, policy, backend);
        if (backend is not null)
            targets.CheckIdentity(carriers, backend, mapping.At);
        // Without an overlap a pipeline that runs is refused as soon as the new value is set.
        if (backend is { Traits.Overlaps: false } && !mapping.Has(Grammar.Wait))
            wait ??= new IdleWait(InFlightReader.UsualWait);
        var consumer = mapping.Has(Grammar.Consumer) ? mapping.Word(Grammar.Consumer, Grammar.ConsumerWords) : default;
        var grace = Grace(mapping, rotateEvery, policy, backend);
        backends.CheckLifetime(mapping, backend, rotateEvery, grace);
        var hold = mapping.Node(Grammar.Hold) is { } held ? TimeReader.Hold(held, problems) : null;
        return name is null || vault is null || path is null || owner is null || rotateEvery is null || policy is null
            ? null
            : new ManagedSecret(name, vault.Name, path, policy, owner, rotateEvery, window, carriers, mapping.At.Line)
            {
                Wait = wait,
                Grace = grace,
                Hold = hold,
                Backend = backend,
                Consumer = consumer.Known ? consumer.Meaning : null,
            };
    }

    // A backend keeps the old credential valid until it is retired, so it always has a grace, unless it keeps only one.
    private GracePolicy? Grace(MappingReader mapping, Period? rotateEvery, ValuePolicy? policy, BackendDefinition? backend)
    {
        var usual = backend is { Traits.Overlaps: true } ? InFlightReader.UsualGrace : null;
        var own = mapping.Has(Grammar.Grace);
        var grace = own ? mapping.Node(Grammar.Grace) is { } node ? InFlightReader.Grace(node, mapping, problems) : null : defaults.Grace;
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

        if (rotateEvery is not null)
            InFlightReader.CheckLength(grace, rotateEvery, mapping.PlaceOf(Grammar.Grace), problems);
        return grace;
    }

    private string? Name(MappingReader mapping)
    {
        if (mapping.Text(Grammar.SecretName) is not { } text)
            return null;
        if (!Names.IsName(text.Value))
            problems.Add(text.At, $"{Quoted.Of(text.Value)} can't be the name of a secret", Names.NameRule);
        if (!_names.TryAdd(text.Value, text.At))
            problems.Add(
                text.At,
                $"There is a secret {Quoted.Of(text.Value)} already, on line {_names[text.Value].Line}",
                "Choose another name, or delete one of the two.");
        return text.Value;
    }

    private VaultDefinition? Vault(MappingReader mapping) =>
        mapping.Text(Grammar.SecretVault) is { } text ? vaults.Find(text.Value, text.At) : null;

    private string? Path(MappingReader mapping, VaultDefinition? vault)
    {
        if (mapping.Text(Grammar.SecretPath, maximum: 700) is not { } text || vault is null)
            return null;
        vaults.CheckPath(text, vault);
        var place = vault.PlaceOf(text.Value);
        if (!_places.TryAdd(place, text.At))
            problems.Add(
                text.At,
                $"{Quoted.Of(text.Value)} is the path of a secret already, on line {_places[place].Line}",
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
                    $"{Quoted.Of(path.Value)} is where the secret of line {main.Line} keeps its new value while it rotates",
                    $"Choose a name that doesn't end in {suffix}.");
        }
    }

    private string? Owner(MappingReader mapping)
    {
        if (mapping.Has(Grammar.Owner))
            return mapping.Text(Grammar.Owner)?.Value;
        if (!defaults.Has(Grammar.Owner))
            problems.Add(mapping.At, "The secret has no owner", $"Add \"{Grammar.Owner.Example}\" to it or to \"defaults\".");
        return defaults.Owner;
    }

    private Period? RotateEvery(MappingReader mapping)
    {
        if (mapping.Has(Grammar.RotateEvery))
            return PeriodReader.RotateEvery(mapping, limits, problems);
        if (!defaults.Has(Grammar.RotateEvery))
            problems.Add(
                mapping.At,
                "The secret doesn't say how often it rotates",
                $"Add \"{Grammar.RotateEvery.Example}\" to it or to \"defaults\".");
        return defaults.RotateEvery;
    }
}
