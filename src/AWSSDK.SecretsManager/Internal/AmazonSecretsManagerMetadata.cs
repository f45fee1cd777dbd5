using Amazon.Runtime.Internal;

namespace Amazon.SecretsManager.Internal;

/// <summary>How the SDK's telemetry and settings call this service.</summary>
public class AmazonSecretsManagerMetadata : IServiceMetadata
{
    /// <inheritdoc />
    public string ServiceId => "Secrets Manager";

    /// <inheritdoc />
    public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
