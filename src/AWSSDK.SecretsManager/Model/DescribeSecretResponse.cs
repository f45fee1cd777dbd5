using System.Text.Json;
using Amazon.Runtime;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>Everything about a secret but its value.</summary>
public class DescribeSecretResponse : AmazonWebServiceResponse
{
    /// <summary>The secret's ARN.</summary>
    public string ARN { get; set; }

    /// <summary>The secret's name.</summary>
    public string Name { get; set; }

    /// <summary>For people.</summary>
    public string Description { get; set; }

    /// <summary>The key that encrypts it; null for the account's own.</summary>
    public string KmsKeyId { get; set; }

    /// <summary>The service that manages the secret, or null.</summary>
    public string OwningService { get; set; }

    /// <summary>Where a replica comes from, or null.</summary>
    public string PrimaryRegion { get; set; }

    /// <summary>Whether a rotation function changes it.</summary>
    public bool? RotationEnabled { get; set; }

    /// <summary>That function.</summary>
    public string RotationLambdaARN { get; set; }

    /// <summary>How often it runs.</summary>
    public RotationRulesType RotationRules { get; set; }

    /// <summary>When the secret was made, in UTC.</summary>
    public DateTime? CreatedDate { get; set; }

    /// <summary>When its deletion was scheduled, in UTC; null where it was not.</summary>
    public DateTime? DeletedDate { get; set; }

    /// <summary>The day of the last read, in UTC.</summary>
    public DateTime? LastAccessedDate { get; set; }

    /// <summary>When anything of it changed last, in UTC.</summary>
    public DateTime? LastChangedDate { get; set; }

    /// <summary>When it was rotated last, in UTC.</summary>
    public DateTime? LastRotatedDate { get; set; }

    /// <summary>When it will be rotated, in UTC.</summary>
    public DateTime? NextRotationDate { get; set; }

    /// <summary>Its tags.</summary>
    public List<Tag> Tags { get; set; } = AWSConfigs.InitializeCollections ? [] : null;

    /// <summary>The labels of every version that has any.</summary>
    public Dictionary<string, List<string>> VersionIdsToStages { get; set; } = AWSConfigs.InitializeCollections ? [] : null;

    internal static DescribeSecretResponse Read(JsonElement answer) => new()
    {
        ARN = answer.Text("ARN"),
        Name = answer.Text("Name"),
        Description = answer.Text("Description"),
        KmsKeyId = answer.Text("KmsKeyId"),
        OwningService = answer.Text("OwningService"),
        PrimaryRegion = answer.Text("PrimaryRegion"),
        RotationEnabled = answer.Flag("RotationEnabled"),
        RotationLambdaARN = answer.Text("RotationLambdaARN"),
        RotationRules = RotationRulesType.Read(answer),
        CreatedDate = answer.Time("CreatedDate"),
        DeletedDate = answer.Time("DeletedDate"),
        LastAccessedDate = answer.Time("LastAccessedDate"),
        LastChangedDate = answer.Time("LastChangedDate"),
        LastRotatedDate = answer.Time("LastRotatedDate"),
        NextRotationDate = answer.Time("NextRotationDate"),
        Tags = answer.ListOf("Tags", Tag.Read),
        VersionIdsToStages = answer.TextsByName("VersionIdsToStages"),
    };
}
