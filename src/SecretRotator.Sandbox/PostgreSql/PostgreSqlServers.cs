using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.PostgreSql;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.PostgreSql;

/// <summary>The PostgreSQL servers that an inventory names.</summary>
internal sealed class PostgreSqlServers : IEmulatedProvider
{
    public IEnumerable<KeyValuePair<string, ImmutableArray<string>>> Operations =>
        [new(PostgreSqlEmulator.Name, PostgreSqlEmulator.Operations)];

    public IEnumerable<ISocketEmulator> SocketEmulators(ProviderContext context) =>
        Servers(context.Inventory).Select(server => new PostgreSqlEmulator(server));

    public IEnumerable<IRealServer> RealServers(ProviderContext context) =>
        Servers(context.Inventory).Select(server => new RealPostgreSql(server));

    /// <summary>Adds the roles of a secret, of which the first one is in use, and the administrator with its credential.</summary>
    public string? SeedBackend(ManagedSecret secret, string content, SandboxSeed seed)
    {
        if (secret.Backend is not PostgreSqlDefinition backend)
            return null;
        var server = seed.State.PostgreSql.GetOrAdd(backend.Server.ToString(), () => new PostgreSqlState());
        server.Databases.Add(backend.Database);
        var inUse = backend.Users.IsEmpty ? secret.Name.Replace('-', '_') : backend.Users[0];
        var old = seed.Values.Text(40);
        foreach (var user in backend.Users.Add(inUse))
            server.Roles[user] = user == inUse
                ? new PostgreSqlRoleState { MayLogIn = true, Verifier = VerifierOf(old) }
                : new PostgreSqlRoleState();
        if (backend.Admin is { } admin)
        {
            var (user, password) = seed.Administrator(admin);
            server.Roles.GetOrAdd(
                user, () => new PostgreSqlRoleState { MayLogIn = true, MayCreateRoles = true, Verifier = VerifierOf(password) })
                .Administers.UnionWith(backend.Users);
        }

        return SeededContent.With(content, (backend.UserField, inUse), (backend.PasswordField, old));
    }

    public void WriteState(JsonObject document, SandboxState state) => document["postgresql"] = StateDocument.List(
        state.PostgreSql.SelectMany(server => server.Value.Roles, (server, role) => (Server: server.Key, role.Key, role.Value)),
        role => new JsonObject
        {
            ["server"] = role.Server,
            ["role"] = role.Key,
            ["login"] = role.Value.MayLogIn,
            ["verifier"] = role.Value.Verifier,
        });

    private static IEnumerable<ServerAddress> Servers(RotationInventory inventory) =>
        inventory.Secrets.Select(secret => secret.Backend).OfType<PostgreSqlDefinition>().Select(backend => backend.Server).Distinct();

    private static string VerifierOf(string password)
    {
        using var value = SecretValue.FromText(password);
        return ScramVerifier.Of(value);
    }
}
