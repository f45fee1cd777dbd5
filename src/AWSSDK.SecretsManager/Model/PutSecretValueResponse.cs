using System.Text.Json;
using Amazon.Runtime;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>The new version.</summary>
public class PutSecretValueResponse : AmazonWebServiceResponse
{
    /// <summary>The secret's ARN.</summary>
    public string ARN { get; set; }

    /// <summary>The secret's name.</summary>
    public string Name { get; set; }

    /// <summary>The version's id.</summary>
    public string VersionId { get; set; }

    /// <summary>Its labels.</summary>
    public List<string> VersionStages { get; set; } = AWSConfigs.InitializeCollections ? [] : null;

    internal static PutSecretValueResponse Read(JsonElement answer) => new()
    {
        ARN = answer.Text("ARN"),
        Name = answer.Text("Name"),
        VersionId = answer.Text("VersionId"),
        VersionStages = answer.Texts("VersionStages"),
    };
}
