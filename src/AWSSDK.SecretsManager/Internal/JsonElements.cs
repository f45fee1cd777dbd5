using System.Text.Json;

namespace Amazon.SecretsManager.Internal;

/// <summary>
/// Reads the members that answers have. A member that is missing or null is null; one of another type than the service
/// gives it is a <see cref="FormatException"/>, never taken for missing.
/// </summary>
internal static class JsonElements
{
    public static string Text(this JsonElement element, string name) => element.Member(name)?.AsText();

    public static bool? Flag(this JsonElement element, string name) => element.Member(name)?.GetBoolean();

    public static long? Number(this JsonElement element, string name) => element.Member(name)?.GetInt64();

    /// <summary>Seconds since 1970 with a fraction, as a time in UTC.</summary>
    public static DateTime? Time(this JsonElement element, string name) =>
        element.Member(name) is { } value ? DateTime.UnixEpoch.AddTicks((long)(value.GetDecimal() * TimeSpan.TicksPerSecond)) : null;

    public static MemoryStream Binary(this JsonElement element, string name) =>
        element.Member(name) is { } value ? new MemoryStream(value.GetBytesFromBase64()) : null;

    public static List<string> Texts(this JsonElement element, string name) => element.ListOf(name, AsText);

    public static List<T> ListOf<T>(this JsonElement element, string name, Func<JsonElement, T> read) =>
        element.Member(name) is { } value ? value.EnumerateArray().Select(read).ToList() : AWSConfigs.InitializeCollections ? [] : null;

    public static Dictionary<string, List<string>> TextsByName(this JsonElement element, string name) =>
        element.Member(name) is { } value
            ? value.EnumerateObject()
                .ToDictionary(p => p.Name, p => p.Value.EnumerateArray().Select(AsText).ToList(), StringComparer.Ordinal)
            : AWSConfigs.InitializeCollections ? [] : null;

    private static JsonElement? Member(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    // GetString answers null for null, and null is no text.
    private static string AsText(this JsonElement element) => element.GetString() ?? throw new FormatException();

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
