using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SecretRotator.Providers.Azure;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Sandbox.Hosting;

namespace SecretRotator.Tests.Hostile;

/// <summary>Where credentials and values go over real sockets, and where they don't.</summary>
public sealed class NetworkSecrecyTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rotator-network-");
    private readonly SandboxCertificates _certificates = SandboxCertificates.InMemory(SystemClock.Instance.GetCurrentInstant());

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, int> Redirects
    {
        get
        {
            var all = new TheoryData<string, int>();
            foreach (var call in (string[])["list", "put", "token", "describe", "stage", "sts", "azure-list", "azure-put"])
                foreach (var status in (int[])[301, 302, 303, 307, 308])
                    all.Add(call, status);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Redirects))]
    public async Task A_redirect_is_never_followed(string call, int status)
    {
        await using var elsewhere = RawServer.Always(RawServer.Http("200 OK", "{}"), _certificates.Server);
        await using var server = Service(call, _ => RawServer.Http($"{status} Moved", "", $"Location: {elsewhere.Address}"));
        using var clients = Clients();

        var failure = (await Calling(clients, call, server.Address).Should().ThrowExactlyAsync<RemoteFailureException>()).Which;

        elsewhere.Connections.Should().Be(0);
        failure.Effect.Should()
            .Be(call is "put" or "stage" or "azure-put" ? Effect.Unknown : Effect.Rejected, "a redirect says nothing of what was done");
    }

    [Theory]
    [InlineData("list")]
    [InlineData("put")]
    [InlineData("token")]
    [InlineData("describe")]
    [InlineData("stage")]
    [InlineData("sts")]
    [InlineData("azure-list")]
    [InlineData("azure-put")]
    public async Task A_certificate_that_no_one_vouches_for_is_final_and_nothing_is_sent(string call)
    {
        using var stranger = Certificate("127.0.0.1");
        await using var server = RawServer.Always(RawServer.Http("200 OK", "{}"), stranger);
        using var clients = Clients();

        (await Calling(clients, call, server.Address, tries: 4).Should().ThrowExactlyAsync<RemoteFailureException>()).Which.Message.Should()
            .NotContain(HostileClients.Value);

        server.Requests.Should().BeEmpty();

        // A claim that failed is looked for, once, by a call of its own.
        server.Connections.Should().Be(call == "stage" ? 2 : 1, "a certificate doesn't get better");
    }

    [Fact]
    public async Task A_trusted_certificate_of_another_name_is_refused_too()
    {
        using var other = Certificate("elsewhere.test");
        await using var server = RawServer.Always(RawServer.Http("200 OK", "{}"), other);
        using var clients = new HostileClients(Bundle(other.ExportCertificatePem()));

        await Calling(clients, "put", server.Address).Should().ThrowExactlyAsync<RemoteFailureException>();

        server.Requests.Should().BeEmpty();
    }

    [Fact]
    public async Task A_certificate_of_the_bundle_s_authority_is_trusted()
    {
        await using var server = RawServer.Always(RawServer.Http("200 OK", """{"size":0,"values":[]}"""), _certificates.Server);
        using var clients = Clients();

        await Calling(clients, "list", server.Address).Should().NotThrowAsync();
    }

    [Fact]
    public async Task The_next_page_of_a_vault_is_not_fetched_from_another_host()
    {
        await using var elsewhere = RawServer.Always(RawServer.Http("200 OK", """{"value":[]}"""), _certificates.Server);
        await using var server = Service(
            "azure-list",
            _ => RawServer.Http("200 OK", $$"""{"value":[],"nextLink":"{{elsewhere.Address}}secrets/s/versions?api-version=7.5"}"""));
        using var clients = Clients();

        (await Calling(clients, "azure-list", server.Address).Should().ThrowExactlyAsync<RemoteFailureException>()).Which.Kind.Should()
            .Be(FailureKind.Garbled);

        elsewhere.Connections.Should().Be(0);
    }

    [Fact]
    public async Task The_next_page_of_Bitbucket_is_asked_for_by_number_whatever_its_address()
    {
        await using var elsewhere = RawServer.Always(RawServer.Http("200 OK", "{}"));
        var pages = 0;
        await using var server = new RawServer((_, stream, stop) => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(RawServer.Http(
            "200 OK",
            ++pages == 1
                ? $$"""{"size":2,"values":[{"uuid":"{{{HostileClients.Uuid}}}","key":"A","secured":true}],"next":"{{elsewhere.Address}}"}"""
                : $$"""{"size":2,"values":[{"uuid":"{{{HostileClients.Version}}}","key":"B","secured":true}]}""")), stop).AsTask());
        using var clients = Clients();

        (await clients.Bitbucket(server.Address).Variables.ListAsync(HostileClients.Scope, Stop)).Should().HaveCount(2);

        elsewhere.Connections.Should().Be(0);
    }

    [Fact]
    public async Task Pages_of_a_vault_that_never_end_are_given_up()
    {
        var number = 0;
        RawServer? server = null;
        await using var held = server = Service(
            "azure-list",
            _ => RawServer.Http(
                "200 OK", $$"""{"value":[],"nextLink":"{{server!.Address}}secrets/s/versions?api-version=7.5&n={{++number}}"}"""));
        using var clients = Clients();

        (await Calling(clients, "azure-list", server.Address).Should().ThrowExactlyAsync<RemoteFailureException>()).Which.Kind.Should()
            .Be(FailureKind.Garbled);
        number.Should().BeLessThan(500);
    }

    [Theory]
    [InlineData("list", "Bearer worthless-token-51aa")]
    [InlineData("basic", "Basic bWVAYWNtZS5leGFtcGxlOndvcnRobGVzcy10b2tlbi01MWFh")]
    public async Task A_message_that_repeats_the_header_is_withheld(string call, string header)
    {
        await using var server = new RawServer(
            (request, stream, stop) => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(RawServer.Http(
                "403 Forbidden",
                $$$"""{"error":{"message":"no","detail":{"required":["{{{request.Head.Split("Authorization: ")[1].Split('\r')[0]}}}"],"granted":["{{{request.Head.Split("Authorization: ")[1].Split('\r')[0][7..]}}}"] } } }""")), stop).AsTask());
        using var clients = Clients();

        var failure = (await Calling(clients, call, server.Address).Should().ThrowExactlyAsync<RemoteFailureException>()).Which;

        server.Requests.Should().ContainSingle().Which.Head.Should().Contain(header, "else the test proves nothing");
        $"{failure.Message} {failure.Hint}".Should().NotContain(header[6..].Trim());
    }

    [Fact]
    public async Task A_message_that_repeats_an_issued_token_is_withheld()
    {
        const string Token = "worthless-issued-token-66ab";
        await using var server = new RawServer((request, stream, stop) => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(
            request.Path == "/token"
                ? RawServer.Http("200 OK", $$"""{"access_token":"{{Token}}","expires_in":3600}""")
                : RawServer.Http("400 Bad Request", $"who is {Token}?")), stop).AsTask());
        using var clients = Clients();

        var failure = (await Calling(clients, "token", server.Address).Should().ThrowExactlyAsync<RemoteFailureException>()).Which;

        failure.Message.Should().NotContain(Token).And.Contain("withheld");
    }

    public void Dispose()
    {
        _certificates.Dispose();
        _directory.Delete(recursive: true);
    }

    // The services of Azure ask for a token first; everything else is up to the answer.
    private RawServer Service(string call, Func<RawRequest, string> answer)
    {
        RawServer? server = null;
        return server = new RawServer(
            (request, stream, stop) => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Answer(request)), stop).AsTask(),
            call.StartsWith("azure", StringComparison.Ordinal) ? _certificates.Server : null);

        string Answer(RawRequest request)
        {
            var authority = $"{server!.Address}{HostileClients.Tenant}";
            return !call.StartsWith("azure", StringComparison.Ordinal) ? answer(request)
                : request.Path.Contains("openid-configuration", StringComparison.Ordinal)
                ? RawServer.Http(
                    "200 OK",
                    $$"""{"issuer":"{{authority}}/v2.0","authorization_endpoint":"{{authority}}/a","token_endpoint":"{{authority}}/token","jwks_uri":"{{authority}}/k"}""")
                : request.Path.EndsWith("/token", StringComparison.Ordinal)
                ? RawServer.Http("200 OK", """{"token_type":"Bearer","expires_in":3600,"access_token":"worthless-entra-token-9d"}""")
                : !request.Shows("Authorization")
                ? RawServer.Http(
                    "401 Unauthorized", "", $"WWW-Authenticate: Bearer authorization=\"{authority}\", resource=\"https://vault.azure.net\"")
                : answer(request);
        }
    }

    private HostileClients Clients() => new(Bundle(_certificates.AuthorityPem));

    private string Bundle(string pem)
    {
        var path = Path.Combine(_directory.FullName, "ca.pem");
        File.WriteAllText(path, pem);
        return path;
    }

    private static X509Certificate2 Certificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        if (System.Net.IPAddress.TryParse(name, out var address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var now = SystemClock.Instance.GetCurrentInstant().ToDateTimeOffset();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static Func<Task> Calling(HostileClients clients, string call, Uri address, int tries = 1) => call switch
    {
        "list" => () => clients.Bitbucket(address, tries: tries).Variables.ListAsync(HostileClients.Scope, Stop),
        "basic" =>
            () => clients.Bitbucket(
                address,
                credential: new BitbucketCredential.ApiToken("me@acme.example", SecretValue.FromText("worthless-token-51aa"))).Variables
                    .ListAsync(HostileClients.Scope, Stop),
        "token" =>
            () => clients.Bitbucket(
                address, tries: tries,
                credential: new BitbucketCredential.OAuthClient("id", SecretValue.FromText("worthless-secret-18c0"))).Variables
                    .ListAsync(HostileClients.Scope, Stop),
        "put" => async () =>
        {
            using var value = SecretValue.FromText(HostileClients.Value);
            await clients.Bitbucket(address, tries: tries).Variables.PutAsync(HostileClients.Scope, HostileClients.Variable, value, Stop);
        }
        ,
        "describe" => () => clients.Aws(address, retries: tries - 1).DescribeAsync("s", Stop),
        "sts" => () => clients.Aws(address, retries: tries - 1, role: "arn:aws:iam::123456789012:role/rotator").DescribeAsync("s", Stop),
        "stage" => async () =>
        {
            using var value = SecretValue.FromText(HostileClients.Value);
            await clients.Aws(address, retries: tries - 1).ClaimAsync(
                "s",
                new ClaimRequest(
                    new(HostileClients.Version), new(HostileClients.Uuid), new Holder.Process("0123456789abcdef", 1, 2, "me"),
                    Instant.FromUtc(2026, 11, 23, 12, 0), value, null)
                { Lease = Leases.Endless },
                Stop);
        }
        ,
        "azure-list" => () => clients.Azure(address).ListAsync("s", Stop),
        "azure-put" => async () =>
        {
            using var value = SecretValue.FromText(HostileClients.Value);
            await clients.Azure(address).PutAsync("s", value, null, VersionTimes.None, [], Stop);
        }
        ,
        _ => throw new ArgumentOutOfRangeException(nameof(call)),
    };
}
