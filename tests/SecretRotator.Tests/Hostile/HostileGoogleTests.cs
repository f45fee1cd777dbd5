using SecretRotator.Providers.Google;
using SecretRotator.Providers.Http;
using SecretRotator.Tests.Providers.Google;

namespace SecretRotator.Tests.Hostile;

/// <summary>Answers that Secret Manager should never give, over real sockets.</summary>
public sealed class HostileGoogleTests : IDisposable
{
    private const string Version =
        """{"name":"projects/1/secrets/s/versions/3","createTime":"2026-11-23T01:02:03Z","state":"ENABLED","etag":"\"1\""}""";

    private static readonly string Payload = $$$"""
        {"name":"projects/1/secrets/s/versions/3","payload":{"data":"{{{Base64(HostileClients.Value)}}}","dataCrc32c":"{{{Checksum}}}"}}
        """;

    private readonly Network _network = Network.Open(caBundle: null, proxies: null);
    private readonly List<HttpClient> _clients = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _clients.ForEach(client => client.Dispose());
        _network.Dispose();
    }

    [Theory]
    [InlineData("read", true)]
    [InlineData("read", false)]
    [InlineData("add", true)]
    [InlineData("add", false)]
    public async Task A_connection_that_closes_at_any_byte_of_an_answer_gives_no_answer(string call, bool withLength)
    {
        var body = call == "read" ? Payload : Version;
        var answer = Encoding.UTF8.GetBytes(
            withLength ? RawServer.Http("200 OK", body) : $"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}");
        var sent = 0;
        await using var server = new RawServer((_, stream, stop) => stream.WriteAsync(answer.AsMemory(0, sent), stop).AsTask());

        for (sent = 0; sent < answer.Length; sent += 7)
            (await FailureAsync(call, server.Address)).Effect.Should()
                .Be(call == "add" ? Effect.Unknown : Effect.Rejected, "after {0} bytes", sent);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("add")]
    public async Task What_another_server_would_have_is_not_sent_there(string call)
    {
        await using var elsewhere = RawServer.Always(RawServer.Http("200 OK", Version));
        await using var server = RawServer.Always(
            RawServer.Http("307 Temporary Redirect", "", $"Location: {elsewhere.Address}v1/projects/p"));

        (await FailureAsync(call, server.Address)).Kind.Should().Be(FailureKind.Garbled);

        elsewhere.Connections.Should().Be(0);
    }

    [Theory]
    [InlineData("read", "<html>Sign in</html>")]
    [InlineData("read", """{"name":"projects/1/secrets/another/versions/3","payload":{"data":"YQ==","dataCrc32c":"3251651376"}}""")]
    [InlineData("add", """{"name":"projects/1/secrets/another/versions/3","createTime":"2026-11-23T01:02:03Z","state":"ENABLED"}""")]
    [InlineData("add", """{"name":"projects/1/secrets/s/versions/0","createTime":"2026-11-23T01:02:03Z","state":"ENABLED"}""")]
    [InlineData("list", """{"versions":[null]}""")]
    [InlineData("list", """{"versions":[V,V]}""")]
    [InlineData("list", """{"versions":[V],"nextPageToken":"again"}""")]
    [InlineData("get", """{"name":"projects/1/secrets/s"}""")]
    [InlineData("get", """{"name":"projects/1/secrets/s","etag":"1","annotations":{"a":null}}""")]
    public async Task An_answer_to_another_question_is_no_answer(string call, string body)
    {
        await using var server = RawServer.Always(
            RawServer.Http("200 OK", body.Replace("V", Version, StringComparison.Ordinal), "Content-Type: application/json"));

        (await FailureAsync(call, server.Address)).Kind.Should().Be(FailureKind.Garbled);
    }

    [Fact]
    public async Task A_refusal_that_repeats_what_was_sent_is_not_shown()
    {
        var text = Base64(HostileClients.Value);
        await using var server = RawServer.Always(RawServer.Http(
            "403 Forbidden",
            $$$"""{"error":{"code":403,"message":"{{{text}}}","status":"{{{text}}}","details":[{"reason":"{{{text}}}"}]}}"""));

        (await FailureAsync("add", server.Address)).Kind.Should().Be(FailureKind.AccessDenied);
    }

    private static uint Checksum => SecretPayload.Crc32C(Encoding.UTF8.GetBytes(HostileClients.Value));

    private static string Base64(string value) => Convert.ToBase64String(Encoding.UTF8.GetBytes(value));

    private async Task<RemoteFailureException> FailureAsync(string call, Uri address)
    {
        var http = BufferedResponseHandler.ClientOver(
            new BufferedResponseHandler(_network.Handler(), TimeSpan.FromSeconds(30), TimeProvider.System));
        _clients.Add(http);
        var calls = new SecretManagerCalls(
            GoogleVaultUnderTest.Definition, address, http, new GoogleVaultUnderTest.Tokens(), new SystemRandom(), new SkippingTime());
        using var value = SecretValue.FromText(HostileClients.Value);
        Func<Task> calling = call switch
        {
            "read" => () => calls.AccessAsync("s", 3, Stop),
            "add" => () => calls.AddAsync("s", value, Stop),
            "list" => () => calls.ListAsync("s", Stop),
            _ => () => calls.GetAsync("s", Stop),
        };
        var failure = (await calling.Should().ThrowAsync<RemoteFailureException>()).Which;
        failure.ToString().Should().NotContain(HostileClients.Value).And.NotContain(Base64(HostileClients.Value));
        return failure;
    }
}
