using System.Text.Encodings.Web;
using System.Text.Json.Nodes;

namespace SecretRotator.Providers.Doctor;

/// <summary>Writes documents as people paste them.</summary>
internal static class TrustText
{
    /// <summary>Indented JSON that ends with a line break.</summary>
    public static string Of(JsonObject document)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(
            stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            document.WriteTo(json);
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>How many characters a document has that aren't white space.</summary>
    public static int CharactersOf(JsonObject document) => Of(document).Count(letter => !char.IsWhiteSpace(letter));

    /// <summary>The lines of a document, further to the right.</summary>
    public static string Indented(string text) =>
        string.Join('\n', text.TrimEnd('\n').Split('\n').Select(line => line.Length > 0 ? "    " + line : line));

    /// <summary>Terraform's arguments, aligned as <c>terraform fmt</c> does.</summary>
    public static string Aligned(IReadOnlyCollection<(string Name, string Value)> arguments, string indent = "  ")
    {
        var width = arguments.Max(each => each.Name.Length);
        return string.Join('\n', arguments.Select(each => $"{indent}{each.Name.PadRight(width)} = {each.Value}"));
    }

    /// <summary>A list of texts.</summary>
    public static JsonArray List(IEnumerable<string> items) => new([.. items.Select(item => (JsonNode)item)]);
}
