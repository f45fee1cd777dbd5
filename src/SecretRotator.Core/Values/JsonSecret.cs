namespace SecretRotator.Values;

/// <summary>Reads and replaces top-level fields of a secret that is a JSON object, without touching any other byte of it.</summary>
/// <remarks>
/// The content must be one JSON object (RFC 8259: no comments, no trailing commas) in which no name appears twice:
/// readers disagree about which of two fields with one name counts. Values never become strings here.
/// </remarks>
public static class JsonSecret
{
    /// <summary>One field: the text of a string, or the JSON text of a number, a truth value, an array or an object.</summary>
    /// <param name="content">The whole secret.</param>
    /// <param name="field">The field's name at the top level.</param>
    /// <exception cref="SecretContentException">The content isn't such an object, or the field is missing or null.</exception>
    public static SecretValue Read(SecretValue content, string field)
    {
        return content.Look(field, static (field, json) =>
        {
            var place = PlaceOf(field, Places(json));
            return place.Kind switch
            {
                JsonTokenType.String => Unescaped(json[place.Start..place.End], field),
                JsonTokenType.Null => throw new SecretContentException(
                    $"The field \"{field}\" of the secret is null.",
                    "Write a value into the field in the vault, or correct the field's name in the inventory."),
                _ => SecretValue.FromUtf8(json[place.Start..place.End]),
            };
        });
    }

    /// <summary>The content with new values in some fields, as JSON strings; every other byte is the same.</summary>
    /// <param name="content">The whole secret.</param>
    /// <param name="fields">Names at the top level and their new values; the caller keeps and wipes them.</param>
    /// <remarks>
    /// A field must be there already, and be a string or null. One that is missing is far more likely a slip in the
    /// inventory than a wish: it would be added, and the one that readers use would stay old. One that holds a number
    /// or an object would change its type under its readers.
    /// </remarks>
    /// <exception cref="SecretContentException">The content isn't such an object, or a field is missing or neither string nor
    /// null.</exception>
    public static SecretValue Replace(SecretValue content, IReadOnlyDictionary<string, SecretValue> fields)
    {
        return content.Look(fields, static (fields, json) =>
        {
            var all = Places(json);
            var places = fields.Select(f => (At: PlaceToReplace(f.Key, all), f.Value)).OrderBy(p => p.At.Start).ToList();
            using var result = new SecretBuffer(json.Length * 2);
            var copied = 0;
            foreach (var (at, value) in places)
            {
                result.Append(json[copied..at.Start]);
                value.Look(result, static (buffer, text) => AppendString(buffer, text));
                copied = at.End;
            }

            result.Append(json[copied..]);
            return result.ToValue();
        });
    }

    /// <summary>The names of the fields that are strings, the longest value first.</summary>
    internal static ImmutableArray<string> LongestFirst(SecretValue content) => content.Look(0, static (_, json) =>
        Places(json).Where(field => field.Value.Kind == JsonTokenType.String)
            .OrderByDescending(field => field.Value.End - field.Value.Start).Select(field => field.Key).ToImmutableArray());

    private static Place PlaceToReplace(string field, Dictionary<string, Place> places)
    {
        var place = PlaceOf(field, places);
        return place.Kind is JsonTokenType.String or JsonTokenType.Null
            ? place
            : throw new SecretContentException(
                $"The field \"{field}\" of the secret is neither a string nor null, and a generated value is a string.",
                "Correct the field's name in the inventory, or make the field a string in the vault.");
    }

    private static Place PlaceOf(string field, Dictionary<string, Place> places) => places.TryGetValue(field, out var place)
        ? place
        : throw new SecretContentException(
            $"The secret has no field \"{field}\".",
            "Correct the field's name in the inventory, or write the field with its value into the secret in the vault.");

    /// <summary>The places of the top-level fields' values.</summary>
    private static Dictionary<string, Place> Places(ReadOnlySpan<byte> json)
    {
        var places = new Dictionary<string, Place>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw NotAnObject();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                var (kind, start) = (reader.TokenType, (int)reader.TokenStartIndex);
                reader.Skip();
                if (!places.TryAdd(name, new(kind, start, (int)reader.BytesConsumed)))
                {
                    throw new SecretContentException(
                        "The secret's JSON object has two fields with the same name.",
                        "Remove one of them in the vault: readers disagree about which one counts.");
                }
            }

            // Whatever follows the object makes this throw.
            while (reader.Read())
            {
            }

            return places;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Without the cause: its text may quote the content.
            throw NotAnObject();
        }
    }

    private static SecretContentException NotAnObject() => new(
        "The secret is not a JSON object, or not a valid one.",
        "Correct its content in the vault, or leave the fields out in the inventory if the whole secret is one value.");

    private static SecretValue Unescaped(ReadOnlySpan<byte> token, string field)
    {
        using var text = new SecretBuffer(token.Length);
        try
        {
            var reader = new Utf8JsonReader(token);
            reader.Read();
            var length = reader.CopyString(text.Extend(token.Length));
            return SecretValue.FromUtf8(text.Written[..length]);
        }
        catch (InvalidOperationException)
        {
            throw new SecretContentException(
                $"The field \"{field}\" of the secret is not valid Unicode text.",
                "Write the field anew in the vault.");
        }
    }

    /// <summary>A JSON string with as few escapes as RFC 8259 asks for.</summary>
    internal static bool AppendString(SecretBuffer buffer, ReadOnlySpan<byte> utf8)
    {
        buffer.Append((byte)'"');
        foreach (var value in utf8)
        {
            switch (value)
            {
                case (byte)'"':
                    buffer.Append("\\\""u8);
                    break;
                case (byte)'\\':
                    buffer.Append("\\\\"u8);
                    break;
                case (byte)'\n':
                    buffer.Append("\\n"u8);
                    break;
                case < 0x20:
                    buffer.Append("\\u00"u8);
                    Convert.TryToHexStringLower([value], buffer.Extend(2), out _);
                    break;
                default:
                    buffer.Append(value);
                    break;
            }
        }

        buffer.Append((byte)'"');
        return true;
    }

    /// <summary>The place of a value: its kind, its first byte, and the byte after its last.</summary>
    private sealed record Place(JsonTokenType Kind, int Start, int End);
}
