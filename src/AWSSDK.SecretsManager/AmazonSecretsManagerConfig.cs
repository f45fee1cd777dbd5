using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.SecretsManager.Internal;
using Amazon.Util.Internal;

namespace Amazon.SecretsManager;

/// <summary>How the client reaches Secrets Manager: region or address, timeouts, retries.</summary>
public class AmazonSecretsManagerConfig : ClientConfig
{
    private static readonly string UserAgentString = InternalSDKUtils.BuildUserAgentString("Secrets_Manager", "4.0.0.0");

    /// <summary>The SDK's usual settings.</summary>
    public AmazonSecretsManagerConfig()
        : base(new UsualSettings())
    {
        ServiceId = "Secrets Manager";
        AuthenticationServiceName = "secretsmanager";
        EndpointProvider = new AmazonSecretsManagerEndpointProvider();
    }

    /// <inheritdoc />
    public override string RegionEndpointServiceName => "secretsmanager";

    /// <inheritdoc />
    public override string ServiceVersion => "2017-10-17";

    /// <inheritdoc />
    public override string UserAgent => UserAgentString;

    /// <inheritdoc />
    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) =>
        EndpointProvider.ResolveEndpoint(AmazonSecretsManagerEndpointResolver.ParametersOf(this, parameters?.AlternateEndpoint));

    private sealed class UsualSettings : IDefaultConfigurationProvider
    {
        public IDefaultConfiguration GetDefaultConfiguration(
            RegionEndpoint clientRegion, DefaultConfigurationMode? requestedConfigurationMode = null) =>
            new DefaultConfiguration
            {
                Name = DefaultConfigurationMode.Standard,
                RetryMode = RequestRetryMode.Standard,
                S3UsEast1RegionalEndpoint = S3UsEast1RegionalEndpointValue.Regional,
                ConnectTimeout = TimeSpan.FromSeconds(3.1),
                TlsNegotiationTimeout = TimeSpan.FromSeconds(3.1),
                TimeToFirstByteTimeout = null,
                HttpRequestTimeout = null,
            };
    }
}
