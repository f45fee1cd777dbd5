using SecretRotator.Providers.HashiCorp;
using SecretRotator.Providers.Http;
using SecretRotator.Tests.Providers.HashiCorp;

namespace SecretRotator.Tests.Hostile;

/// <summary>Answers that no server of HashiCorp Vault should give, over real sockets.</summary>
public sealed class HashiCorpAnswerTests : IDisposable
{
    private const string Version = "\"created_time\":\"2026-01-01T00:00:00Z\",\"deletion_time\":\"\",\"destroyed\":false}";
    private const string Metadata =
        """{"data":{"current_version":1,"max_versions":0,"versions":{"1":{""" + Version + "}}}";

    private const string One = ""","metadata":{"version":1,""" + Version + "}}";
    private const string Two = ""","metadata":{"version":2,""" + Version + "}}";
    private const string Read = """{"data":{"data":{"value":"x"}""" + One;

    private readonly List<IDisposable> _owned = [];
    private readonly Network _network = Network.Open(caBundle: null, proxies: null);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Metadata, false)]
    [InlineData(Read, true)]
    public async Task A_connection_that_closes_at_any_byte_of_an_answer_gives_no_answer(string body, bool reads)
    {
        var answer = Encoding.UTF8.GetBytes(RawServer.Http("200 OK", body, "Content-Type: application/json"));
        var sent = answer.Length;
        await using var server = new RawServer((_, stream, stop) => stream.WriteAsync(answer.AsMemory(0, sent), stop).AsTask());
        await Calling(server, reads).Should().NotThrowAsync();

        for (sent = 0; sent < answer.Length; sent++)
        {
            var failure = (await Calling(server, reads).Should().ThrowAsync<RemoteFailureException>()).Which;
            failure.Effect.Should().Be(Effect.Rejected, "after {0} bytes", sent);
            failure.Kind.Should().BeOneOf(FailureKind.Unavailable, FailureKind.Garbled);
        }
    }

    [Theory]
    [InlineData("""{"data":{"current_version":2,"versions":{"1":{""" + Version + "}}}")]
    [InlineData("""{"data":{"current_version":-1,"versions":{}}}""")]
    [InlineData("""{"data":{"current_version":1,"versions":{"one":{"created_time":"2026-01-01T00:00:00Z","destroyed":false}}}}""")]
    [InlineData("""{"data":{"current_version":1,"versions":null}}""")]
    [InlineData("[]")]
    [InlineData("<html>")]
    public async Task A_description_that_contradicts_itself_is_not_believed(string body)
    {
        await using var server = RawServer.Always(RawServer.Http("200 OK", body));

        (await Calling(server, reads: false).Should().ThrowAsync<RemoteFailureException>()).Which.Kind.Should().Be(FailureKind.Garbled);
    }

    [Theory]
    [InlineData("""{"data":{"data":{"value":"worthless-9c1e"}""" + Two)]
    [InlineData("{\"data\":{\"data\":\"worthless-9c1e\"" + One)]
    [InlineData("""{"data":{"data":{"value":"worthless-9c1e"},"data":{}""" + One)]
    [InlineData("""{"data":{"data":{"value":"worthless-9c1e\ud800"}""" + One)]
    public async Task A_value_in_an_answer_of_another_form_is_refused_and_not_quoted(string body)
    {
        await using var server = RawServer.Always(RawServer.Http("200 OK", body));

        var failure = (await Calling(server, reads: true).Should().ThrowAsync<RemoteFailureException>()).Which;

        failure.Kind.Should().BeOneOf(FailureKind.Garbled, FailureKind.InvalidContent);
        failure.ToString().Should().NotContain("worthless");
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_the_token_goes_nowhere_else()
    {
        await using var elsewhere = RawServer.Always(RawServer.Http("200 OK", Metadata));
        await using var server = RawServer.Always(RawServer.Http("307 Temporary Redirect", "", $"Location: {elsewhere.Address}"));

        await Calling(server, reads: false).Should().ThrowAsync<RemoteFailureException>();

        elsewhere.Requests.Should().BeEmpty();
    }

    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        _network.Dispose();
    }

    private Func<Task> Calling(RawServer server, bool reads)
    {
        var client = BufferedResponseHandler.ClientOver(
            new BufferedResponseHandler(_network.Handler(), TimeSpan.FromSeconds(30), TimeProvider.System));
        client.BaseAddress = server.Address;
        _owned.Add(client);
        var engine = new KvEngine(
            new HashiCorpCalls(client, new FixedToken("worthless-token"), null, new SystemRandom(), new SkippingTime()),
            SandboxedHashiCorp.Definition);
        return reads
            ? async () =>
            {
                using var read = await engine.ReadAsync("db", 1, KvForm.Text, Stop);
            }
        : () => engine.FindAsync("db", Stop);
    }
}
