using Amazon.Runtime;

namespace Amazon.IdentityManagement.Model;

/// <summary>The key is as it was asked to be.</summary>
public class UpdateAccessKeyResponse : AmazonWebServiceResponse
{
}
