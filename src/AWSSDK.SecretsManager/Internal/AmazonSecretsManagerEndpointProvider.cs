using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;
using Amazon.SecretsManager.Endpoints;

namespace Amazon.SecretsManager.Internal;

/// <summary>Secrets Manager's rules for addresses (https://docs.aws.amazon.com/general/latest/gr/asm.html).</summary>
public class AmazonSecretsManagerEndpointProvider : IEndpointProvider
{
    /// <summary>The address for these parameters.</summary>
    /// <exception cref="AmazonClientException">The parameters contradict each other, or the partition lacks what they ask for.</exception>
    public Endpoint ResolveEndpoint(EndpointParameters parameters)
    {
        var asked = (SecretsManagerEndpointParameters)parameters;
        var (fips, dualStack) = (asked.UseFIPS == true, asked.UseDualStack == true);
        if (!string.IsNullOrEmpty(asked.Endpoint))
        {
            if (fips)
                throw new AmazonClientException("Invalid Configuration: FIPS and custom endpoint are not supported");
            if (dualStack)
                throw new AmazonClientException("Invalid Configuration: Dualstack and custom endpoint are not supported");
            return new Endpoint(asked.Endpoint);
        }

        if (string.IsNullOrEmpty(asked.Region))
            throw new AmazonClientException("Invalid Configuration: Missing Region");
        var partition = Fn.Partition(asked.Region);
        if (fips && !(bool)partition["supportsFIPS"])
            throw new AmazonClientException("FIPS is enabled but this partition does not support FIPS");
        if (dualStack && !(bool)partition["supportsDualStack"])
            throw new AmazonClientException("DualStack is enabled but this partition does not support DualStack");
        var suffix = partition[dualStack ? "dualStackDnsSuffix" : "dnsSuffix"];
        return new Endpoint($"https://secretsmanager{(fips ? "-fips" : "")}.{asked.Region}.{suffix}");
    }
}
