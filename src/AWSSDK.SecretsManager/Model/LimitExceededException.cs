using System.Net;
using Amazon.Runtime;

namespace Amazon.SecretsManager.Model;

/// <summary>A quota of the account or of the secret is used up.</summary>
public class LimitExceededException : AmazonSecretsManagerException
{
    /// <summary>A failure without an answer.</summary>
    public LimitExceededException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal.</summary>
    public LimitExceededException(
        string message, Exception innerException, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
