using Amazon.Runtime;
using Amazon.Runtime.Internal.Transform;

namespace Amazon.IdentityManagement.Model;

/// <summary>A key was made.</summary>
public class CreateAccessKeyResponse : AmazonWebServiceResponse
{
    /// <summary>The key.</summary>
    public AccessKey AccessKey { get; set; }

    internal static void Read(CreateAccessKeyResponse response, XmlUnmarshallerContext context)
    {
        if (context.TestExpression("CreateAccessKeyResult/AccessKey"))
            response.AccessKey = new AccessKey();
        else if (context.TestExpression("AccessKey/AccessKeyId"))
            response.AccessKey.AccessKeyId = context.ReadText();
        else if (context.TestExpression("AccessKey/SecretAccessKey"))
            response.AccessKey.SecretAccessKey = context.ReadText();
        else if (context.TestExpression("AccessKey/Status"))
            response.AccessKey.Status = new StatusType(context.ReadText());
        else if (context.TestExpression("AccessKey/UserName"))
            response.AccessKey.UserName = context.ReadText();
        else if (context.TestExpression("AccessKey/CreateDate"))
            response.AccessKey.CreateDate = Time.Read(context);
    }
}
