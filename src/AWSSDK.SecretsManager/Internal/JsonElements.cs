using System.Text.Json;

namespace Amazon.SecretsManager.Internal;

/// <summary>Reads the members that answers have; a member that is missing or null is null.</summary>
internal static class JsonElements
{
    public static string Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static bool? Flag(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

    public static long? Number(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;

    /// <summary>Seconds since 1970 with a fraction, as a time in UTC.</summary>
    public static DateTime? Time(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            ? DateTime.UnixEpoch.AddTicks((long)(value.GetDecimal() * TimeSpan.TicksPerSecond))
            : null;

    public static MemoryStream Binary(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? new MemoryStream(value.GetBytesFromBase64()) : null;

    public static List<string> Texts(this JsonElement element, string name) => element.ListOf(name, item => item.GetString());

    public static List<T> ListOf<T>(this JsonElement element, string name, Func<JsonElement, T> read) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Select(read).ToList()
            : AWSConfigs.InitializeCollections ? [] : null;

    public static Dictionary<string, List<string>> TextsByName(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.EnumerateArray().Select(item => item.GetString()).ToList(), StringComparer.Ordinal)
            : AWSConfigs.InitializeCollections ? [] : null;

    public static void Text(this Utf8JsonWriter writer, string name, string value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    public static void Texts(this Utf8JsonWriter writer, string name, List<string> values)
    {
        if (values is null || (values.Count == 0 && AWSConfigs.InitializeCollections))
            return;
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }

    /// <summary>The token that makes a call idempotent: the caller's, or one made here as Amazon's client does.</summary>
    public static void Token(this Utf8JsonWriter writer, string value)
    {
#pragma warning disable RS0030 // Amazon's client does the same; this project always gives a token.
        writer.WriteString("ClientRequestToken", value ?? Guid.NewGuid().ToString());
#pragma warning restore RS0030
    }
}
