using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;
using NpgsqlTypes;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Backends.PostgreSql;

/// <summary>One connection to a server, with one login.</summary>
/// <remarks>
/// The callback verifies chain and name, as <see cref="SslMode.VerifyFull"/> does; that mode would verify the name that is connected to,
/// which is another one behind a tunnel.
/// </remarks>
internal sealed class PostgreSqlSession : DatabaseSession
{
    private readonly PostgreSqlDefinition _server;
    private readonly NpgsqlDataSource _source;
    private NpgsqlConnection? _connection;

    /// <summary>A connection that isn't open yet.</summary>
    public PostgreSqlSession(PostgreSqlDefinition server, ServerLogin login, ServerNetwork network)
        : base(login)
    {
        _server = server;
        var way = network.Routes.Of(server.Server);
        var limit = (long)server.StatementLimit.TotalMilliseconds;
        var text = new NpgsqlConnectionStringBuilder
        {
            Host = way.Host,
            Port = way.Port,
            Database = server.Database,
            Username = login.User,
#pragma warning disable RS0030 // The library takes a text.
            Password = login.Password.RevealText(),
#pragma warning restore RS0030
            SslMode = SslMode.Require,
            SslNegotiation = SslNegotiation.Postgres,
            GssEncryptionMode = GssEncryptionMode.Disable,
            RequireAuth = "ScramSHA256",
            ChannelBinding = ChannelBinding.Require,
            TargetSessionAttributes = "any",
            ApplicationName = "secret-rotator",
            Options = string.Create(CultureInfo.InvariantCulture, $"-c statement_timeout={limit} -c lock_timeout={limit}"),
            ClientEncoding = "UTF8",
            Pooling = false,
            Enlist = false,
            Timeout = 10,
            CommandTimeout = (int)server.StatementLimit.TotalSeconds + 5,
            CancellationTimeout = -1, // a statement that is late is left to the server's own limit
        };
        var builder = new NpgsqlSlimDataSourceBuilder(text.ConnectionString);
        builder.EnableTransportSecurity();
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        builder.UseSslClientAuthenticationOptionsCallback(options =>
        {
            options.TargetHost = server.Server.Host;
            options.EnabledSslProtocols = Network.Protocols;
            options.ClientCertificates = null;
            options.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                (IsTrusted = network.IsTrusted(sender, certificate, chain, errors)).Value;
        });
        _source = builder.Build();
    }

    /// <summary>Whether TLS has proven the server; null where it hasn't come to that. What was answered before proves nothing.</summary>
    public bool? IsTrusted { get; private set; }

    /// <summary>Whether it is logged in.</summary>
    public bool IsOpen => _connection is not null;

    /// <inheritdoc />
    public override async Task OpenAsync(CancellationToken cancellation) => _connection = await _source.OpenConnectionAsync(cancellation);

    /// <summary>The rows of a query whose columns are texts.</summary>
    /// <param name="query">The query.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <param name="arguments">What <c>$1</c> and those after it stand for.</param>
    public async Task<List<string[]>> ReadAsync(string query, CancellationToken cancellation, params string[] arguments)
    {
        await using var command = new NpgsqlCommand(query, _connection);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = argument, NpgsqlDbType = NpgsqlDbType.Text });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<string[]>();
        while (await reader.ReadAsync(cancellation))
        {
            var row = new string[reader.FieldCount];
            for (var at = 0; at < row.Length; at++)
                row[at] = reader.GetString(at);
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Changes something. Once it is sent, its answer is waited for: that is how many rows it changed, -1 for roles.</summary>
    public async Task<int> WriteAsync(string statement, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        await using var command = new NpgsqlCommand(statement, _connection);
        HasWritten = true;
        return await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <inheritdoc />
    public override bool IsRemote(Exception failure) =>
        failure is NpgsqlException or IOException or SocketException or AuthenticationException or TimeoutException
            or OperationCanceledException or InvalidOperationException or NotSupportedException;

    /// <inheritdoc />
    /// <remarks>
    /// A wrong password, one that has ended and a role without one are 28P01. A role that may not log in, or doesn't exist, is 28000, which
    /// is also what pg_hba.conf answers: the function of the server that says it tells them apart, in every language.
    /// </remarks>
    public override bool IsRefusal(Exception failure) =>
        IsTrusted == true && failure is PostgresException
        { SqlState: "28P01" } or PostgresException { SqlState: "28000", Routine: "InitializeSessionUserId" };

    /// <inheritdoc />
    public override RemoteFailureException FailureOf(Exception failure, string act) => PostgreSqlFailures.Of(failure, _server, this, act);

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        await _source.DisposeAsync();
    }
}
