using System.Net;
using System.Xml;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Transform;

namespace Amazon.IdentityManagement.Internal;

/// <summary>Reads an answer in the AWS query protocol.</summary>
/// <param name="root">The name of its root, without which it isn't the operation's.</param>
/// <param name="read">Takes over what an element holds, at its start.</param>
internal sealed class QueryAnswerUnmarshaller<TResponse>(string root, Action<TResponse, XmlUnmarshallerContext> read)
    : XmlResponseUnmarshaller
    where TResponse : AmazonWebServiceResponse, new()
{
    public override AmazonWebServiceResponse Unmarshall(XmlUnmarshallerContext input)
    {
        try
        {
            var response = new TResponse();
            var isAnswer = false;
            while (input.Read())
            {
                if (!input.IsStartElement)
                    continue;
                isAnswer |= input.CurrentPath.TrimStart('/').Split('/')[0] == root;
                if (isAnswer)
                    read(response, input);
            }

            return isAnswer ? response : throw new FormatException();
        }
        catch (Exception garbled) when (garbled is XmlException or FormatException or InvalidOperationException or ArgumentException)
        {
            // Neither the body nor the parser's words: both may hold a secret.
            throw new AmazonUnmarshallingException(
                input.ResponseData.GetHeaderValue("x-amzn-RequestId"), null, null, input.ResponseData.StatusCode);
        }
    }

    public override AmazonServiceException UnmarshallException(
        XmlUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        string code = null, message = null, request = null;
        try
        {
            while (input.Read())
            {
                if (!input.IsStartElement)
                    continue;
                if (input.TestExpression("Error/Code"))
                    code = input.ReadText();
                else if (input.TestExpression("Error/Message"))
                    message = input.ReadText();
                else if (input.TestExpression("RequestId"))
                    request = input.ReadText();
            }
        }
        catch (XmlException)
        {
            // A proxy's page: the status has to do.
        }

        return new AmazonIdentityManagementServiceException(
            message ?? $"The service answered {(int)statusCode}.", innerException, ErrorType.Unknown, code, request, statusCode);
    }
}
