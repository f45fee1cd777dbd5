using SecretRotator.Doctor.Connectivity;
using SecretRotator.Providers.Http;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Tests.Hostile;

namespace SecretRotator.Tests.Doctor.Connectivity;

/// <summary>Each hop, over real sockets.</summary>
public sealed class EndpointProbeTests : IDisposable
{
    private readonly SandboxCertificates _certificates = SandboxCertificates.InMemory(SystemClock.Instance.GetCurrentInstant());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_of_any_status_is_an_arrival()
    {
        await using var server = RawServer.Always(RawServer.Http("403 Forbidden", "", $"Date: {DateTimeOffset.UnixEpoch:r}"));

        var arrival = await GoAsync(server.Address);

        arrival.Status.Should().Be(403);
        arrival.Proxy.Should().BeNull();
        arrival.Tls.Should().BeNull();
        arrival.Ahead.Should().BeLessThan(TimeSpan.FromDays(-365 * 50));
        server.Requests.Should().ContainSingle().Which.Shows("Authorization").Should().BeFalse();
    }

    [Fact]
    public async Task A_trusted_session_is_told_with_its_issuer()
    {
        await using var server = RawServer.Always(RawServer.Http("200 OK", ""), _certificates.Server);
        using var bundle = new AuthorityFile(_certificates.AuthorityPem);

        var arrival = await GoAsync(server.Address, caBundle: bundle.Path);

        arrival.Tls!.Version.Should().Be("TLS 1.3");
        arrival.Tls.Issuer.Should().Be("SecretRotator sandbox");
        arrival.Ahead.Should().BeNull("it didn't tell its time");
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_leads_to_the_bundle()
    {
        await using var server = RawServer.Always(RawServer.Http("200 OK", ""), _certificates.Server);

        var failure = await FailAsync(server.Address);

        failure.Hop.Should().Be(Hop.Tls);
        failure.Message.Should().Contain("but by SecretRotator sandbox");
        failure.Fix.Should().Contain("tls.caBundle");
        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_port_where_no_one_listens_is_a_connection_that_fails()
    {
        var failure = await FailAsync(new Uri("http://127.0.0.1:1/"));

        failure.Hop.Should().Be(Hop.Connection);
        failure.Message.Should().Be("127.0.0.1 port 1 refuses connections");
    }

    [Fact]
    public async Task A_name_that_does_not_exist_fails_at_its_resolution()
    {
        // ".invalid" is no one's (RFC 6761), whether there is a DNS server or not.
        var failure = await FailAsync(new Uri("https://api.bitbucket.invalid/"));

        failure.Hop.Should().Be(Hop.NameResolution);
        failure.Message.Should().Be("the name api.bitbucket.invalid can't be resolved");
    }

    [Fact]
    public async Task A_proxy_s_name_that_does_not_exist_is_told_as_the_proxy_s()
    {
        var failure = await FailAsync(new Uri("https://api.bitbucket.org/"), Proxy("http://user:hunter2@proxy.invalid:3128"));

        failure.Hop.Should().Be(Hop.NameResolution);
        failure.Message.Should().Be("the name of the proxy http://proxy.invalid:3128 (HTTPS_PROXY) can't be resolved");
    }

    [Fact]
    public async Task A_port_that_speaks_no_TLS_is_told_as_that()
    {
        await using var server = RawServer.Always("hello\r\n\r\n");

        (await FailAsync(new Uri($"https://{server.Address.Authority}/"), limit: TimeSpan.FromSeconds(2))).Hop.Should().Be(Hop.Tls);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n\r\n")]
    [InlineData("HTTP/1.1 abc\r\n\r\n")]
    [InlineData("HTTP/1.1 700 X\r\n\r\n")]
    [InlineData("")]
    public async Task What_is_no_HTTP_fails_at_the_answer(string answer)
    {
        await using var server = RawServer.Always(answer);

        (await FailAsync(server.Address)).Hop.Should().Be(Hop.HttpAnswer);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up_in_time()
    {
        await using var server = new RawServer(async (_, _, stop) => await Task.Delay(Timeout.Infinite, stop));

        var failure = await FailAsync(server.Address, limit: TimeSpan.FromMilliseconds(200));

        failure.Hop.Should().Be(Hop.HttpAnswer);
        failure.Message.Should().StartWith("the answer took longer than");
    }

    [Fact]
    public async Task A_tunnel_that_is_refused_says_which_logins_the_proxy_takes()
    {
        await using var proxy = RawServer.Always(
            RawServer.Http(
                "407 Proxy Authentication Required", "", "Proxy-Authenticate: Negotiate", "Proxy-Authenticate: Basic realm=\"x\""));

        var failure = await FailAsync(new Uri("https://api.bitbucket.org/"), Proxy($"http://user:hunter2@{proxy.Address.Authority}"));

        failure.Hop.Should().Be(Hop.Proxy);
        failure.Message.Should().Contain("(407): it doesn't accept the login that is set").And.NotContain("hunter2");
        failure.Fix.Should().EndWith("It takes Negotiate or Basic.");
        var head = proxy.Requests.Single().Head;
        head.Should().StartWith("CONNECT api.bitbucket.org:443 HTTP/1.1").And
            .Contain($"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("user:hunter2"))}");
    }

    [Fact]
    public async Task A_proxy_without_a_login_says_that_none_is_set()
    {
        await using var proxy = RawServer.Always(RawServer.Http("407 Proxy Authentication Required", ""));

        (await FailAsync(new Uri("https://api.bitbucket.org/"), Proxy(proxy.Address.AbsoluteUri))).Message.Should()
            .EndWith("it wants a login and none is set");
    }

    public void Dispose() => _certificates.Dispose();

    private static ProxySettings Proxy(string text) => new(null, ProxyServer.Parse("HTTPS_PROXY", text), NoProxyList.Parse(""));

    private static async Task<Arrival> GoAsync(Uri address, ProxySettings? proxies = null, string? caBundle = null, TimeSpan? limit = null)
    {
        using var network = Network.Open(caBundle, proxies);
        return await new EndpointProbe(network, limit ?? TimeSpan.FromSeconds(60), TimeProvider.System).GoAsync(address, Stop);
    }

    private static async Task<HopFailedException> FailAsync(Uri address, ProxySettings? proxies = null, TimeSpan? limit = null) =>
        (await FluentActions.Awaiting(() => GoAsync(address, proxies, limit: limit)).Should()
            .ThrowExactlyAsync<HopFailedException>()).Which;
}
