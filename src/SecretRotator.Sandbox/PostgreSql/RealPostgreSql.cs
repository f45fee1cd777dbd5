using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.PostgreSql;
using SecretRotator.Sandbox.Databases;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Sandbox.PostgreSql;

/// <summary>PostgreSQL itself, with the roles and databases of the emulator.</summary>
internal sealed class RealPostgreSql(ServerAddress server) : IRealServer
{
    public ServerAddress Server => server;

    public async Task<(int Port, IAsyncDisposable Running)> StartAsync(string folder, string certificates, SandboxStore store)
    {
        var running = await InstalledPostgreSql.StartAsync(folder, certificates);
        try
        {
            var databases = await running.ReadAsync("SELECT datname FROM pg_database");
            var roles = await running.ReadAsync("SELECT rolname FROM pg_roles");
            var byOption = await running.ReadAsync("SELECT '' WHERE current_setting('server_version_num')::int >= 160000") is [_];
            foreach (var statement in await store.ReadAsync(
                state => Missing(state.PostgreSql[server.ToString()], databases, roles, byOption)))
                await running.ExecuteAsync(statement);
            return (running.Port, running);
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

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
