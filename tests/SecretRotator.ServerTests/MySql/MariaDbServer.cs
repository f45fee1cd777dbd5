using MySqlConnector;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.MySql;
using SecretRotator.Sandbox.Databases;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Storage;
using SecretRotator.Tests.Backends.MySql;

namespace SecretRotator.ServerTests.MySql;

/// <summary>A MariaDB server of its own, in a folder of its own, with TLS and the log of all statements.</summary>
public sealed class MariaDbServer : IAsyncLifetime, IMySqlServer
{
    public const string Name = "db.test";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mariadb-");
    private InstalledMariaDb? _server;

    public static bool IsInstalled => InstalledMariaDb.Program is not null;

    bool IMySqlServer.IsMariaDb => true;

    ServerNetwork IMySqlServer.Network => NetworkOf("ca.pem");

    ServerNetwork IMySqlServer.Distrusting => NetworkOf("foreign/ca.pem");

    /// <summary>All that the server wrote: statements, logins, and what was wrong.</summary>
    public string Logs() => string.Join('\n', new[] { At("general.log"), _server!.Log }.Where(File.Exists).Select(ReadShared));

    public async ValueTask InitializeAsync()
    {
        if (!IsInstalled)
            return;
        foreach (var folder in new[] { _folder.FullName, At("foreign") })
            (await SandboxCertificates.InAsync(
                new StateFolder(folder, TimeProvider.System), SystemClock.Instance.GetCurrentInstant(), CancellationToken.None, Name))
                    .Dispose();
        _server = await InstalledMariaDb.StartAsync(
            At("server"), _folder.FullName, "--general-log=1", $"--general-log-file={At("general.log")}");
    }

    /// <summary>Runs statements as root.</summary>
    public Task RunSqlAsync(params string[] statements) => _server!.ExecuteAsync(statements);

    /// <summary>A connection of root's.</summary>
    public Task<MySqlConnection> RootAsync() => _server!.OpenRootAsync();

    public int Logins() => Logs().Split("Connect").Length;

    async Task IMySqlServer.CreateAsync(string user, string plugin, string kept)
    {
        if (plugin == "ed25519")
            await RunSqlAsync("INSTALL PLUGIN IF NOT EXISTS ed25519 SONAME 'auth_ed25519'");
        await RunSqlAsync($"CREATE USER {MySqlAccount.Quote(user, "%")} IDENTIFIED VIA {plugin} USING '{kept}' REQUIRE SSL");
    }

    Task IMySqlServer.GrantAsync(string user, bool createsUsers, bool readsAccounts) => RunSqlAsync(
        createsUsers ? $"GRANT CREATE USER ON *.* TO {user}" : $"REVOKE CREATE USER ON *.* FROM {user}",
        readsAccounts ? $"GRANT SELECT ON mysql.global_priv TO {user}" : $"REVOKE SELECT ON mysql.global_priv FROM {user}");

    Task IMySqlServer.DropAsync(string user) => RunSqlAsync($"DROP USER {user}");

    Task IMySqlServer.MoveAsync(string user, string host) => RunSqlAsync($"RENAME USER {user}@'%' TO {user}@'{host}'");

    Task IMySqlServer.SetReadOnlyAsync(bool readOnly) => RunSqlAsync($"SET GLOBAL read_only={(readOnly ? "ON" : "OFF")}");

    // A plugin that someone uses is uninstalled later, so it stays.
    Task IMySqlServer.SetRefusesHashesAsync(bool refuses) => RunSqlAsync(
        "INSTALL PLUGIN IF NOT EXISTS simple_password_check SONAME 'simple_password_check'",
        $"SET GLOBAL strict_password_validation={(refuses ? "ON" : "OFF")}");

    public async Task SettleAsync()
    {
        await using var root = await RootAsync();
        await using var query = new MySqlCommand(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER NOT IN ('root', 'system user', 'event_scheduler')", root);
        while (await query.ExecuteScalarAsync() is > 0L)
            await Task.Delay(1);
    }

    public async Task<List<string>> KeptAsync(string text)
    {
        await using var root = await RootAsync();
        await using var query = new MySqlCommand(
            $"SELECT CONCAT(Host, User, Priv) FROM mysql.global_priv WHERE User LIKE '%{text}%'", root);
        await using var reader = await query.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private ServerNetwork NetworkOf(string ca)
    {
        var way = new ServerAddress("127.0.0.1", _server!.Port);
        return new(
            ServerTrust.Of(At(ca)),
            new ServerRoutes(ServerRoutes.None.Ways.Add(new(Name, 3306), way).Add(new("other.test", 3306), way)));
    }

    private string At(string file) => Path.Combine(_folder.FullName, file);

    private static string ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
