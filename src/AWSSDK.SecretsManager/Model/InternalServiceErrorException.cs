using System.Net;
using Amazon.Runtime;

namespace Amazon.SecretsManager.Model;

/// <summary>The service failed.</summary>
public class InternalServiceErrorException : AmazonSecretsManagerException
{
    /// <summary>A failure without an answer.</summary>
    public InternalServiceErrorException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal.</summary>
    public InternalServiceErrorException(
        string message, Exception innerException, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
