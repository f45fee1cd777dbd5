using System.Net;
using Amazon.Runtime;

namespace Amazon.SecretsManager.Model;

/// <summary>The secret is in a state that does not allow the call, such as scheduled for deletion.</summary>
public class InvalidRequestException : AmazonSecretsManagerException
{
    /// <summary>A failure without an answer.</summary>
    public InvalidRequestException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal.</summary>
    public InvalidRequestException(
        string message, Exception innerException, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
