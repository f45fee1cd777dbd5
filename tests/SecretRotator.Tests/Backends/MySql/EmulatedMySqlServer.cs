using System.Security.Cryptography.X509Certificates;
using SecretRotator.Backends;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.MySql;

namespace SecretRotator.Tests.Backends.MySql;

/// <summary>The sandbox's server.</summary>
public abstract class EmulatedMySqlServer(bool isMariaDb) : IAsyncLifetime, IMySqlServer
{
    private static readonly ServerAddress Address = new("db.test", 3306);

    private SandboxHost? _host;
    private X509Certificate2Collection? _authorities;

    internal SandboxHost Host => _host!;

    public bool IsMariaDb => isMariaDb;

    ServerNetwork IMySqlServer.Network => new(
        (_, certificate, chain, errors) =>
            errors == System.Net.Security.SslPolicyErrors.RemoteCertificateChainErrors
                && Network.IsSignedBy(_authorities!, certificate, chain),
        Routes);

    ServerNetwork IMySqlServer.Distrusting => new((_, _, _, errors) => errors == System.Net.Security.SslPolicyErrors.None, Routes);

    private ServerRoutes Routes
    {
        get
        {
            var way = new ServerAddress("127.0.0.1", Host.Servers.Single().Address.Port);
            return new(ServerRoutes.None.Ways.Add(Address, way).Add(Address with { Host = "other.test" }, way));
        }
    }

    public async ValueTask InitializeAsync()
    {
        _host = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = SystemClock.Instance }, [],
            state => state.MySqlServers.TryAdd(Address.ToString(), new MySqlServerState()),
            servers: [new MySqlEmulator(isMariaDb, Address, new SystemRandom())]);
        _authorities = [];
        _authorities.ImportFromPem(_host.AuthorityPem);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    Task IMySqlServer.CreateAsync(string user, string plugin, string kept) =>
        ChangeAsync(server => server.Accounts.Add(new MySqlAccountState { User = user, Plugin = plugin, Kept = [kept] }));

    Task IMySqlServer.GrantAsync(string user, bool createsUsers, bool readsAccounts) => ChangeAsync(server =>
    {
        var account = server.Accounts.Single(each => each.User == user);
        (account.CreatesUsers, account.ReadsAccounts) = (createsUsers, readsAccounts);
    });

    Task IMySqlServer.DropAsync(string user) => ChangeAsync(server => server.Accounts.RemoveAll(each => each.User == user));

    Task IMySqlServer.MoveAsync(string user, string host) =>
        ChangeAsync(server => server.Accounts.Single(each => each.User == user).Host = host);

    Task IMySqlServer.SetReadOnlyAsync(bool readOnly) => ChangeAsync(server => server.ReadOnly = readOnly);

    Task IMySqlServer.SetRefusesHashesAsync(bool refuses) => ChangeAsync(server => server.RefusesHashes = refuses);

    public Task<List<string>> KeptAsync(string text) => Host.Store.ReadAsync(state => state.MySqlServers[Address.ToString()].Accounts
        .Where(account => account.User.Contains(text, StringComparison.Ordinal))
        .Select(account => $"{account.Host} {account.User} {account.Plugin} {account.Locked} {string.Join(' ', account.Kept)}").ToList());

    // It acts under the lock of its state, in the order in which calls arrive.
    Task IMySqlServer.SettleAsync() => Host.Store.ReadAsync(_ => true);

    /// <summary>Answers the right password of an account with an error.</summary>
    internal Task KeepOutAsync(string user, int error) =>
        ChangeAsync(server => server.Accounts.Single(each => each.User == user).LoginError = error);

    public int Logins() => Host.Calls.Snapshot().Count(call => call.Operation == "login");

    public string Logs() => string.Join('\n', Host.Calls.Snapshot().Select(call => call.ToString()));

    private Task ChangeAsync(Action<MySqlServerState> change) =>
        Host.Store.ChangeAsync(state => change(state.MySqlServers[Address.ToString()]));
}

public sealed class EmulatedMariaDbServer() : EmulatedMySqlServer(isMariaDb: true);

public sealed class EmulatedMySql8Server() : EmulatedMySqlServer(isMariaDb: false);

/// <summary>The contract over the sandbox's MariaDB.</summary>
public sealed class EmulatedMariaDbTests(EmulatedMariaDbServer server) : MySqlContract, IClassFixture<EmulatedMariaDbServer>
{
    private protected override IMySqlServer Under => server;
}

/// <summary>The contract over the sandbox's MySQL.</summary>
public sealed class EmulatedMySqlTests(EmulatedMySql8Server server) : MySqlContract, IClassFixture<EmulatedMySql8Server>
{
    private protected override IMySqlServer Under => server;

    [Fact]
    public async Task An_account_that_failed_logins_have_locked_for_a_while_is_neither_accepted_nor_refused()
    {
        var (backend, current) = await PairAsync();
        await server.KeepOutAsync(A, 3955);

        var proof = await backend.ProveAsync(current, TestContext.Current.CancellationToken);

        (proof.Acceptance, proof.Why!.Kind).Should().Be((Acceptance.Unknown, FailureKind.Throttled));
        proof.Why.Hint.Should().Contain($"ALTER USER '{A}'@'…' ACCOUNT UNLOCK");
    }
}

/// <summary>The contract of all backends over the sandbox's MariaDB, with two accounts.</summary>
public sealed class EmulatedMariaDbPairTests(EmulatedMariaDbServer server)
    : MySqlBackendContract(MySqlMode.TwoAccounts), IClassFixture<EmulatedMariaDbServer>
{
    private protected override IMySqlServer Under => server;
}

/// <summary>The same with two passwords of one account.</summary>
public sealed class EmulatedMariaDbTwoPasswordsTests(EmulatedMariaDbServer server)
    : MySqlBackendContract(MySqlMode.TwoPasswords), IClassFixture<EmulatedMariaDbServer>
{
    private protected override IMySqlServer Under => server;
}

/// <summary>The same with an account that changes its own password.</summary>
public sealed class EmulatedMariaDbOwnTests(EmulatedMariaDbServer server)
    : MySqlBackendContract(MySqlMode.Own), IClassFixture<EmulatedMariaDbServer>
{
    private protected override IMySqlServer Under => server;
}

/// <summary>The contract of all backends over the sandbox's MySQL, with two accounts.</summary>
public sealed class EmulatedMySqlPairTests(EmulatedMySql8Server server)
    : MySqlBackendContract(MySqlMode.TwoAccounts), IClassFixture<EmulatedMySql8Server>
{
    private protected override IMySqlServer Under => server;
}

/// <summary>The same with two passwords of one account.</summary>
public sealed class EmulatedMySqlTwoPasswordsTests(EmulatedMySql8Server server)
    : MySqlBackendContract(MySqlMode.TwoPasswords), IClassFixture<EmulatedMySql8Server>
{
    private protected override IMySqlServer Under => server;
}
