using System.Text.Json;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>Asks for everything about a secret but its value.</summary>
public class DescribeSecretRequest : AmazonSecretsManagerRequest
{
    /// <summary>The secret's name or ARN.</summary>
    public string SecretId { get; set; }

    internal override string Operation => "DescribeSecret";

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.Text("SecretId", SecretId);
    }
}
