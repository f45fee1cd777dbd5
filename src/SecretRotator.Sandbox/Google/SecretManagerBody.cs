using System.Buffers.Text;
using System.Numerics;
using System.Text.RegularExpressions;

namespace SecretRotator.Sandbox.Google;

/// <summary>Reads the bodies of requests, and refuses what the real service refuses.</summary>
internal static partial class SecretManagerBody
{
    public const int LargestPayload = 65_536;
    private const int LargestAnnotations = 16 * 1024;

    /// <summary>The body as an object that has no other members than those.</summary>
    public static JsonElement Object(SandboxRequest request, params ReadOnlySpan<string> members)
    {
        try
        {
            using var document = JsonDocument.Parse(request.Body.Length == 0 ? "{}"u8.ToArray() : request.Body);
            var root = document.RootElement.Clone();
            CheckMembers(root, members);
            return root;
        }
        catch (JsonException)
        {
            throw Invalid("Invalid JSON payload received.");
        }
    }

    /// <summary>The payload in base64, with the checksum compared.</summary>
    public static string Payload(JsonElement body)
    {
        if (!body.TryGetProperty("payload", out var payload))
            throw Invalid("Secret payload is required.");
        CheckMembers(payload, ["data", "dataCrc32c"]);
        var text = payload.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.String ? data.GetString()! : "";
        if (!Base64.IsValid(text))
            throw Invalid("Invalid value at 'payload.data' (TYPE_BYTES), Base64 decoding failed.");
        var bytes = Convert.FromBase64String(text);
        if (bytes.Length is 0 or > LargestPayload)
            throw Invalid($"The secret payload must have from 1 to {LargestPayload} bytes.");
        if (payload.TryGetProperty("dataCrc32c", out var checksum) && checksum.ToString() != Crc32C(bytes))
            throw Invalid("The CRC32C checksum of the payload doesn't match its data.");
        return text;
    }

    /// <summary>The annotations of a secret.</summary>
    public static SortedDictionary<string, string> Annotations(JsonElement body)
    {
        var annotations = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (!body.TryGetProperty("annotations", out var given))
            return annotations;
        if (given.ValueKind != JsonValueKind.Object)
            throw Invalid("Invalid value at 'annotations'.");
        foreach (var member in given.EnumerateObject())
        {
            if (!AnnotationKey().IsMatch(member.Name) || member.Value.ValueKind != JsonValueKind.String)
                throw Invalid($"Invalid annotation {member.Name}.");
            annotations.Add(member.Name, member.Value.GetString()!);
        }

        return annotations.Sum(each => Encoding.UTF8.GetByteCount(each.Key) + Encoding.UTF8.GetByteCount(each.Value)) < LargestAnnotations
            ? annotations
            : throw Invalid("The total size of annotation keys and values must be less than 16KiB.");
    }

    /// <summary>A member that is text, or null where it was left out.</summary>
    public static string? Text(JsonElement body, string name) => !body.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Invalid($"Invalid value at '{name}' (TYPE_STRING).");

    /// <summary>CRC-32C of bytes, as Google's JSON writes it.</summary>
    public static string Crc32C(byte[] bytes) =>
        (~bytes.Aggregate(uint.MaxValue, BitOperations.Crc32C)).ToString(CultureInfo.InvariantCulture);

    public static bool IsName(string name) => Name().IsMatch(name);

    public static Refusal Invalid(string message) => new("INVALID_ARGUMENT", message);

    private static void CheckMembers(JsonElement given, ReadOnlySpan<string> members)
    {
        if (given.ValueKind != JsonValueKind.Object)
            throw Invalid("Invalid JSON payload received.");
        foreach (var member in given.EnumerateObject())
            if (!members.Contains(member.Name))
                throw Invalid($"Invalid JSON payload received. Unknown name \"{member.Name}\": Cannot find field.");
    }

    [GeneratedRegex(@"^[0-9A-Za-z_-]{1,255}\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();

    [GeneratedRegex(
        @"^[0-9A-Za-z]([0-9A-Za-z._-]{0,61}[0-9A-Za-z])?\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AnnotationKey();
}
