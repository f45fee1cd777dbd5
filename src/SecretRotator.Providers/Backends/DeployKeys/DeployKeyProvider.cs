using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Backends.DeployKeys;

/// <summary>Deploy keys of Bitbucket repositories, under the tool's own Bitbucket credential.</summary>
internal sealed class DeployKeyProvider : IBackendProvider
{
    /// <inheritdoc />
    public KeyTable Keys => DeployKeyGrammar.Keys;

    /// <inheritdoc />
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems) =>
        DeployKeyGrammar.Read(mapping, secret, problems);

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections) => new DeployKeyBackend(
        (DeployKeyDefinition)secret.Backend!,
        async cancellation => (await connections.Bitbucket(cancellation)).DeployKeys);

    /// <summary>None beside Bitbucket's API, which every inventory needs.</summary>
    public IEnumerable<Endpoint> Endpoints(BackendDefinition definition, ConfiguredProviders settings) => [];
}
