using Amazon.Runtime.Internal;

namespace Amazon.IdentityManagement.Internal;

/// <summary>How the SDK's telemetry and settings call this service.</summary>
public class AmazonIdentityManagementServiceMetadata : IServiceMetadata
{
    /// <inheritdoc />
    public string ServiceId => "IAM";

    /// <inheritdoc />
    public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
