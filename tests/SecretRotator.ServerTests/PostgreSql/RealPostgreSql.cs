using Npgsql;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.PostgreSql;
using SecretRotator.Sandbox.Databases;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Storage;
using SecretRotator.Tests.Backends.PostgreSql;

namespace SecretRotator.ServerTests.PostgreSql;

/// <summary>A PostgreSQL server, which logs every statement and every login.</summary>
public sealed class RealPostgreSql : IPostgreSqlServer, IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("server-");
    private InstalledPostgreSql? _server;

    ServerAddress IPostgreSqlServer.Way => new("127.0.0.1", _server!.Port);

    string IPostgreSqlServer.Authority => Path.Combine(_folder.FullName, "ca.pem");

    public async ValueTask InitializeAsync()
    {
        if (InstalledPostgreSql.Programs is null)
            return;
        (await SandboxCertificates.InAsync(
            new StateFolder(_folder.FullName, TimeProvider.System), SystemClock.Instance.GetCurrentInstant(), CancellationToken.None,
            PostgreSqlFixture.Address.Host)).Dispose();

        // Roles of these names are let in by other ways than the product asks for.
        const string Access = """
            hostssl all by_trust 127.0.0.1/32 trust
            hostssl all by_password 127.0.0.1/32 password
            hostssl all by_md5 127.0.0.1/32 md5
            hostssl all by_no_one 127.0.0.1/32 reject

            """;
        _server = await InstalledPostgreSql.StartAsync(
            Path.Combine(_folder.FullName, "postgresql"), _folder.FullName, Access,
            "log_statement=all", "log_connections=on", "log_min_messages=debug1", "log_min_error_statement=debug1");
        await ExecuteAsync($"CREATE DATABASE {PostgreSqlFixture.Database}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>Runs statements as a superuser.</summary>
    internal async Task ExecuteAsync(string statements, string database = "postgres")
    {
        var root = _server!.RootConnection;
        (root.Database, root.Pooling) = (database, false);
        await using var source = NpgsqlDataSource.Create(root);
        await using var command = source.CreateCommand(statements);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A session of a superuser.</summary>
    internal ValueTask<NpgsqlConnection> OpenRootAsync() =>
        _server!.RootDataSource.OpenConnectionAsync(TestContext.Current.CancellationToken);

    async Task IPostgreSqlServer.ResetAsync(params TestRole[] roles)
    {
        Assert.SkipWhen(_server is null, "PostgreSQL isn't installed.");
        foreach (var role in await _server!.ReadAsync(
            $"SELECT rolname FROM pg_roles WHERE rolname <> '{InstalledPostgreSql.Root}' AND rolname !~ '^pg_'"))
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
        string.Join(
            '\n', await _server!.ReadAsync(
                $"SELECT row_to_json(r)::text FROM pg_authid r WHERE rolname <> '{InstalledPostgreSql.Root}' ORDER BY rolname"));

    async Task<int> IPostgreSqlServer.CountLoginsAsync() => (await File.ReadAllLinesAsync(_server!.Log)).Count(line =>
        line.Contains("connection authenticated:", StringComparison.Ordinal)
        || line.Contains("password authentication failed", StringComparison.Ordinal));

    async Task IPostgreSqlServer.SettleAsync()
    {
        while (await _server!.ReadAsync("SELECT 'busy' FROM pg_stat_activity WHERE application_name = 'secret-rotator'") is [_, ..])
            await Task.Yield();
    }

    async Task<string> IPostgreSqlServer.ReadLogsAsync()
    {
        if (_server is null)
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
}
