using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Tests.EvidenceStorage;

namespace SecretRotator.Tests.Sandbox.Aws;

/// <summary>What the emulator for S3 answers, as AWS documents it
/// (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).</summary>
public sealed class S3EmulatorTests : IAsyncLifetime
{
    private readonly HttpClient _plain = new();
    private BucketUnderTest _bucket = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _bucket = await BucketUnderTest.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _plain.Dispose();
        await _bucket.DisposeAsync();
    }

    [Fact]
    public async Task An_unsigned_call_is_denied_in_the_service_s_xml()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_bucket.Endpoint, "acme-evidence/a"));
        request.Headers.Add("x-amz-content-sha256", "UNSIGNED-PAYLOAD");

        using var answer = await _plain.SendAsync(request, Stop);

        answer.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/xml");
        (await answer.Content.ReadAsStringAsync(Stop)).Should().StartWith("<Error><Code>AccessDenied</Code><Message>");
    }

    [Fact]
    public async Task A_call_that_says_nothing_of_its_body_is_refused()
    {
        using var answer = await _plain.GetAsync(new Uri(_bucket.Endpoint, "acme-evidence/a"), Stop);

        (await answer.Content.ReadAsStringAsync(Stop)).Should().Contain("Missing required header for this request: x-amz-content-sha256");
    }

    [Fact]
    public async Task A_body_that_is_not_the_one_that_was_hashed_is_refused()
    {
        using var request =
            new HttpRequestMessage(HttpMethod.Put, new Uri(_bucket.Endpoint, "acme-evidence/a")) { Content = new StringContent("forged") };
        request.Headers.Add("x-amz-content-sha256", new string('0', 64));

        using var answer = await _plain.SendAsync(request, Stop);

        (await answer.Content.ReadAsStringAsync(Stop)).Should().Contain("XAmzContentSHA256Mismatch");
    }

    [Theory]
    [InlineData("wrong", BucketUnderTest.AccessKey, "SignatureDoesNotMatch", 403)]
    [InlineData(BucketUnderTest.SecretKey, "AKIANOBODY", "InvalidAccessKeyId", 403)]
    public async Task Wrong_credentials_have_the_service_s_own_names(string secret, string key, string code, int status)
    {
        using var client = Client(secret, key);

        await RefusesAsync(() => client.GetObjectAsync(BucketUnderTest.Name, "a", Stop), code, status);
    }

    [Fact]
    public async Task A_key_with_signs_that_are_escaped_is_signed_and_found()
    {
        using var client = Client();
        const string Key = "a b/ü=1&2+3.json";
        await client.PutObjectAsync(Put("content", Key), Stop);

        using var answer = await client.GetObjectAsync(BucketUnderTest.Name, Key, Stop);

        answer.ContentLength.Should().Be(7);
        _bucket.Find(Key).Should().NotBeNull();
    }

    [Fact]
    public async Task A_head_tells_length_and_lock_without_a_body()
    {
        using var client = Client();
        _bucket.Change(bucket => (bucket.ObjectLock, bucket.RetentionMode, bucket.RetentionDays) = (true, "GOVERNANCE", 30));
        var put = Put("content");
        put.ChecksumAlgorithm = ChecksumAlgorithm.SHA256;
        put.ChecksumSHA256 = "7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=";
        await client.PutObjectAsync(put, Stop);

        var answer = await client.GetObjectMetadataAsync(BucketUnderTest.Name, "a", Stop);

        (answer.ContentLength, answer.ObjectLockMode.Value).Should().Be((7, "GOVERNANCE"));
    }

    [Fact]
    public async Task A_head_of_nothing_is_not_found()
    {
        using var client = Client();

        (await ((Func<Task>)(() => client.GetObjectMetadataAsync(BucketUnderTest.Name, "a", Stop))).Should()
            .ThrowAsync<AmazonS3Exception>()).Which.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Whoever_may_not_list_is_not_told_what_is_missing()
    {
        using var client = Client();
        _bucket.Change(bucket => bucket.Denied.Add("s3:ListBucket"));

        await RefusesAsync(() => client.GetObjectAsync(BucketUnderTest.Name, "a", Stop), "AccessDenied", 403);
    }

    [Fact]
    public async Task A_bucket_without_a_lock_has_no_configuration_of_one()
    {
        using var client = Client();

        await RefusesAsync(
            () => client.GetObjectLockConfigurationAsync(new GetObjectLockConfigurationRequest { BucketName = BucketUnderTest.Name }, Stop),
            "ObjectLockConfigurationNotFoundError", 404);
    }

    [Fact]
    public async Task A_bucket_with_a_lock_tells_its_default_retention()
    {
        using var client = Client();
        _bucket.Change(bucket => (bucket.ObjectLock, bucket.RetentionMode, bucket.RetentionDays) = (true, "COMPLIANCE", 30));

        var answer = await client.GetObjectLockConfigurationAsync(
            new GetObjectLockConfigurationRequest { BucketName = BucketUnderTest.Name }, Stop);

        answer.ObjectLockConfiguration.Rule.DefaultRetention.Should()
            .BeEquivalentTo(new { Mode = ObjectLockRetentionMode.Compliance, Days = 30 }, options => options.ExcludingMissingMembers());
    }

    [Fact]
    public async Task An_object_with_a_retention_needs_a_checksum()
    {
        using var client = Client();
        _bucket.Change(bucket => (bucket.ObjectLock, bucket.RetentionMode, bucket.RetentionDays) = (true, "COMPLIANCE", 30));

        await RefusesAsync(() => client.PutObjectAsync(Put("content"), Stop), "InvalidRequest", 400);
    }

    [Fact]
    public async Task An_object_with_a_retention_needs_the_checksum_s_algorithm_too()
    {
        using var client = Client();
        _bucket.Change(bucket => (bucket.ObjectLock, bucket.RetentionMode, bucket.RetentionDays) = (true, "COMPLIANCE", 30));
        var put = Put("content");
        put.ChecksumSHA256 = "7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=";
        await RefusesAsync(() => client.PutObjectAsync(put, Stop), "InvalidRequest", 400);

        put = Put("content");
        (put.ChecksumSHA256, put.ChecksumAlgorithm) = ("7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=", ChecksumAlgorithm.SHA256);
        await client.PutObjectAsync(put, Stop);
    }

    [Theory]
    [InlineData("x-amz-checksum-sha256: short", "Value for x-amz-checksum-sha256 header is invalid.")]
    [InlineData("x-amz-sdk-checksum-algorithm: SHA256", "no corresponding x-amz-checksum-* or x-amz-trailer headers were found")]
    [InlineData("x-amz-sdk-checksum-algorithm: MD4", "Checksum algorithm provided is unsupported")]
    [InlineData(
        "x-amz-checksum-crc32: AAAAAA==, x-amz-checksum-sha1: AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "Expecting a single x-amz-checksum- header")]
    public async Task Checksum_headers_that_do_not_fit_together_are_refused(string headers, string message)
    {
        using var client = Client();
        var put = Put("content");
        foreach (var header in headers.Split(", "))
            put.Headers[header.Split(": ")[0]] = header.Split(": ")[1];

        (await client.Awaiting(each => each.PutObjectAsync(put, Stop)).Should().ThrowAsync<AmazonS3Exception>()).Which.Message.Should()
            .Contain(message);
    }

    [Fact]
    public async Task A_retention_that_is_over_already_is_refused()
    {
        using var client = Client();
        _bucket.Change(bucket => bucket.ObjectLock = true);
        var put = Put("content");
        put.ObjectLockMode = ObjectLockMode.Governance;
        put.ObjectLockRetainUntilDate = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        await RefusesAsync(() => client.PutObjectAsync(put, Stop), "InvalidArgument", 400);
    }

    [Fact]
    public async Task A_wrong_checksum_is_refused()
    {
        using var client = Client();
        var put = Put("content");
        put.ChecksumSHA256 = Convert.ToBase64String(new byte[32]);

        await RefusesAsync(() => client.PutObjectAsync(put, Stop), "BadDigest", 400);
    }

    [Fact]
    public async Task A_condition_other_than_newness_is_not_implemented()
    {
        using var client = Client();
        var put = Put("content");
        put.IfNoneMatch = "\"tag\"";

        await RefusesAsync(() => client.PutObjectAsync(put, Stop), "NotImplemented", 501);
    }

    [Fact]
    public async Task Without_a_condition_an_object_is_replaced()
    {
        using var client = Client();

        await client.PutObjectAsync(Put("first"), Stop);
        await client.PutObjectAsync(Put("second"), Stop);

        _bucket.Find("a")!.Body.Should().Equal("second"u8.ToArray());
    }

    [Fact]
    public async Task A_page_has_a_thousand_names_at_most_and_a_token_for_the_rest()
    {
        using var client = Client();
        _bucket.Change(bucket =>
        {
            for (var number = 0; number < 1_001; number++)
                bucket.Objects[$"k{number:D4}"] = new S3ObjectState { ETag = "\"e\"" };
        });

        var first = await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = BucketUnderTest.Name, MaxKeys = 5_000 }, Stop);
        var second = await client.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = BucketUnderTest.Name, ContinuationToken = first.NextContinuationToken }, Stop);

        (first.S3Objects.Count, first.IsTruncated, second.S3Objects.Single().Key, second.IsTruncated).Should()
            .Be((1_000, true, "k1000", false));
    }

    [Fact]
    public async Task A_body_in_chunks_is_said_to_be_beyond_the_stand_in()
    {
        using var client = Client();
        var put = Put("content");
        put.UseChunkEncoding = true;

        await RefusesAsync(() => client.PutObjectAsync(put, Stop), "NotImplemented", 501);
    }

    private static PutObjectRequest Put(string content, string key = "a") =>
        new() { BucketName = BucketUnderTest.Name, Key = key, ContentBody = content, UseChunkEncoding = false };

    private static async Task RefusesAsync(Func<Task> call, string code, int status)
    {
        var refusal = (await call.Should().ThrowAsync<AmazonS3Exception>()).Which;
        (refusal.ErrorCode, (int)refusal.StatusCode).Should().Be((code, status));
    }

    private AmazonS3Client Client(string secret = BucketUnderTest.SecretKey, string key = BucketUnderTest.AccessKey) =>
        new(
            new BasicAWSCredentials(key, secret),
            new AmazonS3Config
            {
                ServiceURL = _bucket.Endpoint.ToString(),
                AuthenticationRegion = BucketUnderTest.Region,
                ForcePathStyle = true,
                MaxErrorRetry = 0,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            });
}
