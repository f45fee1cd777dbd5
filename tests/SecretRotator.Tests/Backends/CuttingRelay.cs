using System.Net;
using System.Net.Sockets;
using SecretRotator.Providers.Backends;

namespace SecretRotator.Tests.Backends;

/// <summary>
/// Something on the way to a server that passes on so many pieces of a connection, as they arrive, and ends it then: before a piece, or
/// a byte before its end.
/// </summary>
/// <param name="server">The address to connect to, on this machine.</param>
/// <param name="port">Its port.</param>
/// <param name="fromClient">Whether the pieces that a client sends are counted; otherwise those that the server sends.</param>
/// <param name="pieces">How many pass.</param>
/// <param name="more">Whether the next one passes too, all but its last byte.</param>
/// <param name="only">The number, from 0, of the only connection that is cut; null for every one.</param>
/// <param name="bytes">How many bytes pass, whatever the pieces; null where pieces are counted.</param>
public sealed class CuttingRelay(string server, int port, bool fromClient, int pieces, bool more, int? only = null, int? bytes = null)
    : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ends = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Whether a connection was cut.</summary>
    public bool HasCut { get; private set; }

    /// <summary>Where it listens.</summary>
    internal ServerAddress Address => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    /// <summary>Begins to listen.</summary>
    public CuttingRelay Start()
    {
        _listener.Start();
        _running = RunAsync();
        return this;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        _listener.Stop();
        await _running;
        _ends.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            for (var connection = 0; ; connection++)
            {
                var cuts = only is null || only == connection;
                using var client = await _listener.AcceptTcpClientAsync(_ends.Token);
                using var onward = new TcpClient();
                await onward.ConnectAsync(server, port, _ends.Token);
                using var over = CancellationTokenSource.CreateLinkedTokenSource(_ends.Token);
                var forth = PassAsync(client.GetStream(), onward.GetStream(), cuts && fromClient, over.Token);
                var back = PassAsync(onward.GetStream(), client.GetStream(), cuts && !fromClient, over.Token);
                await Task.WhenAny(forth, back);
                await over.CancelAsync();
                await Task.WhenAll(forth, back);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, bool counts, CancellationToken cancellation)
    {
        var buffer = new byte[16_384];
        var left = bytes ?? int.MaxValue;
        try
        {
            for (var piece = 0; await from.ReadAsync(buffer, cancellation) is var length and > 0; piece++)
            {
                if (counts && (bytes is null ? piece == pieces : length > left))
                {
                    HasCut = true;
                    await to.WriteAsync(buffer.AsMemory(0, bytes is not null ? left : more ? length - 1 : 0), cancellation);
                    return;
                }

                left -= length;
                await to.WriteAsync(buffer.AsMemory(0, length), cancellation);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }
}
