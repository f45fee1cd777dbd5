using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Backends.DeployKeys;

/// <summary>Deploy keys of Bitbucket repositories, under the tool's own Bitbucket credential.</summary>
internal sealed class DeployKeyProvider : IBackendProvider
{
    private const int LongestLabel = 80;

    private static readonly Key Repository = new("repository", "repository: acme/app", Required: true);
    private static readonly Key Label = new("label", "label: deploys of app");

    /// <inheritdoc />
    public KeyTable Keys { get; } =
        new("a deploy key", DeployKeyDefinition.KindWord, Grammar.BackendKindKey, Repository, Label);

    /// <inheritdoc />
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems)
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

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections) => new DeployKeyBackend(
        (DeployKeyDefinition)secret.Backend!,
        async cancellation => (await connections.Bitbucket(cancellation)).DeployKeys);

    /// <summary>None beside Bitbucket's API, which every inventory needs.</summary>
    public IEnumerable<Endpoint> Endpoints(BackendDefinition definition, ConfiguredProviders settings) => [];

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
