using System.Text.Json;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>Asks the secret's rotation function for a rotation.</summary>
public class RotateSecretRequest : AmazonSecretsManagerRequest
{
    /// <summary>The secret's name or ARN.</summary>
    public string SecretId { get; set; }

    /// <summary>Becomes the id of the new version; made up where it is null. 32 to 64 characters.</summary>
    public string ClientRequestToken { get; set; }

    /// <summary>Whether to rotate now rather than in the next window; now where null.</summary>
    public bool? RotateImmediately { get; set; }

    /// <summary>The rotation function, or null for the one that the secret has.</summary>
    public string RotationLambdaARN { get; set; }

    /// <summary>How often, or null for what the secret has.</summary>
    public RotationRulesType RotationRules { get; set; }

    internal override string Operation => "RotateSecret";

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.Text("SecretId", SecretId);
        writer.Token(ClientRequestToken);
        if (RotateImmediately is { } now)
            writer.WriteBoolean("RotateImmediately", now);
        writer.Text("RotationLambdaARN", RotationLambdaARN);
        RotationRules?.Write(writer);
    }
}
