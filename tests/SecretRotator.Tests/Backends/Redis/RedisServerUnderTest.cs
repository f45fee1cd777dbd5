using System.Net;
using System.Net.Sockets;
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

    /// <summary>How many commands it has got, if it counts them.</summary>
    public virtual int? Commands => null;

    /// <summary>How many passwords it was told in the clear, if it counts them.</summary>
    public virtual Task<int?> PlainPasswordsAsync() => Task.FromResult<int?>(null);

    /// <summary>All that it has noted of commands.</summary>
    public virtual Task<string> ReadLogsAsync() => Task.FromResult("");

    /// <summary>A network that trusts it.</summary>
    public RedisNetwork Network(ServerAddress? way = null) => new(ServerTrust.Of(Authority), Routes(Address, way), TimeProvider.System);

    /// <summary>The way to a server by a tunnel; straight without one.</summary>
    public static ServerRoutes Routes(ServerAddress server, ServerAddress? way) =>
        way is null ? ServerRoutes.None : new(ServerRoutes.None.Ways.Add(server, way));

    /// <summary>Runs a command as a user who may do everything.</summary>
    public async Task<RedisReply> RunAsync(params string[] command)
    {
        await using var connection = await RedisConnection.OpenAsync(Address, Network(), TestContext.Current.CancellationToken);
        using var password = SecretValue.FromText(RootPassword);
        (await connection.LogInAsync(Root, password, TestContext.Current.CancellationToken)).AsText.Should().Be("OK");
        return (await connection.AskAsync("testing", writes: false, TestContext.Current.CancellationToken, new RedisCommand(command)))[0];
    }

    public abstract ValueTask DisposeAsync();
}

/// <summary>Passes so many bytes of a client on to a server, and then ends both connections.</summary>
internal sealed class CuttingTunnel : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ends = new();
    private readonly Task _running;

    public CuttingTunnel(ServerAddress server, int passes)
    {
        _listener.Start();
        _running = RunAsync(server, passes);
    }

    public ServerAddress Address => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    /// <summary>How many bytes came from the client.</summary>
    public int Passed { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        _listener.Stop();
        await _running;
        _ends.Dispose();
    }

    private async Task RunAsync(ServerAddress server, int passes)
    {
        try
        {
            while (!_ends.IsCancellationRequested)
            {
                using var client = await _listener.AcceptTcpClientAsync(_ends.Token);
                using var onward = new TcpClient();
                await onward.ConnectAsync(server.Host, server.Port, _ends.Token);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(_ends.Token);
                var back = BackAsync(onward.GetStream(), client.GetStream(), both.Token);
                await ForthAsync(client.GetStream(), onward.GetStream(), passes, both.Token);
                await both.CancelAsync();
                await back;
            }
        }
        catch (Exception e)
            when (_ends.IsCancellationRequested && e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The listener ends in several ways.
        }
    }

    private async Task ForthAsync(NetworkStream from, NetworkStream to, int passes, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        try
        {
            while (Passed < passes
                && await from.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, passes - Passed)), cancellation) is var read and > 0)
            {
                Passed += read;
                await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }
        }
        catch (IOException)
        {
        }
    }

    private static async Task BackAsync(NetworkStream from, NetworkStream to, CancellationToken cancellation)
    {
        try
        {
            await from.CopyToAsync(to, cancellation);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }
}
