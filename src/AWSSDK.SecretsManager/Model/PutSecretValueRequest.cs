using System.Text.Json;
using Amazon.Runtime.Internal;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>Adds a version.</summary>
public class PutSecretValueRequest : AmazonSecretsManagerRequest
{
    /// <summary>The secret's name or ARN.</summary>
    public string SecretId { get; set; }

    /// <summary>Becomes the id of the new version; made up where it is null. 32 to 64 characters.</summary>
    public string ClientRequestToken { get; set; }

    /// <summary>The value as text; never logged.</summary>
    [AWSProperty(Sensitive = true, Min = 1, Max = 65536)]
    public string SecretString { get; set; }

    /// <summary>The value as bytes; never logged.</summary>
    [AWSProperty(Sensitive = true, Min = 1, Max = 65536)]
    public MemoryStream SecretBinary { get; set; }

    /// <summary>Labels to attach, moved silently from where they are; AWSCURRENT where none is given.</summary>
    public List<string> VersionStages { get; set; } = AWSConfigs.InitializeCollections ? [] : null;

    internal override string Operation => "PutSecretValue";

    internal override int SecretRoom => 1024 + (6 * (SecretString?.Length ?? 0)) + (int)(2 * (SecretBinary?.Length ?? 0));

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.Text("SecretId", SecretId);
        writer.Token(ClientRequestToken);
        if (SecretBinary is not null)
            writer.WriteBase64String("SecretBinary", SecretBinary.ToArray());
        writer.Text("SecretString", SecretString);
        writer.Texts("VersionStages", VersionStages);
    }
}
