using Amazon.Runtime;

namespace Amazon.SecretsManager.Model;

/// <summary>An empty answer.</summary>
public class UntagResourceResponse : AmazonWebServiceResponse
{
}
