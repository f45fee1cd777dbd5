using System.Net;
using System.Net.Sockets;
using MySqlConnector;
using SecretRotator.Backends;
using SecretRotator.Providers.Backends;
using SecretRotator.Tests.Backends.MySql;

namespace SecretRotator.ServerTests.MySql;

/// <summary>One server for all facts, one fact after the other: some change the whole server for a moment.</summary>
[CollectionDefinition(Name)]
public sealed class MariaDbFacts : ICollectionFixture<MariaDbServer>
{
    public const string Name = "MariaDB";
}

/// <summary>The contract over MariaDB itself.</summary>
[Collection(MariaDbFacts.Name)]
public sealed class MariaDbTests : MySqlContract
{
    private readonly MariaDbServer _server;

    public MariaDbTests(MariaDbServer server)
    {
        Assert.SkipUnless(MariaDbServer.IsInstalled, "MariaDB isn't installed.");
        _server = server;
    }

    private protected override IMySqlServer Under => _server;

    [Fact]
    public async Task What_has_no_answer_never_lands_once_it_has_settled()
    {
        await PairAsync();
        var before = await _server.KeptAsync(B);
        await using var root = await _server.RootAsync();
        await using (var block = new MySqlCommand("FLUSH TABLES WITH READ LOCK", root))
            await block.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using var tunnel = new Tunnel(Under.Network.Routes.Of(Server().Server));
        var set = BackendOver(tunnel.Address).SetAsync(default, Content(B, NewValue()), TestContext.Current.CancellationToken);
        while (!_server.Logs().Contains($"ALTER USER `{B}`", StringComparison.Ordinal))
            await Task.Delay(10, TestContext.Current.CancellationToken);

        // MariaDB ends what waits for a lock when its client hangs up. A tunnel, or a machine that is gone, doesn't.
        tunnel.Lose();

        (await FailureAsync(() => set)).Effect.Should().Be(Effect.Unknown);
        // The server ends it at the limit of its own, before it is said to have settled.
        using var settled = new CancellationTokenSource(Server().Traits.Settles.ToTimeSpan());
        await using (var running = new MySqlCommand(
            $"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER USER `{B}`%'", root))
        {
            while (await running.ExecuteScalarAsync(settled.Token) is > 0L)
                await Task.Delay(100, settled.Token);
        }

        await using (var unblock = new MySqlCommand("UNLOCK TABLES", root))
            await unblock.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        (await _server.KeptAsync(B)).Should().Equal(before);
    }

    [Fact]
    public async Task What_is_cancelled_under_way_ends_as_it_would_have_and_no_second_login_ends_it()
    {
        var (backend, _) = await PairAsync();
        var staged = Content(B, NewValue());
        await using var root = await _server.RootAsync();
        await using (var block = new MySqlCommand("FLUSH TABLES WITH READ LOCK", root))
            await block.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        using var cancelled = new CancellationTokenSource();
        var logins = _server.Logins();
        var set = backend.SetAsync(default, staged, cancelled.Token);
        while (!_server.Logs().Contains($"ALTER USER `{B}`", StringComparison.Ordinal))
            await Task.Delay(10, TestContext.Current.CancellationToken);

        await cancelled.CancelAsync();
        await using (var unblock = new MySqlCommand("UNLOCK TABLES", root))
            await unblock.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await set;

        _server.Logins().Should().Be(logins + 1);
        (await backend.ProveAsync(staged, TestContext.Current.CancellationToken)).Acceptance.Should().Be(Acceptance.Accepted);
    }

    [Fact]
    public async Task An_account_that_is_blocked_after_wrong_passwords_is_neither_accepted_nor_refused()
    {
        var (backend, current) = await PairAsync();
        await _server.RunSqlAsync("SET GLOBAL max_password_errors=1");
        try
        {
            (await ProveAsync(backend, Content(A, NewValue()))).Should().Be(Acceptance.Refused);

            var proof = await backend.ProveAsync(current, TestContext.Current.CancellationToken);

            (proof.Acceptance, proof.Why!.Kind).Should().Be((Acceptance.Unknown, FailureKind.Throttled));
            await _server.RunSqlAsync(proof.Why.Hint!.Split(": ")[1]);
            (await ProveAsync(backend, current)).Should().Be(Acceptance.Accepted);
        }
        finally
        {
            await _server.RunSqlAsync("SET GLOBAL max_password_errors=DEFAULT");
        }
    }

    /// <summary>Leads a connection to the server, and can lose the client without telling the server.</summary>
    private sealed class Tunnel : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly TcpClient _server = new();
        private readonly Task _running;
        private TcpClient? _client;

        public Tunnel(ServerAddress server)
        {
            _listener.Start();
            _running = RunAsync(server);
        }

        public ServerAddress Address => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

        public void Lose() => _client!.Close();

        public async ValueTask DisposeAsync()
        {
            _server.Close();
            await _running;
            _listener.Dispose();
        }

        private async Task RunAsync(ServerAddress server)
        {
            _client = await _listener.AcceptTcpClientAsync();
            await _server.ConnectAsync(server.Host, server.Port);
            await Task.WhenAll(PassAsync(_client.GetStream(), _server.GetStream()), PassAsync(_server.GetStream(), _client.GetStream()));
        }

        private static async Task PassAsync(NetworkStream from, NetworkStream to)
        {
            try
            {
                await from.CopyToAsync(to);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
            }
        }
    }
}

/// <summary>The contract of all backends over MariaDB itself, with two accounts.</summary>
public sealed class MariaDbPairTests(MariaDbServer server) : MariaDbBackendContract(server, MySqlMode.TwoAccounts);

/// <summary>The same with two passwords of one account.</summary>
public sealed class MariaDbTwoPasswordsTests(MariaDbServer server) : MariaDbBackendContract(server, MySqlMode.TwoPasswords);

/// <summary>The same with an account that changes its own password.</summary>
public sealed class MariaDbOwnTests(MariaDbServer server) : MariaDbBackendContract(server, MySqlMode.Own);

/// <summary>The contract of all backends, in one mode.</summary>
[Collection(MariaDbFacts.Name)]
public abstract class MariaDbBackendContract : MySqlBackendContract
{
    private readonly MariaDbServer _server;

    protected MariaDbBackendContract(MariaDbServer server, MySqlMode mode)
        : base(mode)
    {
        Assert.SkipUnless(MariaDbServer.IsInstalled, "MariaDB isn't installed.");
        _server = server;
    }

    private protected override IMySqlServer Under => _server;
}
