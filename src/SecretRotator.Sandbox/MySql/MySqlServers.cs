using SecretRotator.Providers.Backends.MySql;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.MySql;

/// <summary>The servers of MySQL and MariaDB that an inventory names.</summary>
internal sealed class MySqlServers : IEmulatedProvider
{
    public IEnumerable<KeyValuePair<string, ImmutableArray<string>>> Operations => [new(MySqlEmulator.Name, MySqlEmulator.Operations)];

    public IEnumerable<ISocketEmulator> SocketEmulators(ProviderContext context) =>
        Backends(context.Inventory).Select(backend => new MySqlEmulator(backend.IsMariaDb, backend.Server, new SystemRandom()));

    public IEnumerable<IRealServer> RealServers(ProviderContext context) =>
        Backends(context.Inventory).Where(backend => backend.IsMariaDb).Select(backend => new RealMariaDb(backend.Server));

    public void Seed(SandboxSeed seed)
    {
        foreach (var backend in Backends(seed.Inventory))
            seed.State.MySqlServers.TryAdd(backend.Place, new MySqlServerState());
    }

    /// <summary>Makes the accounts: the first user has the old content's password, the other one that no one knows.</summary>
    public string? SeedBackend(ManagedSecret secret, string content, SandboxSeed seed)
    {
        if (secret.Backend is not MySqlDefinition backend)
            return null;
        var server = seed.State.MySqlServers[backend.Place];
        if (backend.Users is [var first, ..])
            content = SeededContent.With(content, (backend.UserField, first));
        using (var value = SecretValue.FromText(content))
        using (var login = MySqlBackend.LoginOf(value, backend.UserField, backend.PasswordField))
        {
#pragma warning disable RS0030 // The sandbox keeps what it emulates.
            Add(server, backend, login.User, Encoding.UTF8.GetBytes(login.Password.RevealText()));
#pragma warning restore RS0030
        }

        foreach (var other in backend.Users.Skip(1))
            Add(server, backend, other, Encoding.UTF8.GetBytes(seed.Values.Text(40)));
        if (backend.AdminAt is { } admin)
        {
            var (user, password) = seed.Administrator(admin);
            if (!server.Accounts.Exists(each => each.User == user))
            {
                var made = Add(server, backend with { AccountHost = "%" }, user, Encoding.UTF8.GetBytes(password));
                (made.CreatesUsers, made.ReadsAccounts) = (true, true);
            }
        }

        return content;
    }

    public void WriteState(JsonObject document, SandboxState state) => document[MySqlEmulator.Name] = StateDocument.List(
        state.MySqlServers.SelectMany(server => server.Value.Accounts, (server, account) => (server.Key, account)),
        each => new JsonObject
        {
            ["server"] = each.Key,
            ["user"] = each.account.User,
            ["host"] = each.account.Host,
            ["plugin"] = each.account.Plugin,
            ["locked"] = each.account.Locked,
            ["passwords"] = each.account.Kept.Count,
        });

    // One server has one product, whatever later entries say.
    private static IEnumerable<MySqlDefinition> Backends(RotationInventory inventory) =>
        inventory.Secrets.Select(secret => secret.Backend).OfType<MySqlDefinition>().DistinctBy(backend => backend.Server);

    private static MySqlAccountState Add(MySqlServerState server, MySqlDefinition backend, string user, byte[] password)
    {
        var account = new MySqlAccountState
        {
            User = user,
            Host = backend.AccountHost,
            Plugin = backend.IsMariaDb ? PasswordHash.NativePlugin : PasswordHash.Sha2Plugin,
            Kept =
            [
                backend.IsMariaDb
                    ? PasswordHash.Native(password)
                    : PasswordHash.Sha2(password, PasswordHash.SaltOf(backend.Place)),
            ],
        };
        server.Accounts.RemoveAll(each => each.User == user && each.Host == account.Host);
        server.Accounts.Add(account);
        return account;
    }
}
