using System.Text.Json;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>Asks for the value of a version; of the current one where neither id nor label is given.</summary>
public class GetSecretValueRequest : AmazonSecretsManagerRequest
{
    /// <summary>The secret's name or ARN.</summary>
    public string SecretId { get; set; }

    /// <summary>The version, or null.</summary>
    public string VersionId { get; set; }

    /// <summary>A label of the version, or null.</summary>
    public string VersionStage { get; set; }

    internal override string Operation => "GetSecretValue";

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.Text("SecretId", SecretId);
        writer.Text("VersionId", VersionId);
        writer.Text("VersionStage", VersionStage);
    }
}
