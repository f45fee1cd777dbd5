using System.Security.Authentication;
using Amazon.SecurityToken;
using Azure.Identity;
using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Azure;
using SecretRotator.Providers.Http;
using SecretRotator.Telemetry;

namespace SecretRotator.Tests.Providers.Http;

/// <summary>Wherever a certificate isn't trusted, the setting that helps is named. Bitbucket and Key Vault have it in tests of their
/// own.</summary>
public sealed class TlsTrustTests
{
    private static readonly HttpRequestException Untrusted = new(
        HttpRequestError.SecureConnectionError, inner: new AuthenticationException());

    [Fact]
    public void An_untrusted_certificate_of_Secrets_Manager_points_to_the_bundle() =>
        AwsFailures.Of(Untrusted, "reading prod/db", "prod/db", writes: false).Hint.Should().Be(TlsTrust.Hint);

    [Fact]
    public void An_untrusted_certificate_of_STS_points_to_the_bundle() =>
        AwsFailures.Of(new AmazonSecurityTokenServiceException("no answer", Untrusted), "reading prod/db", "prod/db", writes: false).Hint
            .Should().Be(TlsTrust.Hint);

    [Fact]
    public void An_untrusted_certificate_of_S3_points_to_the_bundle() =>
        new S3Failures(S3Location.Parse("s3://acme-evidence/a"), "eu-west-1", S3Rules.OfTheBucket)
            .Of(Untrusted, "storing a", S3Archive.PutAction).Hint.Should().Be(TlsTrust.Hint);

    [Fact]
    public void An_untrusted_certificate_of_Key_Vault_points_to_the_bundle() =>
        KeyVaultFailure.Of(Untrusted, "db could not be read", writes: false).Hint.Should().Be(TlsTrust.Hint);

    [Fact]
    public void An_untrusted_certificate_of_Entra_points_to_the_bundle() =>
        KeyVaultFailure.Of(new AuthenticationFailedException("no token", Untrusted), "db could not be read", writes: false).Hint.Should()
            .Be(TlsTrust.Hint);

    [Fact]
    public void An_untrusted_certificate_of_a_collector_points_to_the_bundle()
    {
        List<string> failures = [];
        using var client = new HttpClient(new NotingHandler(failures.Add, new Refusing()));

        using var request = new HttpRequestMessage(HttpMethod.Post, "https://collector.acme.example");
        client.Invoking(c => c.Send(request, TestContext.Current.CancellationToken)).Should().Throw<HttpRequestException>();

        failures.Should().ContainSingle().Which.Should().Contain("tls.caBundle");
    }

    [Fact]
    public void Another_broken_connection_does_not() =>
        TlsTrust.IsMissing(new HttpRequestException(HttpRequestError.NameResolutionError)).Should().BeFalse();

    private sealed class Refusing : HttpMessageHandler
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => throw Untrusted;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
