namespace SecretRotator.Configuration;

/// <summary>Reads <c>backend</c>: where the value of a secret is accepted.</summary>
internal sealed class BackendReader(IReadOnlyList<IBackendGrammar> kinds, DeclaredVaults vaults, ProblemList problems)
{
    private readonly Dictionary<string, Position> _owned = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The backend; null where it is wrong, which is reported.</summary>
    public BackendDefinition? Read(YamlNode node, string secret, VaultDefinition? vault, ValuePolicy? value)
    {
        var words = WordTable.OfKinds("a kind of backend", kinds.Select(kind => kind.Keys));
        if (MappingReader.Mapping(node, "a backend", $"Write \"{Grammar.Backend.Example}\".", problems) is not { } written
            || MappingReader.OpenKind(written, Grammar.BackendKindKey, words, "a backend", problems) is not var (table, mapping))
            return null;
        var known = problems.Count;
        var backend = kinds.First(kind => kind.Keys == table).Read(mapping, new BackendOwner(secret, vault, value, vaults), problems);
        if (backend is not null && PeriodReader.Limit(mapping, Grammar.DeleteAfter, problems) is { } later)
            backend = backend with { DeleteAfter = later };
        foreach (var identity in backend?.Identities ?? [])
            if (!_owned.TryAdd($"{backend!.Kind} {identity}", mapping.At))
                problems.Add(
                    mapping.At,
                    $"{Quoted.Of(identity)} is used by the backend on "
                        + $"{problems.LineOf(_owned[$"{backend.Kind} {identity}"], mapping.At)} already: the "
                        + "rotation of one secret would end the credential that the other one has in use",
                    "Give each secret users of its own, or deliver one secret to all of the targets.");
        return problems.Count > known ? null : backend;
    }

    /// <summary>Reports a credential that ends before the next one has taken its place everywhere.</summary>
    public void CheckLifetime(MappingReader secret, BackendDefinition? backend, Period? rotateEvery, GracePolicy? grace)
    {
        if (backend?.Lifetime is { } lifetime && rotateEvery is not null
            && lifetime <= PeriodText.Most(rotateEvery) + (grace?.Longest ?? Duration.Zero))
            problems.Add(
                secret.PlaceOf(Grammar.Backend),
                "The credential would end before the next one has taken its place: \"lifetime\" is no longer than \"rotate-every\" and the "
                    + "grace together",
                "Write a longer lifetime, with room for rotations that come late.");
    }

    /// <summary>Reports a value that contradicts its backend, or one that no one takes.</summary>
    public void CheckValue(MappingReader secret, ValuePolicy? value, BackendDefinition? backend)
    {
        var has = secret.Has(Grammar.Backend);
        if (value is ValuePolicy.VaultManaged && has)
            problems.Add(
                secret.PlaceOf(Grammar.Backend),
                "A vault-managed value has no backend: the vault's own rotation changes it where it is accepted",
                "Delete the backend, or write the kind of value that this tool makes.");
        else if (value is ValuePolicy.External && has)
            problems.Add(
                secret.PlaceOf(Grammar.Backend),
                "An external value has no backend: a person changes it where it is accepted",
                "Delete the backend, or write the kind of value that this tool makes.");
        else if (value is ValuePolicy.Issued && !has)
            problems.Add(
                secret.PlaceOf(Grammar.Value),
                "An issued value needs a backend that makes it",
                $"Add for example \"{Grammar.Backend.Example}\", of a kind that issues credentials.");
        else if (backend is not null && value is not null
            && (value is ValuePolicy.Issued) != (backend.Traits.Family == BackendFamily.Issue))
            problems.Add(
                secret.PlaceOf(Grammar.Value),
                backend.Traits.Family == BackendFamily.Issue
                    ? $"{backend.Product} makes the value itself, so it can't be generated"
                    : $"{backend.Product} takes a value and makes none, so it can't be issued",
                backend.Traits.Family == BackendFamily.Issue
                    ? "Write \"value: { kind: issued }\"."
                    : "Write a kind of value that is generated, such as \"value: { kind: password, field: password }\".");
        if (has && secret.Has(Grammar.Consumer))
            problems.Add(
                secret.PlaceOf(Grammar.Consumer),
                "A secret with a backend has no other consumer: the backend takes the value",
                "Delete one of the two.");
    }
}
