using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.SecretsManager;
using Amazon.SecretsManager.Model;

namespace SecretRotator.Tests.AWSSDK.SecretsManager;

/// <summary>What our part of Amazon's client does by itself. Left out of a build against Amazon's package.</summary>
public sealed class AmazonSecretsManagerClientTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("eu-west-1", false, false, "https://secretsmanager.eu-west-1.amazonaws.com")]
    [InlineData("us-east-1", true, false, "https://secretsmanager-fips.us-east-1.amazonaws.com")]
    [InlineData("us-east-1", false, true, "https://secretsmanager.us-east-1.api.aws")]
    [InlineData("us-east-1", true, true, "https://secretsmanager-fips.us-east-1.api.aws")]
    [InlineData("us-gov-west-1", true, false, "https://secretsmanager-fips.us-gov-west-1.amazonaws.com")]
    [InlineData("cn-north-1", false, false, "https://secretsmanager.cn-north-1.amazonaws.com.cn")]
    public void An_address_follows_region_fips_and_dual_stack(string region, bool fips, bool dualStack, string address)
    {
        var config = new AmazonSecretsManagerConfig
        {
            RegionEndpoint = RegionEndpoint.GetBySystemName(region),
            UseFIPSEndpoint = fips,
            UseDualstackEndpoint = dualStack,
        };

        config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new DescribeSecretRequest())).URL.Should()
            .Be(address);
    }

    [Fact]
    public void An_address_that_is_given_overrides_the_rules()
    {
        var config = new AmazonSecretsManagerConfig { ServiceURL = "https://vpce-1.example.com/", AuthenticationRegion = "eu-west-1" };

        config.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new DescribeSecretRequest())).URL.Should()
            .Be("https://vpce-1.example.com/");
    }

    [Fact]
    public void An_address_that_is_given_can_not_be_asked_to_be_fips()
    {
        var config = new AmazonSecretsManagerConfig
        {
            ServiceURL = "https://vpce-1.example.com/",
            AuthenticationRegion = "eu-west-1",
            UseFIPSEndpoint = true,
        };

        config.Invoking(c => c.DetermineServiceOperationEndpoint(new ServiceOperationEndpointParameters(new DescribeSecretRequest())))
            .Should().Throw<AmazonClientException>().WithMessage("*FIPS and custom endpoint*");
    }

    [Fact]
    public async Task A_quota_that_is_used_up_is_not_tried_again()
    {
        var service = new RecordingService(
            HttpStatusCode.BadRequest, """{"__type":"LimitExceededException","Message":"too many versions"}""");

        await service.Client(retries: 1)
            .Invoking(c => c.PutSecretValueAsync(new PutSecretValueRequest { SecretId = "s", SecretString = "x" }, Stop))
            .Should().ThrowAsync<LimitExceededException>();

        service.Bodies.Should().ContainSingle();
    }

    [Fact]
    public async Task Throttling_is_tried_again()
    {
        var service = new RecordingService(HttpStatusCode.BadRequest, """{"__type":"ThrottlingException","message":"Rate exceeded"}""");

        await service.Client(retries: 1)
            .Invoking(c => c.DescribeSecretAsync(new DescribeSecretRequest { SecretId = "s" }, Stop))
            .Should().ThrowAsync<AmazonSecretsManagerException>();

        service.Bodies.Should().HaveCount(2);
    }

    [Theory]
    [InlineData("DecryptionFailure", typeof(DecryptionFailureException))]
    [InlineData("EncryptionFailure", typeof(EncryptionFailureException))]
    [InlineData("com.amazonaws.secretsmanager#InvalidParameterException", typeof(InvalidParameterException))]
    [InlineData("InvalidRequestException:http://internal/coral/", typeof(InvalidRequestException))]
    [InlineData("PreconditionNotMetException", typeof(PreconditionNotMetException))]
    [InlineData("ResourceExistsException", typeof(ResourceExistsException))]
    [InlineData("ResourceNotFoundException", typeof(ResourceNotFoundException))]
    [InlineData("SomethingNewException", typeof(AmazonSecretsManagerException))]
    public async Task An_error_becomes_the_exception_of_its_name(string type, Type expected)
    {
        var service = new RecordingService(HttpStatusCode.BadRequest, $$"""{"__type":"{{type}}","Message":"said"}""");

        var thrown = (await service.Client().Invoking(c => c.DescribeSecretAsync(new DescribeSecretRequest { SecretId = "s" }, Stop))
            .Should().ThrowAsync<AmazonSecretsManagerException>()).Which;

        thrown.Should().BeOfType(expected);
        (thrown.Message, thrown.StatusCode).Should().Be(("said", HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task An_answer_that_is_cut_short_gives_nothing_of_its_secret_away()
    {
        var service = new RecordingService(HttpStatusCode.OK, """{"Name":"s","SecretString":"hunter2-hunter2""");

        var thrown = (await service.Client().Invoking(c => c.GetSecretValueAsync(new GetSecretValueRequest { SecretId = "s" }, Stop))
            .Should().ThrowAsync<AmazonUnmarshallingException>()).Which;

        thrown.ToString().Should().NotContain("hunter2");
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("""{"Name":5}""")]
    [InlineData("""{"RotationEnabled":"true"}""")]
    [InlineData("""{"DeletedDate":"yesterday"}""")]
    [InlineData("""{"DeletedDate":1e300}""")]
    [InlineData("""{"DeletedDate":99999999999999}""")]
    [InlineData("""{"OwningService":{}}""")]
    [InlineData("""{"Tags":{}}""")]
    [InlineData("""{"Tags":[null]}""")]
    [InlineData("""{"VersionIdsToStages":[]}""")]
    [InlineData("""{"VersionIdsToStages":{"v1":[null]}}""")]
    [InlineData("""{"VersionIdsToStages":{"v1":null}}""")]
    [InlineData("""{"VersionIdsToStages":{"v1":["a"],"v1":["b"]}}""")]
    [InlineData("""{"Name":"a","Name":"b"}""")]
    [InlineData("{\"Name\":\"\\ud800\"}")]
    public async Task An_answer_that_isn_t_the_service_s_is_not_half_understood(string body)
    {
        var service = new RecordingService(HttpStatusCode.OK, body);

        await service.Client()
            .Invoking(c => c.DescribeSecretAsync(new DescribeSecretRequest { SecretId = "s" }, Stop))
            .Should().ThrowExactlyAsync<AmazonUnmarshallingException>();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    public async Task A_tag_is_answered_with_nothing_or_an_empty_object(string body)
    {
        var service = new RecordingService(HttpStatusCode.OK, body);

        await service.Client().Invoking(c => c.TagResourceAsync(new TagResourceRequest { SecretId = "s" }, Stop)).Should().NotThrowAsync();
    }

    [Fact]
    public async Task A_tag_that_is_answered_with_a_web_page_is_not_done()
    {
        var service = new RecordingService(HttpStatusCode.OK, "<html>Sign in</html>");

        await service.Client()
            .Invoking(c => c.TagResourceAsync(new TagResourceRequest { SecretId = "s" }, Stop))
            .Should().ThrowExactlyAsync<AmazonUnmarshallingException>();
    }

    [Fact]
    public async Task An_error_that_isn_t_Unicode_is_told_by_its_status()
    {
        var service = new RecordingService(HttpStatusCode.BadRequest, "{\"__type\":\"\\ud800\"}");

        (await service.Client()
            .Invoking(c => c.DescribeSecretAsync(new DescribeSecretRequest { SecretId = "s" }, Stop))
            .Should().ThrowExactlyAsync<AmazonSecretsManagerException>())
            .Which.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_answer_is_read_in_full()
    {
        var service = new RecordingService(
            HttpStatusCode.OK,
            """
            {"ARN":"arn:x","Name":"s","CreatedDate":1763860000.123,"RotationEnabled":true,"RotationRules":{"AutomaticallyAfterDays":30},"OwningService":"rds",
             "Tags":[{"Key":"a","Value":"b"}],"VersionIdsToStages":{"v1":["AWSCURRENT","x"],"v2":["AWSPREVIOUS"]},"Unknown":{"deep":[1]}}
            """);

        var answer = await service.Client().DescribeSecretAsync(new DescribeSecretRequest { SecretId = "s" }, Stop);

        (answer.Name, answer.RotationEnabled, answer.RotationRules.AutomaticallyAfterDays, answer.OwningService).Should()
            .Be(("s", true, 30, "rds"));
        answer.CreatedDate.Should().Be(new DateTime(2025, 11, 23, 1, 6, 40, 123, DateTimeKind.Utc));
        answer.Tags.Should().ContainSingle().Which.Value.Should().Be("b");
        answer.VersionIdsToStages["v1"].Should().Equal("AWSCURRENT", "x");
    }

    [Fact]
    public async Task Collections_that_are_missing_are_null_as_in_version_4()
    {
        var service = new RecordingService(HttpStatusCode.OK, """{"Name":"s"}""");

        var answer = await service.Client().DescribeSecretAsync(new DescribeSecretRequest { SecretId = "s" }, Stop);

        new object?[] { answer.Tags, answer.VersionIdsToStages, answer.CreatedDate, answer.RotationEnabled }.Should()
            .OnlyContain(member => member == null);
    }

    [Fact]
    public async Task A_request_says_what_it_was_given_and_nothing_else()
    {
        var service = new RecordingService(HttpStatusCode.OK, "{}");

        await service.Client().PutSecretValueAsync(
            new PutSecretValueRequest { SecretId = "s", ClientRequestToken = "t", SecretString = "a\"b\u00e9", VersionStages = ["one"] },
            Stop);

        service.Bodies.Should()
            .Equal("""{"SecretId":"s","ClientRequestToken":"t","SecretString":"a\u0022b\u00E9","VersionStages":["one"]}""");
        service.Targets.Should().Equal("secretsmanager.PutSecretValue");
    }

    /// <summary>Answers every call the same, and keeps what was sent.</summary>
    private sealed class RecordingService(HttpStatusCode status, string body) : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        public List<string> Targets { get; } = [];

        public AmazonSecretsManagerClient Client(int retries = 0) => new(
            new BasicAWSCredentials("AKIA", "secret"),
            new AmazonSecretsManagerConfig
            {
                ServiceURL = "http://127.0.0.1:9/",
                AuthenticationRegion = "eu-west-1",
                MaxErrorRetry = retries,
                HttpClientFactory = new Lender(this),
            });

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            Targets.Add(request.Headers.GetValues("X-Amz-Target").Single());
            return new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/x-amz-json-1.1") };
        }

        private sealed class Lender(HttpMessageHandler handler) : HttpClientFactory
        {
            public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(handler, disposeHandler: false);

            public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

            public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;
        }
    }
}
