namespace SecretRotator.Configuration;

/// <summary>Reads the targets of all secrets, of which no two may be the same variable.</summary>
internal sealed class TargetReader(string? workspace, AttestedTargets attested, ProblemList problems)
{
    private const int LongestEnvironment = 128;
    private const int MostFieldsNamed = 10;

    private readonly Dictionary<(VariableScope Scope, string Variable), (string Secret, Position At)> _seen = [];
    private readonly Dictionary<VariableScope, VariableScope> _scopes = [];

    /// <summary>
    /// Reports targets that carry a part of a credential where no target carries who logs in with it, although a rotation changes that.
    /// </summary>
    /// <param name="targets">The targets of one secret.</param>
    /// <param name="backend">What accepts its value.</param>
    /// <param name="at">Where the secret is.</param>
    public void CheckIdentity(ImmutableArray<VariableTarget> targets, BackendDefinition backend, Position at)
    {
        if (backend.ChangingIdentity is not { } identity)
            return;
        foreach (var target in targets.Where(target => !Tells(target) && !targets.Any(other => Tells(other) && IsSeenWith(other, target))))
        {
            problems.Add(
                at,
                $"{target} carries {Quoted.Of(target.Field!)}, and no variable beside it the field {Quoted.Of(identity)}: a rotation "
                    + "changes both, so pipelines would log in with the new one of the one and the old one of the other",
                $"Add a target in the same place with \"field: {identity}\"; or let one variable carry both: "
                    + $"\"{Grammar.Whole.Example}\" and \"encoding: base64\".");
            return;
        }

        bool Tells(VariableTarget target) => target.Field is null || target.Field == identity;
    }

    // Whether every step that sees a variable of one scope sees those of the other.
    private static bool IsSeenWith(VariableTarget other, VariableTarget target) => other.Scope is VariableScope.Workspace
        || other.Scope == target.Scope || (other.Scope is VariableScope.Repository above && above == target.Scope.InRepository());

    /// <summary>The targets of one secret that are right.</summary>
    /// <param name="items">The nodes.</param>
    /// <param name="secret">The secret's name, for messages.</param>
    /// <param name="policy">How its value is made, or null where that is reported already.</param>
    /// <param name="verify">How surely targets are verified that say nothing of it.</param>
    public ImmutableArray<VariableTarget> Read(
        ImmutableArray<YamlNode> items, string secret, ValuePolicy? policy, VerificationLevel verify) =>
        [.. items.Select(item => ReadOne(item, secret, policy, verify)).OfType<VariableTarget>()];

    private VariableTarget? ReadOne(YamlNode item, string secret, ValuePolicy? policy, VerificationLevel verify)
    {
        if (MappingReader.Open(item, Grammar.TargetKeys, problems) is not { } mapping)
            return null;
        var scope = Scope(mapping);
        var isKeyPair = IsKeyPair(mapping);
        var variable = isKeyPair ? VariableScope.SshKeyPair.Key : Variable(mapping);
        var field = Field(mapping, policy);
        if (isKeyPair)
            scope = KeyPair(mapping, scope, field, policy);
        var encoding = isKeyPair ? TargetEncoding.None : Encoding(mapping, field, policy);
        var mayCreate = mapping.Flag(Grammar.Create) ?? false;
        if (scope is null || variable is null)
            return null;
        if (!_seen.TryAdd((scope, variable.ToUpperInvariant()), (secret, mapping.At)))
            ReportDuplicate(mapping, scope, variable);
        var target =
            new VariableTarget(scope, variable, field, mayCreate)
            {
                Verify = isKeyPair ? VerificationLevel.Listed : mapping.Word(Grammar.Verify, Grammar.VerifyWords, verify),
                Encoding = encoding,
            };
        attested.Add(target, mapping);
        return target;
    }

    private void ReportDuplicate(MappingReader mapping, VariableScope scope, string variable)
    {
        var (secret, at) = _seen[(scope, variable.ToUpperInvariant())];
        var place = at.File == mapping.At.File ? $"line {at.Line}, column {at.Column}" : problems.LineOf(at, mapping.At);
        problems.Add(
            mapping.At,
            $"{(scope is VariableScope.SshKeyPair ? "The SSH key pair" : $"The variable {Quoted.Of(variable)}")} of "
                + $"{Quoted.Of(scope.ToString())} is a target of {Quoted.Of(secret)} already ({place})",
            "Delete one of the two: Bitbucket ignores case, and a variable can carry one value only.");
    }

    private VariableScope? Scope(MappingReader mapping)
    {
        var inWorkspace = mapping.Flag(Grammar.InWorkspace);
        var repository = mapping.Text(Grammar.Repository);
        var environment = mapping.Text(Grammar.Environment, LongestEnvironment);
        if (mapping.Has(Grammar.InWorkspace) == mapping.Has(Grammar.Repository))
        {
            problems.Add(
                mapping.At,
                mapping.Has(Grammar.Repository)
                    ? "A target can't be in the workspace and in a repository"
                    : "A target must say where its variable lives",
                "Write either \"repository: SLUG\", with \"environment: NAME\" for a deployment variable, or \"workspace: true\".");
            return null;
        }

        if (mapping.Has(Grammar.Environment) && !mapping.Has(Grammar.Repository))
            problems.Add(
                mapping.PlaceOf(Grammar.Environment),
                "An environment belongs to a repository",
                "Write \"repository: SLUG\" in place of \"workspace\", or delete \"environment\".");
        if (inWorkspace is false)
            problems.Add(
                mapping.PlaceOf(Grammar.InWorkspace),
                "\"workspace: false\" says nothing about where the variable lives",
                "Write \"workspace: true\" or \"repository: SLUG\".");
        if (environment is not null && environment.Value != environment.Value.Trim())
            problems.Add(environment.At, "The environment's name begins or ends with a space", "Write it as Bitbucket shows it.");
        var slug = repository is null ? null : Slug(repository);
        if (workspace is null || (slug is null && inWorkspace is not true) || (mapping.Has(Grammar.Environment) && environment is null))
            return null;
        return Canonical(
            slug is null ? new VariableScope.Workspace(workspace)
            : environment is null ? new VariableScope.Repository(workspace, slug)
            : new VariableScope.Environment(workspace, slug, environment.Value));
    }

    private string? Slug(PlacedText repository)
    {
        if (Names.IsSlug(repository.Value))
            return repository.Value.ToLowerInvariant();
        var isFullName = workspace is not null && repository.Value.StartsWith(workspace + "/", StringComparison.OrdinalIgnoreCase);
        problems.Add(
            repository.At,
            $"{Quoted.Of(repository.Value)} is not a repository's slug",
            isFullName && Names.IsSlug(repository.Value[(workspace!.Length + 1)..])
                ? $"Write \"repository: {repository.Value[(workspace.Length + 1)..]}\" without the workspace."
                : Names.SlugRule);
        return null;
    }

    // Bitbucket ignores case in environments, and the model's scopes compare exactly: the first spelling counts.
    private VariableScope Canonical(VariableScope scope)
    {
        var anyCase = scope is VariableScope.Environment named ? named with { Name = named.Name.ToUpperInvariant() } : scope;
        return _scopes.TryAdd(anyCase, scope) ? scope : _scopes[anyCase];
    }

    private bool IsKeyPair(MappingReader mapping)
    {
        var isKeyPair = mapping.Flag(Grammar.SshKeyPair);
        if (mapping.Has(Grammar.Variable) == mapping.Has(Grammar.SshKeyPair) || isKeyPair is false)
        {
            problems.Add(
                mapping.At,
                "A target is either a variable or the SSH key pair of a repository",
                $"Write either \"{Grammar.Variable.Example}\" or \"{Grammar.SshKeyPair.Example}\".");
        }

        return isKeyPair is true && !mapping.Has(Grammar.Variable);
    }

    private VariableScope.SshKeyPair? KeyPair(MappingReader mapping, VariableScope? scope, string? field, ValuePolicy? policy)
    {
        foreach (var key in new[] { Grammar.InWorkspace, Grammar.Environment, Grammar.Encoding, Grammar.Verify })
        {
            if (mapping.Has(key))
                problems.Add(
                    mapping.PlaceOf(key),
                    $"An SSH key pair takes no \"{key.Name}\"",
                    "Delete it: the pair is the whole repository's, carries the key as it is, and is proven by its public key.");
        }

        if (policy is not null && !IsPrivateKey(field, policy))
        {
            problems.Add(
                mapping.At,
                "An SSH key pair carries a private SSH key, and this is something else",
                "Name the field of a value such as \"value: { kind: ssh-key, field: private_key, public-field: public_key }\".");
        }

        return scope is VariableScope.Repository repository ? new(repository.WorkspaceSlug, repository.Slug) : null;
    }

    private string? Variable(MappingReader mapping)
    {
        if (mapping.Text(Grammar.Variable, Names.LongestVariable) is not { } text)
            return null;
        var (reserved, whose) = Grammar.ReservedVariables.FirstOrDefault(
            each => text.Value.StartsWith(each.Prefix, StringComparison.OrdinalIgnoreCase));
        if (!Names.IsVariable(text.Value))
            problems.Add(
                text.At,
                $"{Quoted.Of(text.Value)} can't be the key of a Bitbucket variable",
                "Write letters, digits and underscores, and don't begin with a digit.");
        else if (reserved is not null)
            problems.Add(text.At, $"Variables that begin with {reserved} are {whose}", "Choose another key.");
        return text.Value;
    }

    private string? Field(MappingReader mapping, ValuePolicy? policy)
    {
        var field = FieldName.Read(mapping, Grammar.TargetField, problems);
        if (mapping.Has(Grammar.Whole))
        {
            if (mapping.Flag(Grammar.Whole) == false)
                problems.Add(
                    mapping.PlaceOf(Grammar.Whole), "\"whole: false\" doesn't say which field the target carries",
                    "Write \"field: NAME\".");
            if (mapping.Has(Grammar.TargetField))
                problems.Add(
                    mapping.PlaceOf(Grammar.Whole), "A target carries one field or the whole secret", "Delete one of the two keys.");
            if (policy is ValuePolicy.Plain)
                problems.Add(
                    mapping.PlaceOf(Grammar.Whole), "The secret is one plain text, which every target carries whole", "Delete the line.");
            return null;
        }

        switch (policy)
        {
            case ValuePolicy.Plain when field is not null:
                problems.Add(
                    field.At,
                    "The secret is one plain text, without fields",
                    "Delete \"field\" here, or name the generated field under \"value\" to make it a JSON secret.");
                break;
            case ValuePolicy.Json { Fields: [var only] } when !mapping.Has(Grammar.TargetField):
                return only.Field;
            case ValuePolicy.Issued when !mapping.Has(Grammar.TargetField):
                problems.Add(
                    mapping.At,
                    "The target must say which field of the secret it carries",
                    "Add \"field: NAME\": an issued value has several fields, and the backend's part of docs/backends.md names them.");
                break;
            case ValuePolicy.Json json when !mapping.Has(Grammar.TargetField):
                problems.Add(
                    mapping.At,
                    "The target must say which field of the secret it carries",
                    "Add \"field: NAME\"; generated are: "
                        + $"{string.Join(", ", json.Fields.Take(MostFieldsNamed).Select(f => Quoted.Of(f.Field)))}.");
                break;
        }

        return field?.Value;
    }

    // Other values with line breaks can only be seen in the vault: CHECK refuses them before anything is written.
    private TargetEncoding Encoding(MappingReader mapping, string? field, ValuePolicy? policy)
    {
        if (mapping.Has(Grammar.Encoding))
            return mapping.Word(Grammar.Encoding, Grammar.EncodingWords) is (true, var encoding) ? encoding : TargetEncoding.None;
        if (IsPrivateKey(field, policy))
        {
            problems.Add(
                mapping.At,
                "The target carries a private SSH key, which has several lines, and a Bitbucket variable takes no line breaks",
                "Add \"encoding: base64\", and decode it where it is used: printf %s \"$KEY\" | base64 -d.");
        }

        return TargetEncoding.None;
    }

    private static bool IsPrivateKey(string? field, ValuePolicy? policy) =>
        policy is ValuePolicy.Json json && json.Fields.Any(made => made.Field == field && made.Generator is ValueGenerator.SshKey);
}
