using System.Net;
using Amazon.Runtime;

namespace Amazon.SecretsManager.Model;

/// <summary>A version with that token exists with another value, or a secret of that name exists.</summary>
public class ResourceExistsException : AmazonSecretsManagerException
{
    /// <summary>A failure without an answer.</summary>
    public ResourceExistsException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal.</summary>
    public ResourceExistsException(
        string message, Exception innerException, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
