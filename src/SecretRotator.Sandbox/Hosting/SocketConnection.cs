using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;

namespace SecretRotator.Sandbox.Hosting;

/// <summary>A connection to an emulated server.</summary>
/// <param name="emulator">The server.</param>
/// <param name="context">The connection.</param>
/// <param name="exchange">Takes the faults to every call.</param>
/// <param name="certificate">What TLS shows, with its key.</param>
internal sealed class SocketConnection(
    ISocketEmulator emulator, ConnectionContext context, Exchange exchange, X509Certificate2 certificate) : IAsyncDisposable
{
    private readonly Stream _raw = new DuplexStream(context.Transport);
    private SslStream? _tls;

    /// <summary>What the server shows in TLS.</summary>
    public X509Certificate2 Certificate => certificate;

    /// <summary>What to read from and write to.</summary>
    public Stream Stream => _tls ?? _raw;

    /// <summary>Ends with the connection.</summary>
    public CancellationToken Closed => context.ConnectionClosed;

    /// <summary>Lets the emulator serve it, until one of the two ends it.</summary>
    public async Task ServeAsync()
    {
        try
        {
            await emulator.ServeAsync(this);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or AuthenticationException or InvalidDataException
            or ConnectionAbortedException)
        {
            context.Abort();
        }
    }

    /// <summary>Begins TLS.</summary>
    public async Task SecureAsync()
    {
        _tls = new SslStream(_raw, leaveInnerStreamOpen: true);
        await _tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            },
            Closed);
    }

    /// <summary>
    /// Takes one step of a conversation, such as a login or a statement: what faults make of it, what it changes, and its answer, which
    /// is sent.
    /// </summary>
    /// <param name="name">What it is, as faults name it.</param>
    /// <param name="answer">
    /// Answers it, and changes the state as the real server would; a status of 0 ends the connection without an answer.
    /// </param>
    /// <param name="trouble">What the real server answers instead of doing it when it is unavailable.</param>
    /// <returns>Whether the connection goes on: a refusal is an answer, and a page of something on the way is none.</returns>
    public async Task<bool> AnswerAsync(
        CallName name, Func<SandboxState, SandboxClock, SandboxAnswer> answer, Func<int, SandboxAnswer> trouble)
    {
        // A gateway that answers in the place of a server is the end of a connection.
        var emulated = new EmulatedCall(
            emulator,
            name,
            _ => name,
            answer,
            status => status == (int)HttpStatusCode.GatewayTimeout ? Exchange.NoAnswer : trouble(status));
        var (client, server) = (((IPEndPoint)context.RemoteEndPoint!).Port, ((IPEndPoint)context.LocalEndPoint!).Port);
        if (await exchange.TakeAsync(emulated, exchange.Begin(), client, server) is not { } sent)
        {
            context.Abort();
            return false;
        }

        await Stream.WriteAsync(sent.Body, Closed);
        await Stream.FlushAsync(Closed);
        return sent.ContentType is null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_tls is not null)
            await _tls.DisposeAsync();
        await _raw.DisposeAsync();
    }
}
