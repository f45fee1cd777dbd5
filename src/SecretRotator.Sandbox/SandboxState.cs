using System.Text.Json.Serialization;

namespace SecretRotator.Sandbox;

/// <summary>The emulators' state, saved as JSON between commands. Each provider's folder has a part of it.</summary>
internal sealed partial class SandboxState
{
    /// <summary>What a file must name to be taken for a state of this version.</summary>
    public const string CurrentFormat = "secret-rotator-sandbox/2";

    /// <summary>Which version of the sandbox wrote it.</summary>
    public string Format { get; set; } = "";

    /// <summary>Counts the changes, so that a process sees that another one changed the file.</summary>
    public long Revision { get; set; }

    /// <summary>How far the sandbox's clock is ahead of the machine's, in milliseconds.</summary>
    public long ClockOffsetMilliseconds { get; set; }

    /// <summary>What was seeded once, so that a thing that was deleted since doesn't come back.</summary>
    public SortedSet<string> Seeded { get; set; } = new(StringComparer.Ordinal);

    /// <summary>The key of all token issuers as PKCS#8 in base64, or null before it is needed.</summary>
    public string? SigningKey { get; set; }
}

/// <summary>Parts of the state by a key.</summary>
internal static class StateParts
{
    /// <summary>The part of that key; made where it is missing.</summary>
    public static T GetOrAdd<T>(this SortedDictionary<string, T> parts, string key, Func<T> make)
    {
        if (!parts.TryGetValue(key, out var part))
            parts[key] = part = make();
        return part;
    }
}

// Populate keeps the comparers that the collections were made with.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PreferredObjectCreationHandling = JsonObjectCreationHandling.Populate,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SandboxState))]
internal sealed partial class SandboxStateContext : JsonSerializerContext;
