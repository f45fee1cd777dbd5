using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;

namespace Amazon.IdentityManagement.Internal;

/// <summary>Tells the pipeline where a request goes.</summary>
internal sealed class AmazonIdentityManagementServiceEndpointResolver : BaseEndpointResolver
{
    /// <summary>What the configuration says of the address.</summary>
    internal static IdentityManagementServiceEndpointParameters ParametersOf(IClientConfig config) => new()
    {
        Region = config.RegionEndpoint?.SystemName,
        Endpoint = config.ServiceURL,
    };

    /// <inheritdoc />
    protected override EndpointParameters MapEndpointsParameters(IRequestContext requestContext) =>
        ParametersOf(requestContext.ClientConfig);
}
