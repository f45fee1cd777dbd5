using Amazon.Runtime;
using Amazon.Runtime.Internal.Transform;

namespace Amazon.IdentityManagement.Model;

/// <summary>One page of a user's keys.</summary>
public class ListAccessKeysResponse : AmazonWebServiceResponse
{
    /// <summary>The keys.</summary>
    public List<AccessKeyMetadata> AccessKeyMetadata { get; set; } = [];

    /// <summary>Whether there is another page.</summary>
    public bool? IsTruncated { get; set; }

    /// <summary>How the next page is asked for, or null.</summary>
    public string Marker { get; set; }

    internal static void Read(ListAccessKeysResponse response, XmlUnmarshallerContext context)
    {
        if (context.TestExpression("AccessKeyMetadata/member"))
            response.AccessKeyMetadata.Add(new AccessKeyMetadata());
        else if (context.TestExpression("member/AccessKeyId"))
            response.AccessKeyMetadata[^1].AccessKeyId = context.ReadText();
        else if (context.TestExpression("member/Status"))
            response.AccessKeyMetadata[^1].Status = new StatusType(context.ReadText());
        else if (context.TestExpression("member/UserName"))
            response.AccessKeyMetadata[^1].UserName = context.ReadText();
        else if (context.TestExpression("member/CreateDate"))
            response.AccessKeyMetadata[^1].CreateDate = Time.Read(context);
        else if (context.TestExpression("ListAccessKeysResult/IsTruncated"))
            response.IsTruncated = bool.Parse(context.ReadText());
        else if (context.TestExpression("ListAccessKeysResult/Marker"))
            response.Marker = context.ReadText();
    }
}
