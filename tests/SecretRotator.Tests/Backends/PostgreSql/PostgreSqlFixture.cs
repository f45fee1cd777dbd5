using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using SecretRotator.Backends;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.PostgreSql;

namespace SecretRotator.Tests.Backends.PostgreSql;

/// <summary>Roles of a PostgreSQL server.</summary>
internal sealed class PostgreSqlFixture(IPostgreSqlServer server, bool isOwn, string first, string second) : BackendFixture
{
    public const string Administrator = "secret_rotator";
    public const string AdminPassword = "the password of the administrator";
    public const string OldPassword = "the password that is in use";
    public const string Database = "payments";

    public static readonly ServerAddress Address = new("db.internal", 5432);

    private readonly List<string> _known = [ContentOf(first, OldPassword)];
    private readonly OtherAuthority _other = new();
    private readonly PlainServer _plain = new();

    public PostgreSqlDefinition Definition { get; } = new(Address, Database, isOwn ? [] : [first, second])
    {
        AdminAt = isOwn ? null : new VaultReference("prod", "ci/admin", Field: null),
    };

    public override BackendTraits Traits => Definition.Traits;

    public override ImmutableArray<(string Flaw, Func<ICredentialBackend> Connect)> Unproven =>
    [
        ("no server", () => Connect(Definition, new(Trust, Routed(ClosedPort())))),
        ("no TLS", () => Connect(Definition, new(Trust, Routed(_plain.Address)))),
        ("another authority", () => Connect(Definition, new(ServerTrust.Of(_other.File), Routed(server.Way)))),
        ("the machine's authorities", () => Connect(
            Definition, new((_, _, _, errors) => errors == SslPolicyErrors.None, Routed(server.Way)))),
        ("another name", () => Connect(
            Definition with { Server = new("other.internal", 5432) },
            new(Trust, new(Routed(server.Way).Ways.Add(new("other.internal", 5432), server.Way))))),
        ("the name of the way", () => Connect(Definition with { Server = server.Way with { Host = "127.0.0.2" } }, new(
            Trust, new(Routed(server.Way).Ways.Add(server.Way with { Host = "127.0.0.2" }, server.Way))))),
    ];

    /// <summary>How the server is reached.</summary>
    public ServerNetwork Network => new(Trust, Routed(server.Way));

    private RemoteCertificateValidationCallback Trust => ServerTrust.Of(server.Authority);

    public override SecretValue Current() => SecretValue.FromText(_known[0]);

    public override SecretValue With(SecretValue content, string value)
    {
        using var fresh = SecretValue.FromText(value);
        var made = JsonSecret.Replace(content, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { ["password"] = fresh });
        _known.Add(made.RevealText());
        return made;
    }

    public override ICredentialBackend Connect() => Connect(Definition, Network);

    internal override ServerAddress Way => server.Way;

    public override ICredentialBackend ConnectThrough(CuttingRelay relay) => Connect(Definition, new(Trust, Routed(relay.Address)));

    /// <summary>What logs in at the server.</summary>
    public PostgreSqlSession Session(string user, SecretValue password) =>
        new(Definition, new ServerLogin(user, password), Network);

    public override Task<int> CountLoginsAsync() => server.CountLoginsAsync();

    public override Task<string> LookAsync() => server.LookAsync();

    public override Task SettleAsync() => server.SettleAsync();

    public override Task<string> ReadLogsAsync() => server.ReadLogsAsync();

    public override ValueTask DisposeAsync()
    {
        _other.Dispose();
        _plain.Dispose();
        return base.DisposeAsync();
    }

    /// <summary>A secret's content.</summary>
    public static string ContentOf(string user, string password)
    {
        using var empty = SecretValue.FromText("""{ "username": "", "host": "db.internal" , "password":"" }""");
        using var name = SecretValue.FromText(user);
        using var value = SecretValue.FromText(password);
        using var content = JsonSecret.Replace(
            empty, new Dictionary<string, SecretValue>(StringComparer.Ordinal) { ["username"] = name, ["password"] = value });
        return content.RevealText();
    }

    // Of a role that changes itself, the vault has some version that is its password now: here all of them, the newest first.
    private PostgreSqlBackend Connect(PostgreSqlDefinition definition, ServerNetwork network) => new(
        definition,
        network,
        isOwn ? null : _ => Task.FromResult(SecretValue.FromText(ContentOf(Administrator, AdminPassword))),
        _ => isOwn
            ? Task.FromResult<ImmutableArray<SecretValue>>(
                [.. _known.AsEnumerable().Reverse().Take(4).Append(_known[0]).Select(content => SecretValue.FromText(content))])
            : throw new InvalidOperationException("An administrator needs no version of the secret."));

    private static ServerRoutes Routed(ServerAddress way) => new(ServerRoutes.None.Ways.Add(Address, way));

    /// <summary>A server, or something in its place, that has no TLS and would take a password in the clear.</summary>
    private sealed class PlainServer : IDisposable
    {
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
                    await client.GetStream().ReadExactlyAsync(new byte[8]);
                    await client.GetStream().WriteAsync("N"u8.ToArray());
                    (await client.GetStream().ReadAsync(new byte[1])).Should().Be(0, "nothing is sent in the clear");
                }
            }
            catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
            {
            }
        }
    }
}
