using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Tests.Hostile;

namespace SecretRotator.Tests.Providers.Http;

/// <summary>Which way calls take, over real sockets.</summary>
public sealed class NetworkWayTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_NO_PROXY_names_is_reached_directly_and_everybody_else_by_the_proxy()
    {
        await using var named = RawServer.Always(RawServer.Http("200 OK", "{}"));
        await using var proxy = RawServer.Always(RawServer.Http("200 OK", "{}"));
        var proxies = new ProxySettings(
            ProxyServer.Parse("HTTP_PROXY", proxy.Address.Authority), null, NoProxyList.Parse(named.Address.Authority))
        {
            AlsoForLoopback =
                true
        };
        using var network = Network.Open(null, proxies);
        using var client = new HttpClient(network.Handler());

        await client.GetStringAsync(named.Address, Stop);
        await client.GetStringAsync(new Uri("http://127.0.0.1:1/other"), Stop);

        named.Requests.Should().ContainSingle();
        proxy.Requests.Should().ContainSingle().Which.Head.Should().StartWith("GET http://127.0.0.1:1/other HTTP/1.1");
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_is_told_by_its_name()
    {
        using var network = Network.Open(
            null, new ProxySettings(null, ProxyServer.Parse("HTTPS_PROXY", "http://user:hunter2@127.0.0.1:1"), NoProxyList.Parse("")));
        using var client = new HttpClient(network.Handler());

        var failure = (await FluentActions.Awaiting(() => client.GetStringAsync(new Uri("https://api.bitbucket.org/"), Stop)).Should()
            .ThrowAsync<ProxyUnreachableException>()).Which;

        failure.Message.Should().Be("the proxy http://127.0.0.1:1 (HTTPS_PROXY) can't be reached");
    }

    [Theory]
    [InlineData("403 Forbidden", 403)]
    [InlineData("407 Proxy Authentication Required", 407)]
    [InlineData("502 Bad Gateway", 502)]
    public async Task A_refused_tunnel_says_what_the_proxy_answered(string status, int expected)
    {
        await using var proxy = RawServer.Always(RawServer.Http(status, ""));
        using var network = Network.Open(
            null, new ProxySettings(
                null, ProxyServer.Parse("HTTPS_PROXY", $"http://user:hunter2@{proxy.Address.Authority}"), NoProxyList.Parse("")));
        using var client = new HttpClient(network.Handler());

        var failure = (await FluentActions.Awaiting(() => client.GetStringAsync(new Uri("https://api.bitbucket.org/"), Stop)).Should()
            .ThrowAsync<ProxyRefusedException>()).Which;

        failure.Status.Should().Be(expected);
        failure.ToString().Should().NotContain("hunter2");
    }

    [Fact]
    public void TLS_is_1_2_at_least_whatever_the_system_allows()
    {
        using var network = Network.Open(null, proxies: null);
        using var sockets = network.Sockets();

        sockets.SslOptions.EnabledSslProtocols.Should().Be(SslProtocols.Tls12 | SslProtocols.Tls13);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls13, true)]
#pragma warning disable SYSLIB0039, CA5397 // Old on purpose.
    [InlineData(SslProtocols.Tls11, false)]
#pragma warning restore SYSLIB0039, CA5397
    public async Task A_server_that_only_speaks_an_older_TLS_gets_no_request(SslProtocols spoken, bool accepted)
    {
        using var certificates = SandboxCertificates.InMemory(SystemClock.Instance.GetCurrentInstant());
        using var bundle = new AuthorityFile(certificates.AuthorityPem);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, certificates, spoken);
        using var network = Network.Open(bundle.Path, proxies: null);
        using var client = new HttpClient(network.Handler());

        var call = FluentActions.Awaiting(
            () => client.GetStringAsync(new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"), Stop));

        if (accepted)
            await call.Should().NotThrowAsync();
        else
            await call.Should().ThrowAsync<HttpRequestException>();
        (await serving).Should().Be(accepted);
    }

    private static async Task<bool> ServeAsync(TcpListener listener, SandboxCertificates certificates, SslProtocols spoken)
    {
        using var client = await listener.AcceptTcpClientAsync(Stop);
        await using var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions { ServerCertificate = certificates.Server, EnabledSslProtocols = spoken }, Stop);
            if (await tls.ReadAsync(new byte[1024], Stop) == 0)
                return false;
            await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), Stop);
            return true;
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            return false;
        }
    }
}
