using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SecretRotator.Tests.Providers.Http;

/// <summary>
/// A proxy as companies have them: it wants a login, opens tunnels by CONNECT, and opens their TLS with certificates
/// of its own authority. It resolves names itself: to servers on loopback that a test names.
/// </summary>
internal sealed class CorporateProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _heads = new();
    private readonly ConcurrentBag<string> _tunnels = [];
    private readonly ConcurrentBag<Task> _conversations = [];
    private readonly ImmutableDictionary<string, Uri> _routes;
    private readonly string _login;
    private readonly X509Certificate2 _certificate;
    private readonly Task _accepting;

    /// <param name="login">User and password, with a colon between them; empty for none.</param>
    /// <param name="routes">The servers behind names.</param>
    public CorporateProxy(string login, IReadOnlyDictionary<string, Uri> routes)
    {
        (_login, _routes) = (login, routes.ToImmutableDictionary(StringComparer.OrdinalIgnoreCase));
        (AuthorityPem, _certificate) = Certify(_routes.Keys);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it answers.</summary>
    public string Authority => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The authority that its certificates come from.</summary>
    public string AuthorityPem { get; }

    /// <summary>The targets of the tunnels that it opened.</summary>
    public IReadOnlyCollection<string> Tunnels => [.. _tunnels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Everything that it was asked, in the order in which it came.</summary>
    public IReadOnlyList<string> Heads => [.. _heads];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_conversations);
        _certificate.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _conversations.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception ended)
            when (ended is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                while (await HeadAsync(stream) is { } head)
                {
                    _heads.Enqueue(head);
                    var target = head.Split(' ')[1];
                    if (_login.Length > 0
                        && !head.Contains(
                            $"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(_login))}\r\n",
                            StringComparison.Ordinal))
                        await SayAsync(stream, "407 Proxy Authentication Required", "Proxy-Authenticate: Basic realm=\"acme\"\r\n");
                    else if (!_routes.TryGetValue(target.Split(':')[0], out var server))
                        await SayAsync(stream, "403 Forbidden", "");
                    else
                    {
                        await stream.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), _stop.Token);
                        _tunnels.Add(target);
                        await TunnelAsync(stream, server);
                        return;
                    }
                }
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException or SocketException or AuthenticationException)
            {
                // Someone went away.
            }
        }
    }

    private async Task TunnelAsync(NetworkStream outer, Uri server)
    {
        await using var inside = new SslStream(outer);
        await inside.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
        using var there = new TcpClient();
        await there.ConnectAsync(IPAddress.Loopback, server.Port, _stop.Token);
        Stream beyond = there.GetStream();
        if (server.Scheme == Uri.UriSchemeHttps)
        {
            var tls = new SslStream(beyond);
#pragma warning disable CA5359 // On loopback, to a server of the test's own.
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, _, _, _) => true },
                _stop.Token);
#pragma warning restore CA5359
            beyond = tls;
        }

        await using (beyond)
            await Task.WhenAny(inside.CopyToAsync(beyond, _stop.Token), beyond.CopyToAsync(inside, _stop.Token));
    }

    private async Task SayAsync(Stream stream, string status, string headers) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\n\r\n"), _stop.Token);

    private async Task<string?> HeadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
                return null;
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private static (string AuthorityPem, X509Certificate2 Server) Certify(IEnumerable<string> names)
    {
        var (from, to) = (DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(100));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Acme proxy authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        using var authority = authorityRequest.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=proxied", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names)
            alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        using var signed = request.Create(authority, from, to, [1, 2, 3, 4]);
        using var withKey = signed.CopyWithPrivateKey(key);
        return (authority.ExportCertificatePem(), X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), password: null));
    }
}
