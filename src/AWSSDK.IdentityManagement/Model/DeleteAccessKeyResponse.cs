using Amazon.Runtime;

namespace Amazon.IdentityManagement.Model;

/// <summary>The key is gone.</summary>
public class DeleteAccessKeyResponse : AmazonWebServiceResponse
{
}
