using System.Net;
using Amazon.Runtime;

namespace Amazon.SecretsManager.Model;

/// <summary>Something that the call needs is not there.</summary>
public class PreconditionNotMetException : AmazonSecretsManagerException
{
    /// <summary>A failure without an answer.</summary>
    public PreconditionNotMetException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal.</summary>
    public PreconditionNotMetException(
        string message, Exception innerException, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
