using System.Text.Json;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>A version in a list.</summary>
public class SecretVersionsListEntry
{
    /// <summary>When it was made, in UTC.</summary>
    public DateTime? CreatedDate { get; set; }

    /// <summary>The keys that encrypt it.</summary>
    public List<string> KmsKeyIds { get; set; } = AWSConfigs.InitializeCollections ? [] : null;

    /// <summary>The day of the last read, in UTC.</summary>
    public DateTime? LastAccessedDate { get; set; }

    /// <summary>Its id.</summary>
    public string VersionId { get; set; }

    /// <summary>Its labels; null or empty for a deprecated one.</summary>
    public List<string> VersionStages { get; set; } = AWSConfigs.InitializeCollections ? [] : null;

    internal static SecretVersionsListEntry Read(JsonElement answer) => new()
    {
        CreatedDate = answer.Time("CreatedDate"),
        KmsKeyIds = answer.Texts("KmsKeyIds"),
        LastAccessedDate = answer.Time("LastAccessedDate"),
        VersionId = answer.Text("VersionId"),
        VersionStages = answer.Texts("VersionStages"),
    };
}
