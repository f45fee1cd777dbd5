namespace SecretRotator.Providers.Bitbucket.Calls;

/// <summary>What the body of a refusal says, whichever of Bitbucket's shapes it has.</summary>
/// <param name="Text">The message on one line, at most <see cref="LongestText"/> characters; empty where there is none. It may repeat what
/// was sent: see <see cref="Redaction"/>.</param>
/// <param name="Required">The scopes that the call needs, where the body names them.</param>
/// <param name="Granted">The scopes that the credential has, where the body names them.</param>
internal sealed record ErrorBody(string Text, ImmutableArray<string> Required, ImmutableArray<string> Granted)
{
    /// <summary>Longer messages are cut, in characters.</summary>
    public const int LongestText = 300;

    private const int MostFields = 20;

    /// <summary>Reads a body: JSON in any of Bitbucket's shapes, plain text, or an HTML page.</summary>
    public static ErrorBody Read(ReadOnlySpan<byte> body, string? mediaType)
    {
        if (Json(body) is { } json)
            return json;
        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, 4096)]);
        return mediaType is "text/html" || text.AsSpan().TrimStart().StartsWith("<")
            ? new(Title(text) is { Length: > 0 } title ? OneLine($"a web page titled \"{title}\"") : "a web page", [], [])
            : new(OneLine(text), [], []);
    }

    /// <summary>Text without control characters and without runs of blanks, cut to <see cref="LongestText"/> characters.</summary>
    public static string OneLine(string text)
    {
        var line = new StringBuilder(Math.Min(text.Length, LongestText));
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length >= LongestText)
                return line.Append('…').ToString();
            if (!IsBlank(rune))
                line.Append(rune.ToString());
            else if (line.Length > 0 && line[^1] != ' ')
                line.Append(' ');
        }
        return line.ToString().TrimEnd();
    }

    /// <summary>Whether a character becomes a blank: white space, and what can't be seen or moves the cursor.</summary>
    public static bool IsBlank(Rune rune) =>
        Rune.IsWhiteSpace(rune) || Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format;

    private static ErrorBody? Json(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 16 });
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root ? Json(root) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second one is thrown for text that isn't Unicode.
            return null;
        }
    }

    // {"type":"error","error":{"message":…,"detail":{"required":[…],"granted":[…]}}}
    // {"error":{"message":…,"detail":"…","data":{…}}}, also with "fields":{"key":["…"]}
    // {"error":"invalid_client","error_description":"…"} from the token endpoint
    private static ErrorBody Json(JsonElement root)
    {
        if (!root.TryGetProperty("error", out var error))
            return new(OneLine(TextOf(root, "message")), [], []);
        if (error.ValueKind == JsonValueKind.String)
            return new(OneLine(Joined(error.GetString()!, TextOf(root, "error_description"))), [], []);
        if (error.ValueKind != JsonValueKind.Object)
            return new("", [], []);
        var detail = error.TryGetProperty("detail", out var d) ? d : default;
        var text = Joined(TextOf(error, "message"), detail.ValueKind == JsonValueKind.String ? detail.GetString()! : "");
        if (error.TryGetProperty("fields", out var fields) && fields.ValueKind == JsonValueKind.Object)
        {
            foreach (var field in fields.EnumerateObject().Take(MostFields))
                text = Joined(text, $"{field.Name}: {string.Join(' ', Strings(field.Value).Take(MostFields))}");
        }
        return new(OneLine(text), Scopes(detail, "required"), Scopes(detail, "granted"));
    }

    private static string Joined(string message, string detail) =>
        detail.Length == 0 || message.Contains(detail, StringComparison.Ordinal) ? message
        : message.Length == 0 ? detail
        : $"{message.TrimEnd('.', ' ')}: {detail}";

    private static string TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static ImmutableArray<string> Scopes(JsonElement detail, string name) =>
        detail.ValueKind == JsonValueKind.Object && detail.TryGetProperty(name, out var scopes)
            ? [.. Strings(scopes).Select(OneLine).Where(s => s.Length > 0).Take(20)]
            : [];

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()!),
        _ => [],
    };

    private static string Title(string html)
    {
        var start = html.IndexOf("<title>", StringComparison.OrdinalIgnoreCase);
        var end = start < 0 ? -1 : html.IndexOf("</title>", start, StringComparison.OrdinalIgnoreCase);
        return end < 0 ? "" : html[(start + "<title>".Length)..end].Trim();
    }
}
