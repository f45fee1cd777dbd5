using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.SecretsManager.Internal;

namespace Amazon.SecretsManager.Model;

/// <summary>A version and its value.</summary>
public class GetSecretValueResponse : AmazonWebServiceResponse
{
    /// <summary>The secret's ARN.</summary>
    public string ARN { get; set; }

    /// <summary>The secret's name.</summary>
    public string Name { get; set; }

    /// <summary>The version's id.</summary>
    public string VersionId { get; set; }

    /// <summary>When the version was made, in UTC.</summary>
    public DateTime? CreatedDate { get; set; }

    /// <summary>The value where it is text; never logged.</summary>
    [AWSProperty(Sensitive = true, Min = 1, Max = 65536)]
    public string SecretString { get; set; }

    /// <summary>The value where it is bytes; never logged.</summary>
    [AWSProperty(Sensitive = true, Min = 1, Max = 65536)]
    public MemoryStream SecretBinary { get; set; }

    /// <summary>Its labels.</summary>
    public List<string> VersionStages { get; set; } = AWSConfigs.InitializeCollections ? [] : null;

    internal static GetSecretValueResponse Read(JsonElement answer) => new()
    {
        ARN = answer.Text("ARN"),
        Name = answer.Text("Name"),
        VersionId = answer.Text("VersionId"),
        CreatedDate = answer.Time("CreatedDate"),
        SecretString = answer.Text("SecretString"),
        SecretBinary = answer.Binary("SecretBinary"),
        VersionStages = answer.Texts("VersionStages"),
    };
}
