using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Backends.Redis;

/// <summary>ACL users of Redis and Valkey.</summary>
internal sealed class RedisProvider : IBackendProvider
{
    /// <inheritdoc />
    public KeyTable Keys => RedisGrammar.Keys;

    /// <inheritdoc />
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems) =>
        RedisGrammar.Read(mapping, secret, problems);

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections)
    {
        var definition = (RedisDefinition)secret.Backend!;
        return new RedisBackend(
            definition,
            new RedisNetwork(connections.TrustOf(definition.Authority), connections.Routes, connections.Time),
            cancellation => connections.ReadAsync(definition.AdminCredential, "The Redis credential", cancellation));
    }

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(BackendDefinition definition, ConfiguredProviders settings) =>
        ((RedisDefinition)definition).Servers.Select(server => new Endpoint($"Redis at {server}", settings.Routes.Of(server).AsUri()));
}
