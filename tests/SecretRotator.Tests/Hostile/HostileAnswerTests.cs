using System.IO.Compression;

namespace SecretRotator.Tests.Hostile;

/// <summary>Answers that no service should give, over real sockets. Alone, because the memory that is counted is the whole
/// process's.</summary>
[Collection(nameof(HostileAnswerTests))]
public sealed class HostileAnswerTests : IDisposable
{
    private const string Listing =
        $$"""{"size":1,"page":1,"pagelen":100,"values":[{"uuid":"{{{HostileClients.Uuid}}}","key":"DB_PASSWORD","secured":true}]}""";
    private const string Variable = $$"""{"uuid":"{{{HostileClients.Uuid}}}","key":"DB_PASSWORD","secured":true}""";
    private const string Description =
        $$"""{"ARN":"arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-a1b2c3","Name":"s","VersionIdsToStages":{"{{HostileClients.Uuid}}":["AWSCURRENT"] } }""";
    private const long Few = 24L << 20;

    private readonly HostileClients _clients = new();
    private readonly ITestOutputHelper _output;

    public HostileAnswerTests(ITestOutputHelper output) => _output = output;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("list", Listing)]
    [InlineData("put", Variable)]
    [InlineData("describe", Description)]
    [InlineData("claim", "{}")]
    public async Task What_the_clients_are_given_whole_they_understand_or_refuse(string call, string body)
    {
        await using var server = RawServer.Always(RawServer.Http("200 OK", body, "Content-Type: application/json"));

        if (call == "claim")
            (await FailureAsync(call, server.Address)).Kind.Should().Be(FailureKind.Garbled);
        else
            await Calling(call, server.Address).Should().NotThrowAsync();
    }

    [Theory]
    [InlineData("list", Listing, true)]
    [InlineData("list", Listing, false)]
    [InlineData("put", Variable, true)]
    [InlineData("put", Variable, false)]
    [InlineData("describe", Description, true)]
    [InlineData("describe", Description, false)]
    public async Task A_connection_that_closes_at_any_byte_of_an_answer_gives_no_answer(string call, string body, bool withLength)
    {
        var answer = Encoding.UTF8.GetBytes(
            withLength
                ? RawServer.Http("200 OK", body, "Content-Type: application/json")
                : $"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{body}");
        var sent = 0;
        await using var server = new RawServer((_, stream, stop) => stream.WriteAsync(answer.AsMemory(0, sent), stop).AsTask());

        for (sent = 0; sent < answer.Length; sent++)
        {
            var failure = await FailureAsync(call, server.Address);
            failure.Effect.Should().Be(call == "put" ? Effect.Unknown : Effect.Rejected, "after {0} bytes", sent);
            failure.Kind.Should().BeOneOf(FailureKind.Unavailable, FailureKind.Garbled);
        }
    }

    [Theory]
    [InlineData("list")]
    [InlineData("put")]
    [InlineData("token")]
    [InlineData("describe")]
    [InlineData("claim")]
    [InlineData("sts")]
    public async Task A_hundred_megabytes_are_not_read(string call)
    {
        var chunk = Encoding.Latin1.GetBytes("10000\r\n" + new string(' ', 0x10000) + "\r\n");
        await using var server = new RawServer(async (_, stream, stop) =>
        {
            await stream.WriteAsync(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray(), stop);
            for (var sent = 0; sent < 100 << 20; sent += 0x10000)
                await stream.WriteAsync(chunk, stop);
        });

        await MeasuredAsync(call, server);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("put")]
    [InlineData("describe")]
    [InlineData("claim")]
    public async Task A_bomb_of_gzip_is_not_unpacked(string call)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var megabyte = 0; megabyte < 256; megabyte++)
                await gzip.WriteAsync(zeros, Stop);
        }

        var head =
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n";
        await using var server = new RawServer(
            (_, stream, stop) => stream.WriteAsync((byte[])[.. Encoding.Latin1.GetBytes(head), .. packed.ToArray()], stop).AsTask());

        await MeasuredAsync(call, server);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("put")]
    [InlineData("describe")]
    [InlineData("claim")]
    public async Task A_flood_of_headers_is_not_read(string call)
    {
        var header = Encoding.Latin1.GetBytes(
            string.Concat(Enumerable.Range(0, 100).Select(i => $"X-Header-{i}: {new string('x', 100)}\r\n")));
        await using var server = new RawServer(async (_, stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), stop);
            for (var sent = 0; sent < 100 << 20; sent += header.Length)
                await stream.WriteAsync(header, stop);
        });

        await MeasuredAsync(call, server);
    }

    [Theory]
    [InlineData("list", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")]
    [InlineData("put", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")]
    [InlineData("describe", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")]
    [InlineData("claim", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")]
    [InlineData("sts", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<")]
    [InlineData("describe", "HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n{")]
    [InlineData("describe", "HTTP/1.1 200 O")]
    [InlineData("list", "")]
    public async Task An_answer_that_never_goes_on_is_given_up_in_time(string call, string begins)
    {
        await using var server = new RawServer(async (_, stream, stop) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(begins), stop);
            await stream.FlushAsync(stop);
            await stream.ReadExactlyAsync(new byte[1], stop); // until the client goes away
        });

        var failure = await FailureAsync(call, server.Address, TimeSpan.FromMilliseconds(150));

        failure.Kind.Should().Be(FailureKind.Unavailable);
        failure.Effect.Should().Be(call is "put" or "claim" ? Effect.Unknown : Effect.Rejected);
    }

    public void Dispose() => _clients.Dispose();

    private async Task MeasuredAsync(string call, RawServer server)
    {
        // Once for everything that is only made once.
        await FailureAsync(call, server.Address);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var failure = await FailureAsync(call, server.Address);

        var bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
        _output.WriteLine($"{call}: {bytes / 1024.0 / 1024:0.0} MB: {failure.Message}");
        // A claim is several calls, each of which is tried four times.
        bytes.Should().BeLessThan(call == "claim" ? 3 * Few : Few);
        failure.Effect.Should().Be(call is "put" or "claim" ? Effect.Unknown : Effect.Rejected);
    }

    private async Task<RemoteFailureException> FailureAsync(string call, Uri address, TimeSpan? limit = null) =>
        (await Calling(call, address, limit).Should().ThrowExactlyAsync<RemoteFailureException>()).Which;

    private Func<Task> Calling(string call, Uri address, TimeSpan? limit = null) => call switch
    {
        "list" => () => _clients.Bitbucket(address, limit).Variables.ListAsync(HostileClients.Scope, Stop),
        "token" =>
            () => _clients.Bitbucket(
                address, limit,
                credential: new SecretRotator.Providers.Bitbucket.Credentials.BitbucketCredential.OAuthClient(
                    "id", SecretValue.FromText("worthless-secret-18c0"))).Variables.ListAsync(HostileClients.Scope, Stop),
        "put" => async () =>
        {
            using var value = SecretValue.FromText(HostileClients.Value);
            await _clients.Bitbucket(address, limit).Variables.PutAsync(HostileClients.Scope, HostileClients.Variable, value, Stop);
        }
        ,
        "describe" => () => _clients.Aws(address, limit).DescribeAsync("s", Stop),
        "sts" => () => _clients.Aws(address, limit, role: "arn:aws:iam::123456789012:role/rotator").DescribeAsync("s", Stop),
        "claim" => async () =>
        {
            using var value = SecretValue.FromText(HostileClients.Value);
            await _clients.Aws(address, limit).ClaimAsync(
                "s",
                new ClaimRequest(
                    new(HostileClients.Version), new(HostileClients.Uuid), new Holder.Process("0123456789abcdef", 1, 2, "me"),
                    Instant.FromUtc(2026, 11, 23, 12, 0), value, null)
                { Lease = Leases.Endless },
                Stop);
        }
        ,
        _ => throw new ArgumentOutOfRangeException(nameof(call)),
    };
}

/// <summary>Runs while nothing else does.</summary>
[CollectionDefinition(nameof(HostileAnswerTests), DisableParallelization = true)]
public sealed class HostileAnswerCollection;
