using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Mail;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace SecretRotator.Tests.Notifications;

/// <summary>A real mail server on loopback, by another library than the sender's. It takes mail of one user, over TLS.</summary>
internal sealed class MailServer : IAsyncDisposable
{
    public const string User = "rotator@acme.example";

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly Store _store = new();

    public MailServer(X509Certificate2 certificate, string password, bool atOnce)
    {
        Port = FreePort();
        var options = new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint => endpoint
            .Endpoint(new IPEndPoint(IPAddress.Loopback, Port)).IsSecure(atOnce).Certificate(certificate).AuthenticationRequired()).Build();
        var services = new ServiceProvider();
        services.Add(_store);
        services.Add((IUserAuthenticator)new Users(password));
        _running = new SmtpServer.SmtpServer(options, services).StartAsync(_stop.Token);
    }

    public int Port { get; }

    /// <summary>The messages that it took, with their heads.</summary>
    public IReadOnlyCollection<string> Messages => _store.Messages;

    /// <summary>What it answers to a message in place of taking it.</summary>
    public SmtpResponse? Refusal
    {
        set => _store.Refusal = value;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Store : MessageStore
    {
        public ConcurrentQueue<string> Messages { get; } = [];

        public SmtpResponse? Refusal { get; set; }

        public override Task<SmtpResponse> SaveAsync(
            ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            if (Refusal is not null)
                return Task.FromResult(Refusal);
            Messages.Enqueue(
                $"To {string.Join(", ", transaction.To.Select(to => to.AsAddress()))}\r\n{Encoding.UTF8.GetString(buffer)}");
            return Task.FromResult(SmtpResponse.Ok);
        }
    }

    private sealed class Users(string password) : IUserAuthenticator
    {
        public Task<bool> AuthenticateAsync(
            ISessionContext context, string user, string given, CancellationToken cancellationToken) =>
            Task.FromResult(user == User && given == password);
    }
}
