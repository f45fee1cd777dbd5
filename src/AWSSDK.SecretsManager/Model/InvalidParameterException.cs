using System.Net;
using Amazon.Runtime;

namespace Amazon.SecretsManager.Model;

/// <summary>A parameter is wrong, or a label is not where the call expects it.</summary>
public class InvalidParameterException : AmazonSecretsManagerException
{
    /// <summary>A failure without an answer.</summary>
    public InvalidParameterException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal.</summary>
    public InvalidParameterException(
        string message, Exception innerException, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
