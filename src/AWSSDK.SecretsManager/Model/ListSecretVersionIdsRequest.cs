using System.Text.Json;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>Asks for a page of versions.</summary>
public class ListSecretVersionIdsRequest : AmazonSecretsManagerRequest
{
    /// <summary>The secret's name or ARN.</summary>
    public string SecretId { get; set; }

    /// <summary>Whether versions without labels are listed too.</summary>
    public bool? IncludeDeprecated { get; set; }

    /// <summary>How many at most, 1 to 100.</summary>
    public int? MaxResults { get; set; }

    /// <summary>What the page before said, or null.</summary>
    public string NextToken { get; set; }

    internal override string Operation => "ListSecretVersionIds";

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.Text("SecretId", SecretId);
        if (IncludeDeprecated is { } deprecated)
            writer.WriteBoolean("IncludeDeprecated", deprecated);
        if (MaxResults is { } most)
            writer.WriteNumber("MaxResults", most);
        writer.Text("NextToken", NextToken);
    }
}
