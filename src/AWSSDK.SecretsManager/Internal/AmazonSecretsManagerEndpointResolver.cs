using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.SecretsManager.Endpoints;
using Amazon.Util;

namespace Amazon.SecretsManager.Internal;

/// <summary>Tells the pipeline where a request goes.</summary>
public class AmazonSecretsManagerEndpointResolver : BaseEndpointResolver
{
    /// <summary>What the configuration says of the address.</summary>
    internal static SecretsManagerEndpointParameters ParametersOf(IClientConfig config, RegionEndpoint alternate) => new()
    {
        Region = alternate?.SystemName ?? config.RegionEndpoint?.SystemName ?? SigningRegion(config),
        UseDualStack = config.UseDualstackEndpoint,
        UseFIPS = config.UseFIPSEndpoint,
        Endpoint = config.ServiceURL,
    };

    /// <inheritdoc />
    protected override EndpointParameters MapEndpointsParameters(IRequestContext requestContext)
    {
        ArgumentNullException.ThrowIfNull(requestContext);
        return ParametersOf(requestContext.ClientConfig, requestContext.Request.AlternateEndpoint);
    }

    private static string SigningRegion(IClientConfig config) =>
        !string.IsNullOrEmpty(config.AuthenticationRegion) ? config.AuthenticationRegion
        : !string.IsNullOrEmpty(config.ServiceURL) ? AWSSDKUtils.DetermineRegion(config.ServiceURL)
        : null;
}
