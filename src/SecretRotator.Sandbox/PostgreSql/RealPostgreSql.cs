using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.PostgreSql;
using SecretRotator.Sandbox.Databases;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Sandbox.PostgreSql;

/// <summary>PostgreSQL itself, with the roles and databases of the emulator.</summary>
internal sealed class RealPostgreSql(ServerAddress server) : IRealServer
{
    private InstalledPostgreSql? _running;

    public ServerAddress Server => server;

    public async Task<int> StartAsync(string folder, string certificates, SandboxStore store)
    {
        _running = await InstalledPostgreSql.StartAsync(folder, certificates);
        var databases = await _running.ReadAsync("SELECT datname FROM pg_database");
        var roles = await _running.ReadAsync("SELECT rolname FROM pg_roles");
        var byOption = await _running.ReadAsync("SELECT '' WHERE current_setting('server_version_num')::int >= 160000") is [_];
        foreach (var statement in await store.ReadAsync(
            state => Missing(state.PostgreSql[server.ToString()], databases, roles, byOption)))
            await _running.ExecuteAsync(statement);
        return _running.Port;
    }

    public ValueTask DisposeAsync() => _running?.DisposeAsync() ?? default;

    private static List<string> Missing(PostgreSqlState wanted, List<string> databases, List<string> roles, bool byOption)
    {
        var missing = wanted.Roles.Where(role => !roles.Contains(role.Key)).ToList();
        return
        [
            .. wanted.Databases.Except(databases, StringComparer.Ordinal).Select(database => $"CREATE DATABASE {Quote(database)}"),
            .. missing.Select(role => $"CREATE ROLE {Quote(role.Key)} {Attributes(role.Value)}"),
            .. missing.Where(_ => byOption).SelectMany(role => role.Value.Administers.Select(
                other => $"GRANT {Quote(other)} TO {Quote(role.Key)} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE")),
        ];
    }

    // A verifier has no quote in it.
    private static string Attributes(PostgreSqlRoleState role) =>
        $"{(role.MayLogIn ? "LOGIN" : "NOLOGIN")} {(role.MayCreateRoles ? "CREATEROLE" : "NOCREATEROLE")} "
            + $"PASSWORD {(role.Verifier is { } verifier ? $"'{verifier}'" : "NULL")}";

    private static string Quote(string name) => PostgreSqlBackend.Quote(name);
}
