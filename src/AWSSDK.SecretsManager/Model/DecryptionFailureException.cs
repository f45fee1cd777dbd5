using System.Net;
using Amazon.Runtime;

namespace Amazon.SecretsManager.Model;

/// <summary>The key of the secret could not be used to decrypt it.</summary>
public class DecryptionFailureException : AmazonSecretsManagerException
{
    /// <summary>A failure without an answer.</summary>
    public DecryptionFailureException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal.</summary>
    public DecryptionFailureException(
        string message, Exception innerException, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
