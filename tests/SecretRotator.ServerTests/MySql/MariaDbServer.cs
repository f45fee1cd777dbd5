using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MySqlConnector;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.MySql;
using SecretRotator.Tests.Backends.MySql;

namespace SecretRotator.ServerTests.MySql;

/// <summary>A MariaDB server of its own, in a folder of its own, with TLS and the log of all statements.</summary>
public sealed class MariaDbServer : IAsyncLifetime, IMySqlServer
{
    public const string Name = "db.test";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mariadb-");
    private Process? _server;

    public static bool IsInstalled => File.Exists("/usr/sbin/mariadbd");

    bool IMySqlServer.IsMariaDb => true;

    MySqlNetwork IMySqlServer.Network => NetworkOf("ca.pem");

    MySqlNetwork IMySqlServer.Distrusting => NetworkOf("foreign.pem");

    private int Port { get; set; }

    /// <summary>All that the server wrote: statements, logins, and what was wrong.</summary>
    public string Logs() => string.Join('\n', new[] { "general.log", "error.log" }.Select(At).Where(File.Exists).Select(ReadShared));

    public async ValueTask InitializeAsync()
    {
        if (!IsInstalled)
            return;
        WriteCertificates();
        await RunAsync(
            "mariadb-install-db", "--no-defaults", $"--datadir={At("data")}", "--auth-root-authentication-method=normal", "--skip-test-db");
        Port = FreePort();
        _server = Start(
            "mariadbd", "--no-defaults", $"--datadir={At("data")}", $"--socket={At("s")}", $"--port={Port}", "--bind-address=127.0.0.1",
            $"--ssl-cert={At("server.pem")}", $"--ssl-key={At("server.key")}", "--general-log=1", $"--general-log-file={At("general.log")}",
            $"--log-error={At("error.log")}", "--innodb-buffer-pool-size=8M", $"--pid-file={At("pid")}", "--skip-name-resolve",
            $"--user={Environment.UserName}");
        for (var started = Stopwatch.StartNew(); ;)
        {
            try
            {
                await RunSqlAsync("SELECT 1");
                return;
            }
            catch (MySqlException) when (started.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>Runs statements as root.</summary>
    public async Task RunSqlAsync(params string[] statements)
    {
        await using var connection = await RootAsync();
        foreach (var statement in statements)
        {
            await using var command = new MySqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>A connection of root's.</summary>
    public async Task<MySqlConnection> RootAsync()
    {
        var connection = new MySqlConnection(
            new MySqlConnectionStringBuilder
            {
                Server = At("s"),
                ConnectionProtocol = MySqlConnectionProtocol.Unix,
                UserID = "root",
                Pooling = false,
                AllowUserVariables = true,
            }
                .ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

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
        {
            _server.Kill();
            await _server.WaitForExitAsync();
            _server.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private MySqlNetwork NetworkOf(string ca)
    {
        var way = new ServerAddress("127.0.0.1", Port);
        return new(
            ServerTrust.Of(At(ca)),
            new ServerRoutes(ServerRoutes.None.Ways.Add(new(Name, 3306), way).Add(new("other.test", 3306), way)));
    }

    private string At(string file) => Path.Combine(_folder.FullName, file);

    private void WriteCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(7));
        using var authority = Authority("CN=authority", key, from, to);
        File.WriteAllText(At("ca.pem"), authority.ExportCertificatePem());
        using var foreignKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var foreign = Authority("CN=foreign", foreignKey, from, to);
        File.WriteAllText(At("foreign.pem"), foreign.ExportCertificatePem());
        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Name}", serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = request.Create(authority, from, to.AddDays(-1), [1, 2, 3, 4]);
        File.WriteAllText(At("server.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(At("server.key"), serverKey.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Authority(string name, ECDsa key, DateTimeOffset from, DateTimeOffset to)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(from, to);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var said = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed: {said}");
    }
}
