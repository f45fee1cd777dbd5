using System.Text.Json;
using Amazon.Runtime;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>The secret whose labels changed.</summary>
public class UpdateSecretVersionStageResponse : AmazonWebServiceResponse
{
    /// <summary>The secret's ARN.</summary>
    public string ARN { get; set; }

    /// <summary>The secret's name.</summary>
    public string Name { get; set; }

    internal static UpdateSecretVersionStageResponse Read(JsonElement answer) => new()
    {
        ARN = answer.Text("ARN"),
        Name = answer.Text("Name"),
    };
}
