using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using NodaTime;
using SecretRotator.Providers.Backends.Redis;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Redis;

namespace SecretRotator.Tests.Backends.Redis;

/// <summary>The emulator on a socket of its own.</summary>
internal sealed class EmulatedRedis : RedisServerUnderTest
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly SandboxCertificates _certificates = SandboxCertificates.InMemory(SystemClock.Instance.GetCurrentInstant());
    private readonly string _authority = Path.GetTempFileName();
    private readonly CancellationTokenSource _ends = new();
    private readonly Task _running;
    private int _commands;

    public EmulatedRedis(bool hasAclFile)
    {
        State.HasAclFile = hasAclFile;
        State.Users[Root] = new() { IsOn = true, Hashes = [HashOfRoot()], Commands = ["@all"] };
        State.Save();
        File.WriteAllText(_authority, _certificates.AuthorityPem);
        _listener.Start();
        Address = new("localhost", ((IPEndPoint)_listener.LocalEndpoint).Port);
        _running = ListenAsync();
    }

    public RedisServerState State { get; } = new();

    public override RedisAddress Address { get; }

    public override string Authority => _authority;

    public override int? Commands => Volatile.Read(ref _commands);

    public override Task RestartAsync()
    {
        lock (State)
            State.Restart();
        return Task.CompletedTask;
    }

    public override async Task StopAsync()
    {
        await _ends.CancelAsync();
        _listener.Stop();
        await _running;
    }

    public override async ValueTask DisposeAsync()
    {
        await StopAsync();
        _certificates.Dispose();
        File.Delete(_authority);
    }

    private static string HashOfRoot() =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(RootPassword)));

    private async Task ListenAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
                sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_ends.Token), _certificates.Server));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
        }

        await Task.WhenAll(sessions);
    }

    private async Task ServeAsync(TcpClient client, X509Certificate2 certificate)
    {
        using (client)
        {
            try
            {
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, _ends.Token);
                await ServeAsync(tls);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or InvalidDataException
                or System.Security.Authentication.AuthenticationException)
            {
            }
        }
    }

    private async Task ServeAsync(SslStream tls)
    {
        var (session, input) = (new RedisSession(), PipeReader.Create(tls));
        while (true)
        {
            var read = await input.ReadAsync(_ends.Token);
            var arrived = read.Buffer;
            while (RedisWire.TryRead(ref arrived, out var command))
            {
                Interlocked.Increment(ref _commands);
                string answer;
                lock (State)
                    answer = session.Answer(command, State);
                await tls.WriteAsync(Encoding.UTF8.GetBytes(answer), _ends.Token);
            }

            input.AdvanceTo(arrived.Start, arrived.End);
            if (read.IsCompleted)
                return;
        }
    }
}
