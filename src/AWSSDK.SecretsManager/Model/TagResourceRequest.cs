using System.Text.Json;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>Adds tags, or changes their values.</summary>
public class TagResourceRequest : AmazonSecretsManagerRequest
{
    /// <summary>The secret's name or ARN.</summary>
    public string SecretId { get; set; }

    /// <summary>The tags.</summary>
    public List<Tag> Tags { get; set; } = AWSConfigs.InitializeCollections ? [] : null;

    internal override string Operation => "TagResource";

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.Text("SecretId", SecretId);
        if (Tags is null)
            return;
        writer.WriteStartArray("Tags");
        foreach (var tag in Tags)
            tag.Write(writer);
        writer.WriteEndArray();
    }
}
