using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Backends.Redis;

/// <summary>One connection to one server, whose name TLS has proven. Nothing is sent before that.</summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    /// <summary>The service, as failures name it.</summary>
    public const string Service = "redis";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _socket;
    private readonly SslStream _tls;
    private readonly RedisReplyReader _reader;
    private readonly TimeProvider _time;

    private RedisConnection(ServerAddress server, Socket socket, SslStream tls, TimeProvider time)
    {
        (Server, _socket, _tls, _time) = (server, socket, tls, time);
        _reader = new RedisReplyReader(tls);
    }

    /// <summary>The server.</summary>
    public ServerAddress Server { get; }

    /// <summary>Connects, and verifies the server's certificate and name.</summary>
    /// <exception cref="RemoteFailureException">It can't be reached, or isn't proven. Nothing was sent to it.</exception>
    public static async Task<RedisConnection> OpenAsync(
        ServerAddress server, ServerNetwork network, TimeProvider time, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? tls = null;
        var isOpen = false;
        try
        {
            var way = network.Routes.Of(server);
            await socket.ConnectAsync(way.Host, way.Port, both.Token);
            tls = new SslStream(new NetworkStream(socket, ownsSocket: false));
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = server.Host,
                    EnabledSslProtocols = Network.Protocols,
                    RemoteCertificateValidationCallback = network.IsTrusted,
                },
                both.Token);
            isOpen = true;
            return new RedisConnection(server, socket, tls, time);
        }
        catch (Exception failure) when (Explains(failure, cancellation))
        {
            throw Unreached(server, failure, connected: tls is not null);
        }
        finally
        {
            if (!isOpen)
            {
                if (tls is not null)
                    await tls.DisposeAsync();
                socket.Dispose();
            }
        }
    }

    /// <summary>Sends commands in one go, and reads a reply to each. They are sent once.</summary>
    /// <param name="act">What is done, after a colon: <c>changing the user app</c>.</param>
    /// <param name="writes">Whether something may have changed when the answer is missing.</param>
    /// <param name="cancellation">Stops what hasn't been sent; after that the effect is unknown.</param>
    /// <param name="commands">The commands.</param>
    /// <exception cref="RemoteFailureException">There is no answer, or it can't be understood.</exception>
    public async Task<RedisReply[]> AskAsync(string act, bool writes, CancellationToken cancellation, params RedisCommand[] commands)
    {
        cancellation.ThrowIfCancellationRequested();
        using var limit = new CancellationTokenSource(Patience, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            using (var sent = new SecretBuffer(512))
            {
                foreach (var command in commands)
                    command.AppendTo(sent);
                await _tls.WriteAsync(sent.Segment, both.Token);
                await _tls.FlushAsync(both.Token);
            }

            var replies = new RedisReply[commands.Length];
            for (var at = 0; at < replies.Length; at++)
                replies[at] = await _reader.ReadAsync(both.Token);
            return replies;
        }
        catch (InvalidDataException)
        {
            throw Unanswered(FailureKind.Garbled, $"{Server} answered something that isn't Redis's protocol when {act}.");
        }
        catch (Exception failure) when (Explains(failure, writes ? CancellationToken.None : cancellation))
        {
            // A server that asks for a client's certificate ends the connection at the first command (TLS 1.3).
            throw Unanswered(FailureKind.Unavailable, $"{Server} did not answer when {act}: the connection broke.");
        }

        RemoteFailureException Unanswered(FailureKind kind, string message) => new RemoteFailureException(
            kind,
            writes ? Effect.Unknown : Effect.Rejected,
            message,
            "Look whether it runs, and whether something in between ends connections. It must not ask for a client's certificate: "
                + "tls-auth-clients no or optional.").At(Service, Server.ToString());
    }

    /// <summary>Logs in, and answers what the server said.</summary>
    /// <exception cref="RemoteFailureException">There is no answer.</exception>
    public async Task<RedisReply> LogInAsync(string user, SecretValue password, CancellationToken cancellation) =>
        (await AskAsync($"logging in as {user}", writes: false, cancellation, RedisCommand.LogIn(user, password)))[0];

    /// <summary>What is wrong with the server, before anything was changed.</summary>
    public RemoteFailureException Rejected(FailureKind kind, string message, string? hint) =>
        new RemoteFailureException(kind, Effect.Rejected, message, hint).At(Service, Server.ToString());

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync();
        _socket.Dispose();
    }

    private static bool Explains(Exception failure, CancellationToken asked) => failure is OperationCanceledException
        ? !asked.IsCancellationRequested
        : failure is SocketException or IOException or AuthenticationException;

    private static RemoteFailureException Unreached(ServerAddress server, Exception failure, bool connected)
    {
        var (why, hint) = failure switch
        {
            AuthenticationException =>
                ("its TLS certificate isn't trusted, or isn't for that name, so nothing was sent",
                    "Name the authority that signed it (\"ca\" of the backend), and the server as its certificate does."),
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } =>
                ("its name can't be resolved", "Correct \"server\", or run where that name is known."),
            _ when connected =>
                ("it established no TLS session, so nothing was sent",
                    "Name its TLS port (tls-port in redis.conf): a password is never sent in the clear."),
            _ => ("it can't be reached", ServerRoutes.UnreachedHint),
        };
        return new RemoteFailureException(
            FailureKind.Unavailable, Effect.Rejected, $"{server} could not be asked: {why}.", hint, failure)
            .At(Service, server.ToString());
    }
}
