using System.Text.Json;
using Amazon.Runtime;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>The rotation that was begun.</summary>
public class RotateSecretResponse : AmazonWebServiceResponse
{
    /// <summary>The secret's ARN.</summary>
    public string ARN { get; set; }

    /// <summary>The secret's name.</summary>
    public string Name { get; set; }

    /// <summary>The version's id.</summary>
    public string VersionId { get; set; }

    internal static RotateSecretResponse Read(JsonElement answer) => new()
    {
        ARN = answer.Text("ARN"),
        Name = answer.Text("Name"),
        VersionId = answer.Text("VersionId"),
    };
}
