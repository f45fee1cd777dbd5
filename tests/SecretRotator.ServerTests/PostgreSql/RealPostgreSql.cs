using System.Globalization;
using Npgsql;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.PostgreSql;
using SecretRotator.Tests.Backends.PostgreSql;

namespace SecretRotator.ServerTests.PostgreSql;

/// <summary>A PostgreSQL server, which logs every statement and every login.</summary>
public sealed class RealPostgreSql : IPostgreSqlServer, IAsyncLifetime
{
    private const string Root = "test_root";
    private const string RootPassword = "test";
    private const string Owner = "postgres";

    private readonly ServerProcess _server = new();
    private NpgsqlDataSource? _root;

    /// <summary>The folder of its programs; null where it isn't installed.</summary>
    public static string? Programs { get; } = Path.GetDirectoryName(ServerProcess.Find(
        "postgres",
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").Order().Reverse().Select(version => Path.Combine(version, "bin"))
            : []));

    ServerAddress IPostgreSqlServer.Way => new("127.0.0.1", _server.Port);

    string IPostgreSqlServer.Authority => _server.PathOf("ca.pem");

    public async ValueTask InitializeAsync()
    {
        if (Programs is null)
            return;
        await _server.CertifyAsync(PostgreSqlFixture.Address.Host);
        await File.WriteAllTextAsync(_server.PathOf("root-password"), RootPassword);
        if (Environment.UserName == "root")
            await _server.RunAsync(null, "chown", "-R", Owner, _server.Folder);
        await _server.RunAsync(
            Owner, Path.Combine(Programs, "initdb"), "-D", _server.PathOf("data"), "-U", Root, "-A", "scram-sha-256",
            "--pwfile", _server.PathOf("root-password"), "--no-sync", "--encoding=UTF8", "--no-locale");
        await File.AppendAllTextAsync(
            _server.PathOf("data/postgresql.conf"),
            string.Create(CultureInfo.InvariantCulture, $"""

                listen_addresses = '127.0.0.1'
                port = {_server.Port}
                unix_socket_directories = ''
                ssl = on
                ssl_cert_file = '{_server.PathOf("server.pem")}'
                ssl_key_file = '{_server.PathOf("server-key.pem")}'
                fsync = off
                log_statement = all
                log_connections = on
                log_min_messages = debug1
                log_min_error_statement = debug1

                """));

        // Roles of these names are let in by other ways than the product asks for.
        await File.WriteAllTextAsync(_server.PathOf("data/pg_hba.conf"), """
            hostssl all by_trust 127.0.0.1/32 trust
            hostssl all by_password 127.0.0.1/32 password
            hostssl all by_md5 127.0.0.1/32 md5
            hostssl all by_no_one 127.0.0.1/32 reject
            hostssl all all 127.0.0.1/32 scram-sha-256

            """);
        await _server.StartAsync(Owner, Path.Combine(Programs, "postgres"), "-D", _server.PathOf("data"));
        _root = NpgsqlDataSource.Create(string.Create(
            CultureInfo.InvariantCulture,
            $"Host=127.0.0.1;Port={_server.Port};Database=postgres;Username={Root};Password={RootPassword};SSL Mode=Require"));
        await UntilReadyAsync();
        await ExecuteAsync($"CREATE DATABASE {PostgreSqlFixture.Database}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_root is not null)
            await _root.DisposeAsync();
        await _server.DisposeAsync();
    }

    /// <summary>Runs statements as a superuser.</summary>
    internal async Task ExecuteAsync(string statements, string database = "postgres")
    {
        await using var source = database == "postgres"
            ? null
            : NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_root!.ConnectionString)
            {
                Password = RootPassword,
                Database = database,
                Pooling = false,
            }.ConnectionString);
        await using var command = (source ?? _root!).CreateCommand(statements);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A session of a superuser.</summary>
    internal ValueTask<NpgsqlConnection> OpenRootAsync() => _root!.OpenConnectionAsync(TestContext.Current.CancellationToken);

    async Task IPostgreSqlServer.ResetAsync(params TestRole[] roles)
    {
        Assert.SkipWhen(Programs is null, "PostgreSQL isn't installed.");
        foreach (var role in await ReadAsync($"SELECT rolname FROM pg_roles WHERE rolname <> '{Root}' AND rolname !~ '^pg_'"))
            await ExecuteAsync(
                $"DROP OWNED BY {Quote(role)}; DROP ROLE {Quote(role)}", PostgreSqlFixture.Database);
        foreach (var role in roles)
            await ExecuteAsync($"CREATE ROLE {Quote(role.Name)} {Attributes(role)}");
    }

    Task IPostgreSqlServer.ChangeAsync(TestRole role) => ExecuteAsync($"ALTER ROLE {Quote(role.Name)} {Attributes(role)}");

    Task IPostgreSqlServer.RemoveAsync(string role) => ExecuteAsync($"DROP ROLE {Quote(role)}");

    Task IPostgreSqlServer.MakeReadOnlyAsync(string role) =>
        ExecuteAsync($"ALTER ROLE {Quote(role)} SET default_transaction_read_only = on");

    async Task<string> IPostgreSqlServer.LookAsync() =>
        string.Join('\n', await ReadAsync($"SELECT row_to_json(r)::text FROM pg_authid r WHERE rolname <> '{Root}' ORDER BY rolname"));

    async Task<int> IPostgreSqlServer.CountLoginsAsync() => (await File.ReadAllLinesAsync(_server.Log)).Count(line =>
        line.Contains("connection authenticated:", StringComparison.Ordinal)
        || line.Contains("password authentication failed", StringComparison.Ordinal));

    async Task IPostgreSqlServer.SettleAsync()
    {
        while (await ReadAsync("SELECT 'busy' FROM pg_stat_activity WHERE application_name = 'secret-rotator'") is [_, ..])
            await Task.Yield();
    }

    async Task<string> IPostgreSqlServer.ReadLogsAsync()
    {
        if (Programs is null)
            return "";
        var log = await File.ReadAllTextAsync(_server.Log);
        log.Contains("execute <unnamed>: CREATE ROLE", StringComparison.Ordinal).Should().BeTrue("statements are logged");
        return log;
    }

    private static string Quote(string name) => PostgreSqlBackend.Quote(name);

    private static string Attributes(TestRole role) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {(role.MayLogIn ? "" : "NO")}LOGIN {(role.IsSuper ? "" : "NO")}SUPERUSER {(role.MayCreateRoles ? "" : "NO")}CREATEROLE
        {(role.Replicates ? "" : "NO")}REPLICATION CONNECTION LIMIT {role.ConnectionLimit}
        VALID UNTIL '{(role.HasEnded ? "2001-01-01" : "infinity")}' PASSWORD {(role.Password is { } password ? $"'{password}'" : "NULL")}
        """);

    private async Task<List<string>> ReadAsync(string query)
    {
        await using var command = _root!.CreateCommand(query);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<string>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            rows.Add(reader.GetString(0));
        return rows;
    }

    private async Task UntilReadyAsync()
    {
        while (true)
        {
            try
            {
                await ReadAsync("SELECT 'ready'");
                return;
            }
            catch (PostgresException starting) when (starting.SqlState == PostgresErrorCodes.CannotConnectNow)
            {
                await Task.Delay(10);
            }
        }
    }
}
