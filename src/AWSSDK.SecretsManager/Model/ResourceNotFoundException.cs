using System.Net;
using Amazon.Runtime;

namespace Amazon.SecretsManager.Model;

/// <summary>The secret, the version or the label does not exist.</summary>
public class ResourceNotFoundException : AmazonSecretsManagerException
{
    /// <summary>A failure without an answer.</summary>
    public ResourceNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal.</summary>
    public ResourceNotFoundException(
        string message, Exception innerException, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
