using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using SecretRotator.Backends;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.MySql;

namespace SecretRotator.Tests.Backends.MySql;

/// <summary>Which passwords take turns.</summary>
public enum MySqlMode
{
    TwoAccounts,
    TwoPasswords,
    Own,
}

/// <summary>The contract of all backends that take values, over any server.</summary>
public abstract class MySqlBackendContract(MySqlMode mode) : CredentialBackendContract
{
    private protected abstract IMySqlServer Under { get; }

    protected override async Task<BackendFixture> OpenAsync() => await MySqlFixture.OpenAsync(Under, mode);

    [Fact]
    public async Task The_old_value_can_be_set_again_in_place_of_the_staged_one()
    {
        if (Fixture.Traits.Overlaps)
            return;
        var staged = await SetAsync();

        await Backend.SetAsync(default, Current, Cancellation);

        (await ProveAsync(Current)).Should().Be(Acceptance.Accepted);
        (await ProveAsync(staged)).Should().Be(Acceptance.Refused);
    }
}

/// <summary>New accounts for every fact.</summary>
internal sealed class MySqlFixture : BackendFixture
{
    public static readonly ServerAddress Address = new("db.test", 3306);

    private readonly IMySqlServer _server;
    private readonly MySqlDefinition _definition;
    private readonly string _name = "f" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private readonly string _adminPassword = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private readonly List<string> _known = [];
    private readonly PlainServer _plain = new();

    private MySqlFixture(IMySqlServer server, MySqlMode mode)
    {
        _server = server;
        _definition = new MySqlDefinition(server.IsMariaDb, Address, mode switch
        {
            MySqlMode.TwoAccounts => [_name + "_a", _name + "_b"],
            MySqlMode.TwoPasswords => [_name + "_a"],
            _ => [],
        })
        {
            AdminAt = mode == MySqlMode.Own ? null : new VaultReference("prod", "admin", Field: null),
        };
    }

    public override bool HasSlotPerValue => _definition.Users.Length == 1;

    public override BackendTraits Traits => _definition.Traits;

    public override ImmutableArray<(string Flaw, Func<ICredentialBackend> Connect)> Unproven =>
    [
        ("no server", () => Connect(_definition, Over(ClosedPort()))),
        ("no TLS", () => Connect(_definition, Over(_plain.Address))),
        ("another authority", () => Connect(_definition, _server.Distrusting)),
        ("the machine's authorities", () => Connect(
            _definition, _server.Network with { IsTrusted = (_, _, _, errors) => errors == SslPolicyErrors.None })),
        ("another name", () => Connect(_definition with { Server = Address with { Host = "other.test" } }, _server.Network)),
    ];

    public static async Task<MySqlFixture> OpenAsync(IMySqlServer server, MySqlMode mode)
    {
        var fixture = new MySqlFixture(server, mode);
        var password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        fixture._known.Add(fixture.ContentOf(fixture._name + "_a", password));
        await fixture.CreateAsync(fixture._name + "_a", password);
        await fixture.CreateAsync(fixture._name + "_b", "never used");
        await fixture.CreateAsync(fixture._name, fixture._adminPassword);
        await server.GrantAsync(fixture._name, createsUsers: true, readsAccounts: true);
        return fixture;
    }

    public override SecretValue Current() => SecretValue.FromText(_known[0]);

    public override SecretValue With(SecretValue content, string value)
    {
        using var fresh = SecretValue.FromText(value);
        var made = JsonSecret.Replace(content, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { ["password"] = fresh });
        _known.Add(made.RevealText());
        return made;
    }

    public override ICredentialBackend Connect() => Connect(_definition, _server.Network);

    internal override ServerAddress Way => _server.Network.Routes.Of(Address);

    public override ICredentialBackend ConnectThrough(CuttingRelay relay) => Connect(_definition, Over(relay.Address));

    public override Task<int> CountLoginsAsync() => Task.FromResult(_server.Logins());

    public override async Task<string> LookAsync() => string.Join('\n', await _server.KeptAsync(_name));

    public override Task SettleAsync() => _server.SettleAsync();

    public override Task<string> ReadLogsAsync() => Task.FromResult(_server.Logs());

    public override ValueTask DisposeAsync()
    {
        _plain.Dispose();
        return base.DisposeAsync();
    }

    private ServerNetwork Over(ServerAddress way) =>
        _server.Network with { Routes = new(ServerRoutes.None.Ways.Add(Address, way)) };

    // Of an account that changes itself the vault has some version that is its password now: here all of them, the newest first.
    private MySqlBackend Connect(MySqlDefinition definition, ServerNetwork network) => new(
        definition,
        network,
        definition.AdminAt is null ? null : _ => Task.FromResult(SecretValue.FromText(ContentOf(_name, _adminPassword))),
        _ => Task.FromResult<ImmutableArray<SecretValue>>(definition.AdminAt is null
            ? [.. _known.AsEnumerable().Reverse().Take(4).Append(_known[0]).Select(content => SecretValue.FromText(content))]
            : [Current()]));

    private Task CreateAsync(string user, string password)
    {
        var bytes = Encoding.UTF8.GetBytes(password);
        return _server.IsMariaDb
            ? _server.CreateAsync(user, PasswordHash.NativePlugin, PasswordHash.Native(bytes))
            : _server.CreateAsync(
                user, PasswordHash.Sha2Plugin,
                PasswordHash.Sha2(bytes, [.. RandomNumberGenerator.GetBytes(20).Select(each => (byte)(each & 127))]));
    }

    private string ContentOf(string user, string password) => $$"""{ "username": "{{user}}", "host": "db" , "password":"{{password}}" }""";

    /// <summary>A server, or something in its place, that has no TLS and would take a password in the clear.</summary>
    private sealed class PlainServer : IDisposable
    {
        // Handshake 10 of a server without TLS: protocol, version, connection, scramble, capabilities, plugin.
        private static readonly byte[] Greeting =
        [
            10, .. "10.11.6-MariaDB\0"u8, 1, 0, 0, 0, .. "12345678"u8, 0, 0x07, 0xa2, 45, 2, 0, 0x28, 0, 21, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            .. "123456789012\0"u8, .. "mysql_native_password\0"u8,
        ];

        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public PlainServer()
        {
            _listener.Start();
            _ = RunAsync();
        }

        public ServerAddress Address => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

        public void Dispose() => _listener.Dispose();

        private async Task RunAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    await client.GetStream().WriteAsync((byte[])[(byte)Greeting.Length, 0, 0, 0, .. Greeting]);
                    while (await client.GetStream().ReadAsync(new byte[100]) > 0)
                    {
                    }
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
            }
        }
    }
}
