using System.Text.Json.Serialization;
using NodaTime.Text;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>What the server tells of one version.</summary>
/// <param name="Number">1 or more.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Deletion">When it was deleted, or will be; null where neither.</param>
/// <param name="Destroyed">Whether its value is gone for good.</param>
internal sealed record KvVersion(long Number, Instant Created, Instant? Deletion, bool Destroyed)
{
    /// <summary>Whether readers get it at a time.</summary>
    public bool IsReadable(Instant now) => !Destroyed && !(Deletion <= now);
}

/// <summary>What the server tells of all versions of a path: no value.</summary>
/// <param name="Current">The number of the newest version; 0 where there is none yet.</param>
/// <param name="MaxVersions">How many versions are kept; 0 where the mount says it.</param>
/// <param name="DeleteVersionAfter">After how long each version deletes itself, in the server's words; <c>0s</c> for never.</param>
/// <param name="Versions">The versions that are kept, in no order.</param>
internal sealed record KvMetadata(
    long Current, long MaxVersions, string? DeleteVersionAfter, ImmutableArray<KvVersion> Versions)
{
    /// <summary>A path without versions.</summary>
    public static KvMetadata None { get; } = new(0, 0, null, []);

    /// <summary>A version, or null.</summary>
    public KvVersion? Find(long number) => Versions.FirstOrDefault(version => version.Number == number);

    /// <summary>Reads an answer.</summary>
    /// <exception cref="JsonException">It isn't one.</exception>
    public static KvMetadata Read(HashiCorpAnswer answer)
    {
        if (answer.Data(KvJson.Default.DataAnswerMetadataEntry) is not
            { CurrentVersion: { } current and >= 0, Versions: { } versions } data)
            throw new JsonException();
        var read = versions.Select(each => VersionEntry.Read(each.Value, NumberOf(each.Key))).ToImmutableArray();
        return read.Any(version => version.Number > current) || (current > 0 && read.All(version => version.Number != current))
            ? throw new JsonException()
            : new KvMetadata(current, data.MaxVersions ?? 0, data.DeleteVersionAfter, read);
    }

    private static long NumberOf(string text) =>
        long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new JsonException();
}

/// <summary>The answer to a read: where the data begin and end in it, and which version they are.</summary>
/// <param name="Data">The place of the object in the answer; empty where the version has no value any more.</param>
/// <param name="Version">The version.</param>
internal readonly record struct KvRead(Range Data, KvVersion Version)
{
    /// <summary>Reads an answer. Values stay where they are.</summary>
    /// <exception cref="JsonException">It isn't one.</exception>
    public static KvRead Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var (outer, _) = Member(json, "data"u8, 0);
            var (data, kind) = Member(json[outer], "data"u8, outer.Start.Value);
            var (metadata, _) = Member(json[outer], "metadata"u8, outer.Start.Value);
            var version = VersionEntry.Read(JsonSerializer.Deserialize(json[metadata], KvJson.Default.VersionEntry));
            return kind switch
            {
                JsonTokenType.StartObject => new KvRead(data, version),
                JsonTokenType.Null => new KvRead(default, version),
                _ => throw new JsonException(),
            };
        }
        catch (InvalidOperationException)
        {
            // A name that isn't text. Without the cause: its message may quote the answer.
            throw new JsonException();
        }
    }

    /// <summary>Reads the answer to a read of one version, which has its value still.</summary>
    /// <exception cref="JsonException">It isn't one.</exception>
    public static KvRead Parse(ReadOnlySpan<byte> json, long number)
    {
        var read = Parse(json);
        return read.Version.Number == number && !read.Data.Equals(default(Range)) ? read : throw new JsonException();
    }

    private static (Range Place, JsonTokenType Kind) Member(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, int offset)
    {
        var reader = new Utf8JsonReader(json);
        (Range Place, JsonTokenType Kind)? found = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            var (start, kind) = ((int)reader.TokenStartIndex, reader.TokenType);
            reader.Skip();
            if (isIt && found is not null)
                throw new JsonException();
            if (isIt)
                found = ((offset + start)..(offset + (int)reader.BytesConsumed), kind);
        }

        // Whatever follows the object makes this throw.
        reader.Read();
        return found ?? throw new JsonException();
    }
}

/// <summary>The settings of a mount.</summary>
internal sealed record MountConfig(long? MaxVersions, string? DeleteVersionAfter);

/// <summary>What is mounted somewhere.</summary>
internal sealed record MountInfo(string? Type, MountOptions? Options);

/// <summary>The options of a mount.</summary>
internal sealed record MountOptions(string? Version);

/// <summary>What is known of a path.</summary>
internal sealed record MetadataEntry(
    long? CurrentVersion, long? MaxVersions, string? DeleteVersionAfter, Dictionary<string, VersionEntry?>? Versions);

/// <summary>A version, as it is in answers.</summary>
internal sealed record VersionEntry(long? Version, string? CreatedTime, string? DeletionTime, bool? Destroyed)
{
    /// <summary>Reads it.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="number">Its number where it doesn't tell it itself.</param>
    /// <exception cref="JsonException">A part is missing or wrong.</exception>
    public static KvVersion Read(VersionEntry? entry, long? number = null) =>
        entry is { CreatedTime: { } created, Destroyed: { } destroyed } && (number ?? entry.Version) is { } known and > 0
            ? new KvVersion(known, Time(created), string.IsNullOrEmpty(entry.DeletionTime) ? null : Time(entry.DeletionTime), destroyed)
            : throw new JsonException();

    private static Instant Time(string text) =>
        InstantPattern.ExtendedIso.Parse(text) is { Success: true, Value: var time } ? time : throw new JsonException();
}

/// <summary>What the server's answers and the tool's marks look like. Generated, so that nothing is reflected over at run time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, AllowDuplicateProperties = false,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DataAnswer<MetadataEntry>))]
[JsonSerializable(typeof(DataAnswer<VersionEntry>))]
[JsonSerializable(typeof(DataAnswer<MountConfig>))]
[JsonSerializable(typeof(DataAnswer<MountInfo>))]
[JsonSerializable(typeof(DataAnswer<StaticRoleEntry>))]
[JsonSerializable(typeof(MarksDocument))]
internal sealed partial class KvJson : JsonSerializerContext;
