using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Backends.PostgreSql;

/// <summary>Login roles of PostgreSQL.</summary>
internal sealed class PostgreSqlProvider : IBackendProvider
{
    /// <inheritdoc />
    public KeyTable Keys => PostgreSqlGrammar.Keys;

    /// <inheritdoc />
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems) =>
        PostgreSqlGrammar.Read(mapping, secret, problems);

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections)
    {
        var server = (PostgreSqlDefinition)secret.Backend!;
        return new PostgreSqlBackend(
            server,
            new ServerNetwork(connections.TrustOf(server.Ca), connections.Routes),
            server.AdminAt is { } admin
                ? async cancellation => [await connections.ReadAsync(admin, "The administrator's credential", cancellation)]
                : cancellation => connections.ReadContentsAsync(secret, cancellation));
    }

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(BackendDefinition definition, ConfiguredProviders settings) =>
        definition is PostgreSqlDefinition server ? [new("PostgreSQL", settings.Routes.Of(server.Server).AsUri())] : [];
}
