using System.Text.Json.Serialization;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Azure;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Identity;

namespace SecretRotator.Sandbox;

/// <summary>Everything that the stand-ins remember. Plain data, saved as JSON between commands.</summary>
internal sealed class SandboxState
{
    /// <summary>What a file must name to be taken for a state of this version.</summary>
    public const string CurrentFormat = "secret-rotator-sandbox/1";

    /// <summary>Which version of the sandbox wrote it.</summary>
    public string Format { get; set; } = "";

    /// <summary>Counts the changes, so that a process sees that another one changed the file.</summary>
    public long Revision { get; set; }

    /// <summary>How far the sandbox's clock is ahead of the machine's, in milliseconds.</summary>
    public long ClockOffsetMilliseconds { get; set; }

    /// <summary>What was seeded once, so that a thing that was deleted since doesn't come back.</summary>
    public SortedSet<string> Seeded { get; set; } = new(StringComparer.Ordinal);

    public BitbucketState Bitbucket { get; set; } = new();

    public SecretsManagerState SecretsManager { get; set; } = new();

    public S3State S3 { get; set; } = new();

    /// <summary>Key Vaults by the name that the inventory gives them.</summary>
    public SortedDictionary<string, KeyVaultState> KeyVaults { get; set; } = new(StringComparer.Ordinal);

    public IdentityState Identity { get; set; } = new();
}

// Populate keeps the comparers that the collections were made with.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PreferredObjectCreationHandling = JsonObjectCreationHandling.Populate,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SandboxState))]
internal sealed partial class SandboxJson : JsonSerializerContext;
