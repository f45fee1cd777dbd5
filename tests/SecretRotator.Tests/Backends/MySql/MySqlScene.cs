using System.Security.Cryptography;
using System.Text.Json.Nodes;
using SecretRotator.Backends;
using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.MySql;

namespace SecretRotator.Tests.Backends.MySql;

/// <summary>What a test needs of a server: the real one, or the sandbox's.</summary>
internal interface IMySqlServer
{
    bool IsMariaDb { get; }

    /// <summary>How it is reached.</summary>
    ServerNetwork Network { get; }

    /// <summary>The same server, where another authority is trusted.</summary>
    ServerNetwork Distrusting { get; }

    /// <summary>Makes an account for TLS from everywhere.</summary>
    Task CreateAsync(string user, string plugin, string kept);

    /// <summary>Gives the rights of an administrator, or one of them.</summary>
    Task GrantAsync(string user, bool createsUsers, bool readsAccounts);

    Task DropAsync(string user);

    Task MoveAsync(string user, string host);

    Task SetReadOnlyAsync(bool readOnly);

    Task SetRefusesHashesAsync(bool refuses);

    /// <summary>All that is kept of accounts with a text in their name.</summary>
    Task<List<string>> KeptAsync(string text);

    /// <summary>How many logins there were, whatever came of them.</summary>
    int Logins();

    /// <summary>Waits until nothing that was sent is under way.</summary>
    Task SettleAsync();

    /// <summary>All that it logged, every statement among it.</summary>
    string Logs();
}

/// <summary>Accounts of one test, at any server. No log of the server may have their passwords when it ends.</summary>
public abstract class MySqlScene : IAsyncLifetime
{
    protected const string Name = "db.test";

    private static readonly ServerAddress Address = new(Name, 3306);

    private readonly List<string> _values = [];
    private protected readonly string _name = "u" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private readonly string _adminPassword;

    protected MySqlScene() => _adminPassword = NewValue();

    private protected abstract IMySqlServer Under { get; }

    private protected string Admin => _name + "_admin";

    private protected string A => _name + "_a";

    private protected string B => _name + "_b";

    public virtual async ValueTask InitializeAsync()
    {
        await CreateAsync(Admin, Content(Admin, _adminPassword));
        await Under.GrantAsync(Admin, createsUsers: true, readsAccounts: true);
    }

    public virtual ValueTask DisposeAsync()
    {
        var logs = Under.Logs();
        _values.Where(value => logs.Contains(value, StringComparison.Ordinal)).Should().BeEmpty("no log has a value");
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected async Task<(MySqlBackend Backend, SecretValue Current)> PairAsync()
    {
        var current = Content(A, NewValue());
        await CreateAsync(A, current);
        await CreateAsync(B, Content(B, NewValue()));
        return (Backend(Server()), current);
    }

    private protected async Task<(MySqlBackend Backend, SecretValue Old, SecretValue Next)> TwoPasswordsAsync()
    {
        var old = Content(A, NewValue());
        await CreateAsync(A, old);
        return (Backend(Server() with { Users = [A] }, current: old), old, Content(A, NewValue()));
    }

    private protected Task CreateAsync(string user, SecretValue content)
    {
        var password = System.Text.Encoding.UTF8.GetBytes(PasswordIn(content));
        return Under.IsMariaDb
            ? Under.CreateAsync(user, PasswordHash.NativePlugin, PasswordHash.Native(password))
            : Under.CreateAsync(user, PasswordHash.Sha2Plugin, PasswordHash.Sha2(password, RandomSalt()));
    }

    // As a server draws one: any byte below 128.
    private protected static byte[] RandomSalt() => [.. RandomNumberGenerator.GetBytes(20).Select(each => (byte)(each & 127))];

    private protected MySqlDefinition Server() =>
        new(Under.IsMariaDb, Address, [A, B]) { AdminAt = new VaultReference("prod", "admin", Field: null) };

    private protected static ServerRoutes RouteTo(ServerAddress way) => new(
        ServerRoutes.None.Ways.Add(Address, way).Add(Address with { Host = "other.test" }, way));

    private protected MySqlBackend BackendOver(ServerAddress way) =>
        Backend(Server(), network: Under.Network with { Routes = RouteTo(way) });

    private protected MySqlBackend Backend(
        MySqlDefinition server, SecretValue? login = null, ServerNetwork? network = null, SecretValue? current = null) => new(
        server,
        network ?? Under.Network,
        server.AdminAt is null ? null : _ => Task.FromResult((login ?? Content(Admin, _adminPassword)).Copy()),
        _ => Task.FromResult<ImmutableArray<SecretValue>>([(current ?? Content(A, _adminPassword)).Copy()]));

    private protected static async Task<Acceptance> ProveAsync(MySqlBackend backend, SecretValue content) =>
        (await backend.ProveAsync(content, default)).Acceptance;

    private protected static async Task<RemoteFailureException> FailureAsync(Func<Task> call) =>
        (await call.Should().ThrowAsync<RemoteFailureException>()).Which;

    private protected string NewValue() => Used(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));

    private protected string Used(string value)
    {
        _values.Add(value);
        return value;
    }

    private protected static SecretValue Content(string user, string password) =>
        SecretValue.FromText(new JsonObject { ["username"] = user, ["password"] = password, ["port"] = 3306 }.ToJsonString());

    private protected static string PasswordIn(SecretValue content) =>
        JsonNode.Parse(content.RevealText())!["password"]!.GetValue<string>();
}
