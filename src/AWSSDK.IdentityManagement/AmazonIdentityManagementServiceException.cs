using System.Net;
using Amazon.Runtime;

namespace Amazon.IdentityManagement;

/// <summary>IAM refused a call; <see cref="AmazonServiceException.ErrorCode"/> tells why.</summary>
public class AmazonIdentityManagementServiceException : AmazonServiceException
{
    /// <summary>A refusal.</summary>
    public AmazonIdentityManagementServiceException(
        string message, Exception innerException, ErrorType errorType, string errorCode, string requestId, HttpStatusCode statusCode)
        : base(message, innerException, errorType, errorCode, requestId, statusCode)
    {
    }
}
