using Amazon.IdentityManagement.Internal;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Util.Internal;

namespace Amazon.IdentityManagement;

/// <summary>How the client reaches IAM: region or address, timeouts, retries.</summary>
public class AmazonIdentityManagementServiceConfig : ClientConfig
{
    private static readonly string UserAgentString = InternalSDKUtils.BuildUserAgentString("Identity_Management", "4.0.0.0");

    /// <summary>The SDK's usual settings.</summary>
    public AmazonIdentityManagementServiceConfig()
        : base(new UsualSettings())
    {
        ServiceId = "IAM";
        AuthenticationServiceName = "iam";
        EndpointProvider = new AmazonIdentityManagementServiceEndpointProvider();
    }

    /// <inheritdoc />
    public override string RegionEndpointServiceName => "iam";

    /// <inheritdoc />
    public override string ServiceVersion => "2010-05-08";

    /// <inheritdoc />
    public override string UserAgent => UserAgentString;

    /// <inheritdoc />
    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters) =>
        EndpointProvider.ResolveEndpoint(AmazonIdentityManagementServiceEndpointResolver.ParametersOf(this));

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
