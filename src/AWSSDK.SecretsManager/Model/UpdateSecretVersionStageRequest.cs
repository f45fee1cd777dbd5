using System.Text.Json;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>Attaches a label to a version, moves it, or takes it off.</summary>
public class UpdateSecretVersionStageRequest : AmazonSecretsManagerRequest
{
    /// <summary>The secret's name or ARN.</summary>
    public string SecretId { get; set; }

    /// <summary>The label.</summary>
    public string VersionStage { get; set; }

    /// <summary>The version that gets the label, or null.</summary>
    public string MoveToVersionId { get; set; }

    /// <summary>The version that must have the label and loses it, or null.</summary>
    public string RemoveFromVersionId { get; set; }

    internal override string Operation => "UpdateSecretVersionStage";

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.Text("SecretId", SecretId);
        writer.Text("VersionStage", VersionStage);
        writer.Text("MoveToVersionId", MoveToVersionId);
        writer.Text("RemoveFromVersionId", RemoveFromVersionId);
    }
}
