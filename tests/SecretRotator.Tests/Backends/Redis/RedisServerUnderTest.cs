using SecretRotator.Providers.Backends;
using SecretRotator.Providers.Backends.Redis;

namespace SecretRotator.Tests.Backends.Redis;

/// <summary>A Redis server with TLS for <c>localhost</c>, emulated or real, that a test has for itself.</summary>
internal abstract class RedisServerUnderTest : IAsyncDisposable
{
    public const string Root = "root";
    public const string RootPassword = "a password of the test's own user";

    /// <summary>Where it listens.</summary>
    public abstract ServerAddress Address { get; }

    /// <summary>The file with its certificate authority.</summary>
    public abstract string Authority { get; }

    /// <summary>Stops it and starts it again, with what it had saved.</summary>
    public abstract Task RestartAsync();

    /// <summary>Stops it for good.</summary>
    public abstract Task StopAsync();

    /// <summary>How many logins it has got so far but for those of <see cref="RunAsync"/>.</summary>
    public abstract Task<int> CountLoginsAsync();

    /// <summary>How many passwords it was told in the clear, if it counts them.</summary>
    public virtual Task<int?> PlainPasswordsAsync() => Task.FromResult<int?>(null);

    /// <summary>All that it has noted of commands.</summary>
    public abstract Task<string> ReadLogsAsync();

    /// <summary>How many logins were of <see cref="RunAsync"/>.</summary>
    protected int OwnLogins { get; private set; }

    /// <summary>A network that trusts it.</summary>
    public ServerNetwork Network(ServerAddress? way = null) => new(ServerTrust.Of(Authority), Routes(Address, way));

    /// <summary>The way to a server by a tunnel; straight without one.</summary>
    public static ServerRoutes Routes(ServerAddress server, ServerAddress? way) =>
        way is null ? ServerRoutes.None : new(ServerRoutes.None.Ways.Add(server, way));

    /// <summary>Runs a command as a user who may do everything.</summary>
    public async Task<RedisReply> RunAsync(params string[] command)
    {
        OwnLogins++;
        await using var connection = await RedisConnection.OpenAsync(
            Address, Network(), TimeProvider.System, TestContext.Current.CancellationToken);
        using var password = SecretValue.FromText(RootPassword);
        (await connection.LogInAsync(Root, password, TestContext.Current.CancellationToken)).AsText.Should().Be("OK");
        return (await connection.AskAsync("testing", writes: false, TestContext.Current.CancellationToken, new RedisCommand(command)))[0];
    }

    public abstract ValueTask DisposeAsync();
}
