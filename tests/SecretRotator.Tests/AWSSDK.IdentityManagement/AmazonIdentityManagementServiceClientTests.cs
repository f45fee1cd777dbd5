using System.Net;
using Amazon;
using Amazon.IdentityManagement;
using Amazon.IdentityManagement.Model;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;

namespace SecretRotator.Tests.AWSSDK.IdentityManagement;

/// <summary>What our part of Amazon's client does by itself. Left out of a build against Amazon's package.</summary>
public sealed class AmazonIdentityManagementServiceClientTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("eu-west-1", "https://iam.amazonaws.com/", "us-east-1")]
    [InlineData("us-gov-east-1", "https://iam.us-gov.amazonaws.com/", "us-gov-west-1")]
    [InlineData("cn-northwest-1", "https://iam.cn-north-1.amazonaws.com.cn/", "cn-north-1")]
    public async Task Each_partition_has_one_address_and_signs_for_its_region(string region, string address, string signedFor)
    {
        using var service = new RecordingService(HttpStatusCode.OK, Answer("DeleteAccessKey", ""));
        using var client = Client(
            service, new AmazonIdentityManagementServiceConfig { RegionEndpoint = RegionEndpoint.GetBySystemName(region) });

        await client.DeleteAccessKeyAsync(new DeleteAccessKeyRequest { UserName = "a", AccessKeyId = "AKIA" }, Stop);

        service.Address.Should().Be(address);
        service.Authorization.Should().Contain($"/{signedFor}/iam/aws4_request");
        service.Body.Should().Contain("Action=DeleteAccessKey").And.Contain("Version=2010-05-08").And.Contain("UserName=a");
    }

    [Fact]
    public void A_partition_that_is_not_known_is_told() =>
        new AmazonIdentityManagementServiceConfig { RegionEndpoint = RegionEndpoint.GetBySystemName("us-iso-east-1") }
            .Invoking(
                config => config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new ListAccessKeysRequest())))
            .Should().Throw<AmazonClientException>().WithMessage("*aws-iso*");

    [Fact]
    public async Task A_key_is_read_whole()
    {
        using var service = new RecordingService(HttpStatusCode.OK, Answer("CreateAccessKey", """
            <CreateAccessKeyResult><AccessKey><UserName>a</UserName><AccessKeyId>AKIA1</AccessKeyId><Status>Active</Status>
            <SecretAccessKey>a+b/&amp;c</SecretAccessKey><CreateDate>2026-11-28T15:00:07Z</CreateDate></AccessKey></CreateAccessKeyResult>
            """));
        using var client = Client(service);

        var key = (await client.CreateAccessKeyAsync(new CreateAccessKeyRequest { UserName = "a" }, Stop)).AccessKey;

        (key.AccessKeyId, key.SecretAccessKey, key.Status.Value, key.UserName).Should().Be(("AKIA1", "a+b/&c", "Active", "a"));
        key.CreateDate.Should().Be(new DateTime(2026, 11, 28, 15, 0, 7, DateTimeKind.Utc));
    }

    [Theory]
    [InlineData("<html><body>Sign in to hunter2</body></html>")]
    [InlineData("<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey><SecretAccessKey>hunter2</Secret")]
    [InlineData("<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey><SecretAccessKey>hunter2</SecretAccessKey><CreateDate>soon")]
    [InlineData("hunter2")]
    [InlineData("")]
    public async Task An_answer_that_is_not_the_operation_s_gives_nothing_of_itself_away(string body)
    {
        using var service = new RecordingService(HttpStatusCode.OK, body);
        using var client = Client(service);

        var thrown = (await client.Invoking(c => c.CreateAccessKeyAsync(new CreateAccessKeyRequest { UserName = "a" }, Stop)).Should()
            .ThrowAsync<AmazonUnmarshallingException>()).Which;

        thrown.ResponseBody.Should().BeNull();
        thrown.InnerException.Should().BeNull();
        thrown.ToString().Should().NotContain("hunter2");
    }

    [Fact]
    public async Task A_refusal_has_its_code()
    {
        using var service = new RecordingService(
            HttpStatusCode.Conflict,
            "<ErrorResponse><Error><Type>Sender</Type><Code>LimitExceeded</Code><Message>said</Message></Error>"
                + "<RequestId>r</RequestId></ErrorResponse>");
        using var client = Client(service);

        var refused = (await client.Invoking(c => c.CreateAccessKeyAsync(new CreateAccessKeyRequest { UserName = "a" }, Stop)).Should()
            .ThrowAsync<AmazonIdentityManagementServiceException>()).Which;

        (refused.ErrorCode, refused.Message, refused.StatusCode).Should().Be(("LimitExceeded", "said", HttpStatusCode.Conflict));
    }

    private static string Answer(string operation, string result) =>
        $"<{operation}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">{result}<ResponseMetadata><RequestId>r</RequestId>"
            + $"</ResponseMetadata></{operation}Response>";

    private static AmazonIdentityManagementServiceClient Client(
        RecordingService service, AmazonIdentityManagementServiceConfig? config = null)
    {
        config ??= new() { RegionEndpoint = RegionEndpoint.EUWest1 };
        config.HttpClientFactory = new Factory(service);
        config.MaxErrorRetry = 0;
        return new(new BasicAWSCredentials("AKIA", "secret"), config);
    }

    private sealed class Factory(RecordingService service) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(service, disposeHandler: false);

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;
    }

    private sealed class RecordingService(HttpStatusCode status, string answer) : HttpMessageHandler
    {
        public string? Address { get; private set; }

        public string? Authorization { get; private set; }

        public string? Body { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Address = request.RequestUri!.AbsoluteUri;
            Authorization = request.Headers.GetValues("Authorization").Single();
            Body = await request.Content!.ReadAsStringAsync(cancellationToken);
            return new HttpResponseMessage(status)
            {
                RequestMessage = request,
                Content = new StringContent(answer, Encoding.UTF8, "text/xml"),
            };
        }
    }
}
