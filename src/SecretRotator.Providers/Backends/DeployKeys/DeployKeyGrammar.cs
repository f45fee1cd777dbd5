using SecretRotator.Configuration;

namespace SecretRotator.Providers.Backends.DeployKeys;

/// <summary>What <c>rotation.yaml</c> may say of deploy keys.</summary>
internal static class DeployKeyGrammar
{
    private const int LongestLabel = 80;

    private static readonly Key Repository = new("repository", "repository: acme/app", Required: true);
    private static readonly Key Label = new("label", "label: deploys of app");

    /// <summary>The keys of a backend.</summary>
    public static KeyTable Keys { get; } =
        new("a deploy key", DeployKeyDefinition.KindWord, Grammar.BackendKindKey, Repository, Label);

    /// <summary>Reads a backend.</summary>
    public static DeployKeyDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems)
    {
        var repository = ReadRepository(mapping, problems);
        var label = mapping.Has(Label) ? mapping.Text(Label, LongestLabel)?.Value : $"secret-rotator {secret.Name}";
        if (secret.Value is null)
            return null;
        if (secret.Value is not ValuePolicy.Json { Fields: [{ Generator: ValueGenerator.SshKey pair } field] })
        {
            problems.Add(
                mapping.At,
                "A deploy key is the public part of an SSH key pair, and the value of this secret is something else",
                "Write \"value: { kind: ssh-key, field: private_key, public-field: public_key }\", or another backend.");
            return null;
        }

        return repository is null || label is null ? null : new DeployKeyDefinition(repository, label, field.Field, pair.PublicField);
    }

    private static VariableScope.Repository? ReadRepository(MappingReader mapping, ProblemList problems)
    {
        if (mapping.Text(Repository) is not { } text)
            return null;
        if (text.Value.Split('/') is [var workspace, var slug] && Names.IsSlug(workspace) && Names.IsSlug(slug))
            return new(workspace.ToLowerInvariant(), slug.ToLowerInvariant());
        problems.Add(
            text.At,
            $"{Quoted.Of(text.Value)} is not a repository with its workspace",
            $"Write WORKSPACE/REPOSITORY such as \"{Repository.Example}\".");
        return null;
    }
}
