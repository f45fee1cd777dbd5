using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.MySql;
using SecretRotator.Sandbox.Databases;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Sandbox.MySql;

/// <summary>MariaDB itself, with the accounts of the emulator.</summary>
internal sealed class RealMariaDb(ServerAddress server) : IRealServer
{
    private InstalledMariaDb? _running;

    public ServerAddress Server => server;

    public async Task<int> StartAsync(string folder, string certificates, SandboxStore store)
    {
        _running = await InstalledMariaDb.StartAsync(folder, certificates);
        await _running.ExecuteAsync(await store.ReadAsync(
            state => state.MySqlServers[server.ToString()].Accounts.SelectMany(Make).ToList()));
        return _running.Port;
    }

    public ValueTask DisposeAsync() => _running?.DisposeAsync() ?? default;

    // A hash has no quote in it.
    private static IEnumerable<string> Make(MySqlAccountState account)
    {
        var name = MySqlAccount.Quote(account.User, account.Host);
        var ways = string.Join(" OR ", account.Kept.Select(kept => $"{account.Plugin} USING '{kept}'"));
        yield return $"CREATE USER IF NOT EXISTS {name} IDENTIFIED VIA {ways} REQUIRE SSL{(account.Locked ? " ACCOUNT LOCK" : "")}";
        if (account.CreatesUsers)
            yield return $"GRANT CREATE USER ON *.* TO {name}";
        if (account.ReadsAccounts)
            yield return $"GRANT SELECT ON mysql.global_priv TO {name}";
    }
}
