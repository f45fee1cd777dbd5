using SecretRotator.Backends;
using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers.Backends.MySql;

/// <summary>MySQL or MariaDB.</summary>
internal sealed class MySqlProvider(bool isMariaDb) : IBackendProvider
{
    /// <inheritdoc />
    public KeyTable Keys { get; } = MySqlGrammar.KeysOf(isMariaDb);

    /// <inheritdoc />
    public BackendDefinition? Read(MappingReader mapping, BackendOwner secret, ProblemList problems) =>
        MySqlGrammar.Read(isMariaDb, mapping, secret, problems);

    /// <inheritdoc />
    public ICredentialBackend Open(ManagedSecret secret, BackendConnections connections)
    {
        var server = (MySqlDefinition)secret.Backend!;
        return new MySqlBackend(
            server,
            new ServerNetwork(connections.TrustOf(server.Ca), connections.Routes),
            server.Admin is { } admin
                ? cancellation => connections.ReadAsync(admin, "The administrator's credential", cancellation)
                : null,
            cancellation => connections.ReadContentsAsync(secret, cancellation));
    }

    /// <inheritdoc />
    public IEnumerable<Endpoint> Endpoints(BackendDefinition definition, ConfiguredProviders settings) =>
        definition is MySqlDefinition server && server.IsMariaDb == isMariaDb
            ? [new(server.Product, settings.Routes.Of(server.Server).AsUri())]
            : [];
}
