using System.Net;
using Amazon.Runtime;

namespace Amazon.SecretsManager.Model;

/// <summary>The token of a further page is wrong.</summary>
public class InvalidNextTokenException : AmazonSecretsManagerException
{
    /// <summary>A failure without an answer.</summary>
    public InvalidNextTokenException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal.</summary>
    public InvalidNextTokenException(
        string message, Exception innerException, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
