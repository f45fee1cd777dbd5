using Npgsql;

namespace SecretRotator.Sandbox.Databases;

/// <summary>A PostgreSQL server whose superuser is let in through a socket in its folder alone, and the others by SCRAM over TLS.</summary>
internal sealed class InstalledPostgreSql : IAsyncDisposable
{
    /// <summary>The superuser.</summary>
    public const string Root = "sandbox_root";

    private const string Owner = "postgres";
    private readonly ServerProcess _process;

    private InstalledPostgreSql(ServerProcess process)
    {
        _process = process;
        RootDataSource = NpgsqlDataSource.Create(RootConnection);
    }

    /// <summary>The folder of its programs; null where it isn't installed.</summary>
    public static string? Programs { get; } = Path.GetDirectoryName(ServerProcess.Find(
        "postgres",
        Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal)
                .Select(version => Path.Combine(version, "bin"))
            : []));

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port => _process.Port;

    /// <summary>What it logs.</summary>
    public string Log => _process.Log;

    /// <summary>Sessions of the superuser.</summary>
    public NpgsqlDataSource RootDataSource { get; }

    /// <summary>How the superuser connects.</summary>
    public NpgsqlConnectionStringBuilder RootConnection =>
        new() { Host = _process.Folder, Port = _process.Port, Username = Root, Database = "postgres" };

    /// <summary>Starts it, and makes its data in the folder where there are none.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="certificates">The folder with <c>server.pem</c> and <c>server-key.pem</c>.</param>
    /// <param name="access">Lines of <c>pg_hba.conf</c> that come first.</param>
    /// <param name="settings">Further settings, such as <c>log_statement=all</c>.</param>
    /// <exception cref="SandboxFailureException">It isn't installed, or doesn't start.</exception>
    public static async Task<InstalledPostgreSql> StartAsync(
        string folder, string certificates, string access = "", params IEnumerable<string> settings)
    {
        var programs = Programs ?? throw new SandboxFailureException(
            "PostgreSQL isn't installed on this machine, or this isn't Linux. Install it (Debian: apt-get install postgresql), "
                + "or leave out --sandbox-database: then it is emulated.");
        var process = new ServerProcess(folder);
        var data = await process.MakeDataAsync(
            Owner,
            made =>
            [
                Path.Combine(programs, "initdb"), "-D", made, "-U", Root, "--auth=trust", "--no-sync", "--encoding=UTF8", "--no-locale",
            ]);
        await File.WriteAllTextAsync(
            Path.Combine(data, "pg_hba.conf"), $"local all {Root} trust\n{access}hostssl all all 127.0.0.1/32 scram-sha-256\n");
        string[] all =
        [
            "listen_addresses=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"port={process.Port}"),
            $"unix_socket_directories={process.Folder}", "ssl=on",
            $"ssl_cert_file={Path.GetFullPath(Path.Combine(certificates, "server.pem"))}",
            $"ssl_key_file={Path.GetFullPath(Path.Combine(certificates, "server-key.pem"))}", "fsync=off", .. settings,
        ];
        var server = new InstalledPostgreSql(process);
        try
        {
            await process.StartAsync(
                Owner, "INT", process.PathOf($".s.PGSQL.{process.Port}"),
                [Path.Combine(programs, "postgres"), "-D", data, .. all.SelectMany(each => new[] { "-c", each })]);
            await server.ReadyAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs statements as the superuser.</summary>
    public async Task ExecuteAsync(string statements)
    {
        await using var command = RootDataSource.CreateCommand(statements);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of a query's rows, as the superuser sees them.</summary>
    public async Task<List<string>> ReadAsync(string query)
    {
        await using var command = RootDataSource.CreateCommand(query);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await RootDataSource.DisposeAsync();
        await _process.DisposeAsync();
    }

    private async Task ReadyAsync()
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
