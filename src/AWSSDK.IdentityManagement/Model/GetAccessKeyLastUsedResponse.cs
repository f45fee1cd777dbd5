using Amazon.Runtime;
using Amazon.Runtime.Internal.Transform;

namespace Amazon.IdentityManagement.Model;

/// <summary>When a key was used last.</summary>
public class GetAccessKeyLastUsedResponse : AmazonWebServiceResponse
{
    /// <summary>When and for what.</summary>
    public AccessKeyLastUsed AccessKeyLastUsed { get; set; }

    /// <summary>Whose key it is.</summary>
    public string UserName { get; set; }

    internal static void Read(GetAccessKeyLastUsedResponse response, XmlUnmarshallerContext context)
    {
        if (context.TestExpression("GetAccessKeyLastUsedResult/AccessKeyLastUsed"))
            response.AccessKeyLastUsed = new AccessKeyLastUsed();
        else if (context.TestExpression("AccessKeyLastUsed/LastUsedDate"))
            response.AccessKeyLastUsed.LastUsedDate = Time.Read(context);
        else if (context.TestExpression("AccessKeyLastUsed/ServiceName"))
            response.AccessKeyLastUsed.ServiceName = context.ReadText();
        else if (context.TestExpression("AccessKeyLastUsed/Region"))
            response.AccessKeyLastUsed.Region = context.ReadText();
        else if (context.TestExpression("GetAccessKeyLastUsedResult/UserName"))
            response.UserName = context.ReadText();
    }
}
