using Amazon.IdentityManagement.Model;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;

namespace Amazon.IdentityManagement.Internal;

/// <summary>Writes a request in the AWS query protocol.</summary>
internal sealed class QueryRequestMarshaller : IMarshaller<IRequest, AmazonWebServiceRequest>
{
    public static QueryRequestMarshaller Instance { get; } = new();

    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var asked = (AmazonIdentityManagementServiceRequest)input;
        var request = new DefaultRequest(asked, "Amazon.IdentityManagement") { HttpMethod = "POST", ResourcePath = "/" };
        request.Parameters.Add("Action", asked.Operation);
        request.Parameters.Add("Version", "2010-05-08");
        foreach (var (name, value) in asked.Parameters)
        {
            if (value is not null)
                request.Parameters.Add(name, value);
        }

        return request;
    }
}
