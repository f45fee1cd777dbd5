using System.Numerics;
using System.Text.Encodings.Web;

namespace SecretRotator.Sandbox.HashiCorp;

/// <summary>Writes JSON as the server does: members sorted, no blanks, numbers as Go prints them, and &lt;, &gt; and &amp;
/// escaped.</summary>
internal static class KvText
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A value as the server writes it.</summary>
    public static string Of(JsonNode? node)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Relaxed))
            Write(node, writer);

        // Outside strings there are none of these.
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length)
            .Replace("<", "\\u003c", StringComparison.Ordinal)
            .Replace(">", "\\u003e", StringComparison.Ordinal)
            .Replace("&", "\\u0026", StringComparison.Ordinal);
    }

    private static void Write(JsonNode? node, Utf8JsonWriter writer)
    {
        switch (node)
        {
            case JsonObject members:
                writer.WriteStartObject();
                foreach (var (name, value) in members.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(name);
                    Write(value, writer);
                }

                writer.WriteEndObject();
                return;
            case JsonArray items:
                writer.WriteStartArray();
                foreach (var item in items)
                    Write(item, writer);
                writer.WriteEndArray();
                return;
            case JsonValue number when number.GetValueKind() == JsonValueKind.Number:
                writer.WriteRawValue(Number(number.ToJsonString()));
                return;
            case null:
                writer.WriteNullValue();
                return;
            default:
                node.WriteTo(writer);
                return;
        }
    }

    // The server reads numbers as float64.
    private static string Number(string text)
    {
        var number = double.Parse(text, CultureInfo.InvariantCulture);
        return double.IsInteger(number) && Math.Abs(number) < 1e21
            ? new BigInteger(number).ToString(CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
    }
}
