using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MySqlConnector;

namespace SecretRotator.Providers.Backends.MySql;

/// <summary>One connection to a server, with one login.</summary>
/// <remarks>
/// <see cref="MySqlSslMode.VerifyFull"/> isn't used: with it MySqlConnector 2.6 sends the password first, in plain text where the server
/// asks for that, and looks at what it found wrong with the certificate afterwards (it allows for servers that prove their certificate by
/// the login). A callback that refuses the certificate ends the TLS handshake, so nothing follows.
/// </remarks>
internal sealed class MySqlSession : DatabaseSession
{
    private readonly MySqlConnection _connection;
    private readonly MySqlDefinition _server;

    /// <summary>A connection that isn't open yet.</summary>
    /// <param name="server">The server.</param>
    /// <param name="login">Who logs in; must live as long as the connection.</param>
    /// <param name="network">How it is reached.</param>
    public MySqlSession(MySqlDefinition server, ServerLogin login, ServerNetwork network)
        : base(login)
    {
        _server = server;
        var way = network.Routes.Of(server.Server);
        _connection = new MySqlConnection(new MySqlConnectionStringBuilder
        {
            Server = way.Host,
            Port = (uint)way.Port,
            UserID = login.User,
            SslMode = MySqlSslMode.Required,
            TlsVersion = "TLS 1.2, TLS 1.3",
            AllowUserVariables = true, // or `a`@`%` would need a parameter of that name
            Pooling = false,
            ConnectionTimeout = 10,
            DefaultCommandTimeout = (uint)server.StatementLimit.TotalSeconds + 5,
            CancellationTimeout = -1, // a statement in time-out is left to the server's own limit, without a second login to end it
            ServerRedirectionMode = MySqlServerRedirectionMode.Disabled,
            ApplicationName = "secret-rotator",
        }.ConnectionString)
        {
            RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                IsVerified = certificate is X509Certificate2 leaf && leaf.MatchesHostname(server.Server.Host)
                    && network.IsTrusted(sender, certificate, chain, errors & ~SslPolicyErrors.RemoteCertificateNameMismatch),
#pragma warning disable RS0030 // The library takes a text.
            ProvidePasswordCallback = _ => login.Password.RevealText(),
#pragma warning restore RS0030
        };
    }

    /// <summary>Whether TLS has proven the server. What was answered before that proves nothing.</summary>
    public bool IsVerified { get; private set; }

    /// <inheritdoc />
    public override Task OpenAsync(CancellationToken cancellation) => _connection.OpenAsync(cancellation);

    /// <summary>Whether the server says of itself that it is MariaDB.</summary>
    public bool IsMariaDb => _connection.ServerVersion.Contains("MariaDB", StringComparison.OrdinalIgnoreCase);

    /// <summary>Limits how long a statement may take, as far as the server can.</summary>
    public Task LimitAsync(CancellationToken cancellation)
    {
        var seconds = (long)_server.StatementLimit.TotalSeconds;
        return RunAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"SET SESSION lock_wait_timeout={seconds}, "
                    + $"{(_server.IsMariaDb ? "max_statement_time" : "innodb_lock_wait_timeout")}={seconds}"),
            cancellation);
    }

    /// <summary>Changes something. Cancellation stops what wasn't sent.</summary>
    public Task WriteAsync(string statement, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        HasWritten = true;
        return RunAsync(statement, cancellation);
    }

    /// <summary>The rows of a query, as text; null for NULL.</summary>
    public async Task<List<string?[]>> ReadAsync(string query, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        await using var command = new MySqlCommand(query, _connection);
        await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
        var rows = new List<string?[]>();
        while (await reader.ReadAsync(CancellationToken.None))
        {
            var row = new string?[reader.FieldCount];
            for (var i = 0; i < row.Length; i++)
                row[i] = reader.IsDBNull(i) ? null : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture);
            rows.Add(row);
        }

        return rows;
    }

    /// <inheritdoc />
    public override bool IsRemote(Exception failure) =>
        failure is MySqlException or IOException or SocketException or AuthenticationException or TimeoutException
            or NotSupportedException or InvalidOperationException or FormatException or OperationCanceledException;

    /// <inheritdoc />
    public override bool IsRefusal(Exception failure) => IsVerified && failure is MySqlException
    { Number: MySqlFailures.AccessDenied or MySqlFailures.LockedInMySql or MySqlFailures.LockedInMariaDb };

    /// <inheritdoc />
    public override RemoteFailureException FailureOf(Exception failure, string act) => MySqlFailures.Of(failure, _server, this, act);

    /// <inheritdoc />
    public override ValueTask DisposeAsync() => _connection.DisposeAsync();

    // A statement under way isn't cancelled: the library would log in a second time to end it, and the server's limit does so anyway.
    private async Task RunAsync(string statement, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        await using var command = new MySqlCommand(statement, _connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }
}
