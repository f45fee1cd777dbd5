using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;

namespace Amazon.IdentityManagement.Internal;

/// <summary>IAM answers at one place in each partition (https://docs.aws.amazon.com/general/latest/gr/iam-service.html).</summary>
internal sealed class AmazonIdentityManagementServiceEndpointProvider : IEndpointProvider
{
    /// <summary>The address for these parameters.</summary>
    /// <exception cref="AmazonClientException">There is no region, or its partition isn't known.</exception>
    public Endpoint ResolveEndpoint(EndpointParameters parameters)
    {
        var asked = (IdentityManagementServiceEndpointParameters)parameters;
        if (!string.IsNullOrEmpty(asked.Endpoint))
            return new Endpoint(asked.Endpoint);
        if (string.IsNullOrEmpty(asked.Region))
            throw new AmazonClientException("Invalid Configuration: Missing Region");
        return (string)Fn.Partition(asked.Region)["name"] switch
        {
            "aws" => Of("iam.amazonaws.com", "us-east-1"),
            "aws-cn" => Of("iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            "aws-us-gov" => Of("iam.us-gov.amazonaws.com", "us-gov-west-1"),
            var other => throw new AmazonClientException($"The address of IAM in the partition {other} isn't known."),
        };
    }

    private static Endpoint Of(string host, string region) => new(
        $"https://{host}", $$"""{"authSchemes":[{"name":"sigv4","signingName":"iam","signingRegion":"{{region}}"}]}""", "");
}
