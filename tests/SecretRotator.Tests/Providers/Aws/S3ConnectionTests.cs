using System.Net;
using System.Net.Http.Headers;
using NodaTime.Testing;
using SecretRotator.Providers.Aws;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Tests.Providers.Aws;

public sealed class S3ConnectionTests
{
    private const string Role = "arn:aws:iam::123456789012:role/evidence";

    private static readonly AwsSettings Keys = new()
    {
        SessionName = "tests",
        Keys = new AwsKeys("AKIASANDBOX", SecretValue.FromText("sandbox-secret"), null),
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("s3://acme-evidence/rotator", "us-west-2", "https://acme-evidence.s3.us-west-2.amazonaws.com/rotator/run.jsonl")]
    [InlineData("s3://acme-evidence", "us-east-1", "https://acme-evidence.s3.us-east-1.amazonaws.com/run.jsonl")]
    [InlineData("s3://acme-evidence/rotator", "cn-north-1", "https://acme-evidence.s3.cn-north-1.amazonaws.com.cn/rotator/run.jsonl")]
    [InlineData("s3://acme.evidence/rotator", "us-west-2", "https://s3.us-west-2.amazonaws.com/acme.evidence/rotator/run.jsonl")]
    public async Task Without_an_endpoint_a_bucket_is_called_at_AWS_over_TLS(string location, string region, string address)
    {
        var call = await PutAsync(location, region);

        call.Address.AbsoluteUri.Should().Be(address);
    }

    [Fact]
    public async Task A_put_creates_only_and_is_signed_with_its_body_and_its_checksum()
    {
        var call = await PutAsync("s3://acme-evidence/rotator", "us-west-2");

        call.Headers["If-None-Match"].Should().Be("*");
        call.Headers["x-amz-checksum-sha256"].Should().Be("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        call.Headers["x-amz-sdk-checksum-algorithm"].Should().Be("SHA256");
        call.Headers["X-Amz-Content-SHA256"].Should().Be("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        call.Headers["Authorization"]
            .Should().StartWith("AWS4-HMAC-SHA256 Credential=AKIASANDBOX/").And
            .Contain("/us-west-2/s3/aws4_request").And
            .Contain("if-none-match").And
            .Contain("x-amz-checksum-sha256");
        call.Body.Should().Be("abc");
    }

    [Fact]
    public async Task Where_the_bucket_decides_no_encryption_and_no_retention_is_asked_for()
    {
        var call = await PutAsync("s3://acme-evidence/rotator", "us-west-2");

        call.Headers.Keys.Should().NotContain(
                name => name.Contains("encryption", StringComparison.OrdinalIgnoreCase)
                    || name.Contains("object-lock", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_key_and_a_retention_of_one_s_own_are_sent()
    {
        var call = await PutAsync("s3://acme-evidence/rotator", "us-west-2", new S3Rules("alias/evidence", 10, LockMode.Compliance));

        call.Headers["x-amz-server-side-encryption"].Should().Be("aws:kms");
        call.Headers["x-amz-server-side-encryption-aws-kms-key-id"].Should().Be("alias/evidence");
        call.Headers["x-amz-object-lock-mode"].Should().Be("COMPLIANCE");
        call.Headers["x-amz-object-lock-retain-until-date"].Should().StartWith("2026-12-04T01:30:00");
    }

    [Fact]
    public async Task A_step_s_token_takes_on_the_role_that_writes_evidence()
    {
        await using var sandbox = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = SystemClock.Instance, RealTime = true },
            [new S3Emulator(), new StsEmulator([]), new OidcEmulator()], cancellation: Stop);
        var step = new StepToken(
            "acme", "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222", "33333333-3333-4333-8333-333333333333",
            "44444444-4444-4444-8444-444444444444", null, "main");
        var token = await sandbox.Store.UseAsync(
            state =>
            {
                state.Sts.Roles[Role] = AwsRoleState.Trusting(step);
                state.S3.Buckets["acme-evidence"] = new S3BucketState { Region = "us-west-2", Accounts = { "123456789012" } };
                return (step.Mint(state, SystemClock.Instance.GetCurrentInstant().ToDateTimeOffset(), null), true);
            },
            Stop);
        var aws = new AwsSettings
        {
            SessionName = "tests",
            StepToken = SecretValue.FromText(token),
            StsEndpoint = sandbox.EndpointOf("sts"),
        };
        using var connection = S3Connection.Open(
            S3Location.Parse("s3://acme-evidence"), new S3Access("us-west-2", Role, S3Rules.OfTheBucket), aws, sandbox.EndpointOf("s3"),
            () => new SocketsHttpHandler(), SystemClock.Instance, new SystemRandom(), TimeProvider.System);
        using var content = new MemoryStream("abc"u8.ToArray());

        await connection.Archive.StoreAsync("run.jsonl", content, Stop);

        sandbox.Calls.Snapshot()
            .Select(call => (call.Operation, call.Status))
            .Should().Equal(("AssumeRoleWithWebIdentity", 200), ("PutObject", 200));
    }

    [Fact]
    public async Task A_role_that_can_not_be_taken_on_is_told_as_such()
    {
        await using var sandbox = await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = SystemClock.Instance, RealTime = true }, [new StsEmulator([])], cancellation: Stop);
        await sandbox.Store.ChangeAsync(
            state => state.Sts.Credentials["AKIASANDBOX"] = new AwsCredentialState
            {
                SecretAccessKey = "sandbox-secret",
                Account = "1",
                Arn = "arn",
            }, Stop);
        using var connection = S3Connection.Open(
            S3Location.Parse("s3://acme-evidence"), new S3Access("us-west-2", Role, S3Rules.OfTheBucket),
            Keys with { StsEndpoint = sandbox.EndpointOf("sts") }, new Uri("http://127.0.0.1:9/"), () => new SocketsHttpHandler(),
            SystemClock.Instance, new SystemRandom(), new SkippingTime());
        using var content = new MemoryStream("abc"u8.ToArray());

        var store = () => connection.Archive.StoreAsync("run.jsonl", content, Stop);

        (await store.Should().ThrowAsync<RemoteFailureException>()).Which.Message.Should()
            .Be("No AWS identity for storing s3://acme-evidence/run.jsonl: STS answered AccessDenied.");
    }

    [Theory]
    [InlineData("<Key>elsewhere/run.jsonl</Key>")]
    [InlineData("<Key>rotator/../../etc/passwd</Key>")]
    [InlineData("")]
    public async Task A_name_that_was_not_asked_for_is_not_listed(string key)
    {
        var page =
            $"<ListBucketResult><Name>acme-evidence</Name><IsTruncated>false</IsTruncated><Contents>{key}<Size>1</Size></Contents></ListBucketResult>";
        using var connection = Open("s3://acme-evidence/rotator", "us-west-2", S3Rules.OfTheBucket, () => new Repeating(page));

        (await ListAsync(connection).Should().ThrowAsync<RemoteFailureException>()).Which.Kind.Should().Be(FailureKind.Garbled);
    }

    [Fact]
    public async Task A_list_without_end_is_given_up()
    {
        const string Page =
            "<ListBucketResult><Name>acme-evidence</Name><IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken></ListBucketResult>";
        using var connection = Open("s3://acme-evidence/rotator", "us-west-2", S3Rules.OfTheBucket, () => new Repeating(Page));

        (await ListAsync(connection).Should().ThrowAsync<RemoteFailureException>()).Which.Kind.Should().Be(FailureKind.Garbled);
    }

    [Fact]
    public async Task A_machine_that_no_one_answers_is_told_after_some_tries()
    {
        using var connection = Open("s3://acme-evidence", "us-west-2", S3Rules.OfTheBucket, () => new Unreachable());
        using var content = new MemoryStream("abc"u8.ToArray());

        var store = () => connection.Archive.StoreAsync("run.jsonl", content, Stop);

        var failure = (await store.Should().ThrowAsync<RemoteFailureException>()).Which;
        (failure.Kind, failure.Message).Should()
            .Be((FailureKind.Unavailable, "S3 gave no answer when storing s3://acme-evidence/run.jsonl."));
    }

    private static async Task<Call> PutAsync(string location, string region, S3Rules? rules = null)
    {
        var network = new RecordingBucket();
        using var connection = Open(location, region, rules ?? S3Rules.OfTheBucket, () => network);
        using var content = new MemoryStream("abc"u8.ToArray());
        await connection.Archive.StoreAsync("run.jsonl", content, Stop);
        return network.Calls.Single();
    }

    private static S3Connection Open(string location, string region, S3Rules rules, Func<HttpMessageHandler> network) => S3Connection.Open(
        S3Location.Parse(location), new S3Access(region, null, rules), Keys, null, network,
        new FakeClock(Instant.FromUtc(2026, 11, 24, 1, 30)), new SystemRandom(), new SkippingTime());

    private static Func<Task> ListAsync(S3Connection connection) => async () =>
    {
        await foreach (var name in connection.Archive.ListAsync(null, Stop))
            name.Should().BeNull("nothing of this is a name");
    };

    private sealed record Call(Uri Address, IReadOnlyDictionary<string, string> Headers, string Body);

    /// <summary>Answers every PUT as S3 does.</summary>
    private sealed class RecordingBucket : HttpMessageHandler
    {
        public List<Call> Calls { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var headers = request.Headers.Concat(request.Content!.Headers)
                .ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
            Calls.Add(
                new Call(
                    request.RequestUri!, headers, Encoding.UTF8.GetString(await request.Content.ReadAsByteArrayAsync(cancellationToken))));
            var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([]) };
            answer.Headers.ETag = new EntityTagHeaderValue("\"900150983cd24fb0d6963f7d28e17f72\"");
            answer.Headers.Add("x-amz-checksum-sha256", headers.GetValueOrDefault("x-amz-checksum-sha256"));
            return answer;
        }
    }

    /// <summary>Answers everything with the same page.</summary>
    private sealed class Repeating(string page) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(page, Encoding.UTF8, "application/xml") });
    }

    private sealed class Unreachable : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new HttpRequestException(HttpRequestError.ConnectionError);
    }
}
