using System.Text.Json;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>Removes tags.</summary>
public class UntagResourceRequest : AmazonSecretsManagerRequest
{
    /// <summary>The secret's name or ARN.</summary>
    public string SecretId { get; set; }

    /// <summary>The keys of the tags.</summary>
    public List<string> TagKeys { get; set; } = AWSConfigs.InitializeCollections ? [] : null;

    internal override string Operation => "UntagResource";

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.Text("SecretId", SecretId);
        writer.Texts("TagKeys", TagKeys);
    }
}
