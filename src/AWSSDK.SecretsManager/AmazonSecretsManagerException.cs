using System.Net;
using Amazon.Runtime;

namespace Amazon.SecretsManager;

/// <summary>Secrets Manager refused a call. The derived types tell why; for codes without one, see
/// <see cref="AmazonServiceException.ErrorCode"/>.</summary>
public class AmazonSecretsManagerException : AmazonServiceException
{
    /// <summary>A failure without an answer.</summary>
    public AmazonSecretsManagerException(string message)
        : base(message)
    {
    }

    /// <summary>A failure without an answer.</summary>
    public AmazonSecretsManagerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A failure without an answer.</summary>
    public AmazonSecretsManagerException(Exception innerException)
        : base(innerException.Message, innerException)
    {
    }

    /// <summary>A refusal.</summary>
    public AmazonSecretsManagerException(string message, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, errorType, errorCode, requestId, statusCode)
    {
    }

    /// <summary>A refusal.</summary>
    public AmazonSecretsManagerException(
        string message, Exception innerException, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
