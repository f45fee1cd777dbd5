using System.Net;
using Amazon.Runtime;

namespace Amazon.SecretsManager.Model;

/// <summary>A resource policy is wrong.</summary>
public class MalformedPolicyDocumentException : AmazonSecretsManagerException
{
    /// <summary>A failure without an answer.</summary>
    public MalformedPolicyDocumentException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal.</summary>
    public MalformedPolicyDocumentException(
        string message, Exception innerException, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
