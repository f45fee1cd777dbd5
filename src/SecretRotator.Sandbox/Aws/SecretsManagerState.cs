using System.Text.Json.Serialization;

namespace SecretRotator.Sandbox.Aws;

/// <summary>What Secrets Manager remembers.</summary>
internal sealed class SecretsManagerState
{
    /// <summary>Secrets by <c>account/region/name</c>.</summary>
    public SortedDictionary<string, AwsSecretState> Secrets { get; set; } = new(StringComparer.Ordinal);

    /// <summary>ARNs of rotation functions that Secrets Manager can't invoke. All others can be.</summary>
    public SortedSet<string> UnreachableFunctions { get; set; } = new(StringComparer.Ordinal);
}

internal sealed class AwsSecretState
{
    public string Arn { get; set; } = "";
    public string Name { get; set; } = "";
    public string? Description { get; set; }
    public DateTimeOffset CreatedDate { get; set; }
    public DateTimeOffset LastChangedDate { get; set; }
    public DateTimeOffset? LastAccessedDate { get; set; }
    public DateTimeOffset? LastRotatedDate { get; set; }
    public DateTimeOffset? DeletedDate { get; set; }
    public string? OwningService { get; set; }
    public bool RotationEnabled { get; set; }
    public string? RotationLambdaArn { get; set; }

    /// <summary>How often the rotation function runs, in days; 0 where it was not said.</summary>
    public int RotationDays { get; set; }

    /// <summary>The version that the rotation function is making, or null.</summary>
    public string? RotatingVersion { get; set; }

    /// <summary>After how many more descriptions that version becomes current: a function that takes its time, without a clock.</summary>
    public int LooksUntilRotated { get; set; }

    public SortedDictionary<string, string> Tags { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Whether it ever had a tag: a description tells an empty list from none.</summary>
    public bool WasTagged { get; set; }

    /// <summary>In the order in which they were made.</summary>
    public List<AwsVersionState> Versions { get; set; } = [];

    /// <summary>The version with the label <c>AWSCURRENT</c>, or null.</summary>
    [JsonIgnore]
    public AwsVersionState? Current => Versions.Find(version => version.Stages.Contains("AWSCURRENT", StringComparer.Ordinal));
}

internal sealed class AwsVersionState
{
    public string Id { get; set; } = "";
    public string? SecretString { get; set; }

    /// <summary>In base64.</summary>
    public string? SecretBinary { get; set; }

    public DateTimeOffset CreatedDate { get; set; }
    public DateTimeOffset? LastAccessedDate { get; set; }
    public List<string> Stages { get; set; } = [];
}
