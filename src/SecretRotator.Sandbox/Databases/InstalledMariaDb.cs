using MySqlConnector;

namespace SecretRotator.Sandbox.Databases;

/// <summary>A MariaDB server whose root is let in through a socket in its folder alone.</summary>
internal sealed class InstalledMariaDb : IAsyncDisposable
{
    private const string Socket = "socket";
    private readonly ServerProcess _process;

    private InstalledMariaDb(ServerProcess process) => _process = process;

    /// <summary>The server's program; null where it isn't installed.</summary>
    public static string? Program { get; } = ServerProcess.Find("mariadbd", "/usr/sbin");

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port => _process.Port;

    /// <summary>What it logs.</summary>
    public string Log => _process.Log;

    /// <summary>Starts it, and makes its data in the folder where there are none.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="certificates">The folder with <c>server.pem</c> and <c>server-key.pem</c>.</param>
    /// <param name="options">Further options.</param>
    /// <exception cref="SandboxFailureException">It isn't installed, or doesn't start.</exception>
    public static async Task<InstalledMariaDb> StartAsync(string folder, string certificates, params IEnumerable<string> options)
    {
        var program = Program ?? throw new SandboxFailureException(
            "MariaDB isn't installed on this machine, or this isn't Linux. Install it (Debian: apt-get install mariadb-server), "
                + "or leave out --sandbox-database: then it is emulated.");
        var process = new ServerProcess(folder);
        var data = await process.MakeDataAsync(
            null,
            made =>
            [
                "mariadb-install-db", "--no-defaults", $"--datadir={made}", "--auth-root-authentication-method=normal", "--skip-test-db",
            ]);
        var server = new InstalledMariaDb(process);
        try
        {
            await process.StartAsync(
                null, "TERM", process.PathOf(Socket),
                [
                    program, "--no-defaults", $"--datadir={data}", $"--socket={process.PathOf(Socket)}",
                    string.Create(CultureInfo.InvariantCulture, $"--port={process.Port}"), "--bind-address=127.0.0.1",
                    $"--ssl-cert={Path.GetFullPath(Path.Combine(certificates, "server.pem"))}",
                    $"--ssl-key={Path.GetFullPath(Path.Combine(certificates, "server-key.pem"))}", "--innodb-buffer-pool-size=8M",
                    $"--pid-file={process.PathOf("pid")}", "--skip-name-resolve", $"--user={Environment.UserName}", .. options,
                ]);
            await server.ExecuteAsync(
                "DELETE FROM mysql.global_priv WHERE User IN ('root', '') AND Host <> 'localhost'", "FLUSH PRIVILEGES");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs statements as root.</summary>
    public async Task ExecuteAsync(params IEnumerable<string> statements)
    {
        await using var connection = await OpenRootAsync();
        foreach (var statement in statements)
        {
            await using var command = new MySqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>A connection of root's.</summary>
    public async Task<MySqlConnection> OpenRootAsync()
    {
        var connection = new MySqlConnection(
            new MySqlConnectionStringBuilder
            {
                Server = _process.PathOf(Socket),
                ConnectionProtocol = MySqlConnectionProtocol.Unix,
                UserID = "root",
                Pooling = false,
                AllowUserVariables = true,
            }
                .ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
