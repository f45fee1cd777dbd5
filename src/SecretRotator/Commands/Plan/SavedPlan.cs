using System.Text.Json.Serialization;
using SecretRotator.Planning;

namespace SecretRotator.Commands;

/// <summary>A plan that was saved to be acted on later: what was asked for, and the digest of what it rests on.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="Digest">64 hexadecimal digits.</param>
internal sealed record SavedPlan(PlanRequest Request, string Digest)
{
    internal const string Kind = "secret-rotator-plan";
    private const int MaximumBytes = 16 << 20;
    private const int MaximumNames = 10_000;
    private const int MaximumText = 1000;
    private const int MaximumParts = (4 * MaximumNames) + 2;

    /// <summary>What the plan rested on, part by part; null where the file doesn't say.</summary>
    public PlanParts? Parts { get; init; }

    /// <summary>Writes a plan to a file that only its owner reads, whole or not at all.</summary>
    /// <exception cref="UsageException">The file can't be written.</exception>
    public static void Write(string path, PlanRequest request, PlanView view) => PrivateFile.Write(path, "The plan", stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        ResultContext.Write(json, new SavedPlanJson(request, view));
    });

    /// <summary>Reads a saved plan. Nothing in the file is trusted: the plan is made again and its digest compared.</summary>
    /// <exception cref="UsageException">The file is missing, or isn't a saved plan.</exception>
    public static SavedPlan Read(string path)
    {
        try
        {
            if (!File.Exists(path))
                throw Refuse(path, "There is no such file.");
            if (new FileInfo(path).Length > MaximumBytes)
                throw Refuse(path, "It is larger than 16 MiB.");
            using var document = JsonDocument.Parse(
                File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            return Read(path, document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second one is thrown for text that isn't Unicode.
            throw Refuse(path, "It isn't JSON.");
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Refuse(path, "It can't be read.");
        }
    }

    private static SavedPlan Read(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !IsText(root, "kind", Kind))
            throw Refuse(path, "It isn't a saved plan.");
        if (!root.TryGetProperty("version", out var version) || !version.TryGetNumber(out var number) || number != Json.Version)
            throw Refuse(path, "Another version of the program saved it.");
        if (!root.TryGetProperty("digest", out var digest) || digest.ValueKind != JsonValueKind.String
            || digest.GetString() is not { Length: 64 } hexadecimal || !hexadecimal.All(char.IsAsciiHexDigitLower))
            throw Refuse(path, "Its digest is missing or isn't 64 hexadecimal digits.");
        if (!root.TryGetProperty("request", out var request) || request.ValueKind != JsonValueKind.Object)
            throw Refuse(path, "It doesn't say what was asked for.");

        return new SavedPlan(
            new PlanRequest
            {
                Only = Names(path, request, "only"),
                Force = Names(path, request, "force"),
                ForceReason = Text(path, request, "forceReason"),
                ForcedBy = Text(path, request, "forcedBy"),
                Adopt = request.TryGetProperty("adopt", out var adopt) && adopt.ValueKind is JsonValueKind.True or JsonValueKind.False
                    ? adopt.GetBoolean()
                    : throw Refuse(path, "Its request's adopt is neither true nor false."),
                TakeOver = Names(path, request, "takeOver"),
                Shard = Shard(path, request),
            },
            hexadecimal)
        {
            Parts = PartsOf(root),
        };
    }

    // Only tells what changed: whatever it says, the digest decides.
    private static PlanParts? PartsOf(JsonElement root)
    {
        if (!root.TryGetProperty("restsOn", out var parts) || parts.ValueKind != JsonValueKind.Object)
            return null;
        var read = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var part in parts.EnumerateObject())
        {
            if (read.Count == MaximumParts || part.Value.ValueKind != JsonValueKind.String || part.Name.Length > MaximumText
                || part.Value.GetString() is not { Length: <= MaximumText } digest)
                return null;
            read[part.Name] = digest;
        }

        return new PlanParts(read.ToImmutable());
    }

    private static bool IsText(JsonElement element, string property, string expected) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() == expected;

    private static string Text(string path, JsonElement request, string property) =>
        request.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: <= MaximumText } text
            ? text
            : throw Refuse(path, $"Its request's {property} is missing or isn't a text of at most {MaximumText} characters.");

    private static ImmutableSortedSet<string> Names(string path, JsonElement request, string property)
    {
        if (!request.TryGetProperty(property, out var values) || values.ValueKind != JsonValueKind.Array
            || values.GetArrayLength() > MaximumNames)
            throw Refuse(path, $"Its request's {property} is missing or isn't a list of names.");
        var names = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var value in values.EnumerateArray())
            names.Add(value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= MaximumText } name
                ? name
                : throw Refuse(path, $"Its request's {property} holds something that is no name."));
        return names.ToImmutable();
    }

    private static (int Index, int Count)? Shard(string path, JsonElement request)
    {
        if (!request.TryGetProperty("shard", out var shard) || shard.ValueKind == JsonValueKind.Null)
            return null;
        if (shard.ValueKind == JsonValueKind.Object
            && shard.TryGetProperty("index", out var i) && i.TryGetNumber(out var index)
            && shard.TryGetProperty("count", out var n) && n.TryGetNumber(out var count)
            && index >= 1 && index <= count)
            return (index, count);
        throw Refuse(path, "Its request's shard isn't a part of a number of parts.");
    }

    private static UsageException Refuse(string path, string why) =>
        new([new Problem($"This plan can't be used. {why}", "Make a new one: secret-rotator plan --out FILE", path)]);
}

/// <summary>A saved plan's file.</summary>
internal sealed class SavedPlanJson : PlanBodyJson
{
    internal SavedPlanJson(PlanRequest request, PlanView view)
        : base(view) => Request = new(request);

    public int Version { get; } = Json.Version;
    public string Kind { get; } = SavedPlan.Kind;
    public PlanRequestJson Request { get; }
    public IReadOnlyDictionary<string, string> RestsOn => View.Plan.Parts.ByName;
}

/// <summary>What was asked for.</summary>
internal sealed class PlanRequestJson
{
    private readonly PlanRequest _request;

    internal PlanRequestJson(PlanRequest request) => _request = request;

    public IEnumerable<string> Only => _request.Only;
    public IEnumerable<string> Force => _request.Force;
    public string ForceReason => _request.ForceReason;
    public string ForcedBy => _request.ForcedBy;
    public bool Adopt => _request.Adopt;
    public IEnumerable<string> TakeOver => _request.TakeOver;

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public ShardJson? Shard => _request.Shard is { } shard ? new(shard.Index, shard.Count) : null;
}

/// <summary>A part of a number of parts.</summary>
internal sealed record ShardJson(int Index, int Count);

/// <summary>Reads numbers of hostile JSON.</summary>
file static class JsonNumbers
{
    /// <summary>A whole number of 32 bits; false for anything else.</summary>
    public static bool TryGetNumber(this JsonElement element, out int number)
    {
        number = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out number);
    }
}
