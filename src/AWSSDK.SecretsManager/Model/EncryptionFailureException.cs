using System.Net;
using Amazon.Runtime;

namespace Amazon.SecretsManager.Model;

/// <summary>The key of the secret could not be used to encrypt it: missing, disabled or not allowed.</summary>
public class EncryptionFailureException : AmazonSecretsManagerException
{
    /// <summary>A failure without an answer.</summary>
    public EncryptionFailureException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal.</summary>
    public EncryptionFailureException(
        string message, Exception innerException, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
