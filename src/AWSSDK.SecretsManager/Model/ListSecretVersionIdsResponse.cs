using System.Text.Json;
using Amazon.Runtime;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>A page of versions.</summary>
public class ListSecretVersionIdsResponse : AmazonWebServiceResponse
{
    /// <summary>The secret's ARN.</summary>
    public string ARN { get; set; }

    /// <summary>The secret's name.</summary>
    public string Name { get; set; }

    /// <summary>What to ask the next page with, or null.</summary>
    public string NextToken { get; set; }

    /// <summary>The versions, in no order.</summary>
    public List<SecretVersionsListEntry> Versions { get; set; } = AWSConfigs.InitializeCollections ? [] : null;

    internal static ListSecretVersionIdsResponse Read(JsonElement answer) => new()
    {
        ARN = answer.Text("ARN"),
        Name = answer.Text("Name"),
        NextToken = answer.Text("NextToken"),
        Versions = answer.ListOf("Versions", SecretVersionsListEntry.Read),
    };
}
