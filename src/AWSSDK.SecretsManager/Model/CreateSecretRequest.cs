using System.Text.Json;
using Amazon.Runtime.Internal;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>Creates a secret, with a first version where a value is given.</summary>
public class CreateSecretRequest : AmazonSecretsManagerRequest
{
    /// <summary>The secret's name.</summary>
    public string Name { get; set; }

    /// <summary>Becomes the id of the new version; made up where it is null. 32 to 64 characters.</summary>
    public string ClientRequestToken { get; set; }

    /// <summary>For people.</summary>
    public string Description { get; set; }

    /// <summary>The key that encrypts it; the account's own where null.</summary>
    public string KmsKeyId { get; set; }

    /// <summary>The value as text; never logged.</summary>
    [AWSProperty(Sensitive = true, Min = 1, Max = 65536)]
    public string SecretString { get; set; }

    /// <summary>The value as bytes; never logged.</summary>
    [AWSProperty(Sensitive = true, Min = 1, Max = 65536)]
    public MemoryStream SecretBinary { get; set; }

    /// <summary>Tags of the new secret.</summary>
    public List<Tag> Tags { get; set; } = AWSConfigs.InitializeCollections ? [] : null;

    internal override string Operation => "CreateSecret";

    internal override int SecretRoom => 1024 + (6 * (SecretString?.Length ?? 0)) + (int)(2 * (SecretBinary?.Length ?? 0));

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.Text("Name", Name);
        writer.Token(ClientRequestToken);
        writer.Text("Description", Description);
        writer.Text("KmsKeyId", KmsKeyId);
        if (SecretBinary is not null)
            writer.WriteBase64String("SecretBinary", SecretBinary.ToArray());
        writer.Text("SecretString", SecretString);
        if (Tags is { Count: > 0 })
        {
            writer.WriteStartArray("Tags");
            foreach (var tag in Tags)
                tag.Write(writer);
            writer.WriteEndArray();
        }
    }
}
