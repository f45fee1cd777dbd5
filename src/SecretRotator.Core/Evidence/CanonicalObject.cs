namespace SecretRotator.Evidence;

/// <summary>
/// A JSON object in the canonical form of RFC 8785: members sorted by the UTF-16 code units of their names, no white space, the fewest
/// escapes. Numbers are whole and at most 2^53 - 1, which every reader holds exactly, so that a hash means the same everywhere.
/// </summary>
/// <param name="convert">Converts a text before it is written; null where texts are kept unchanged.</param>
public sealed class CanonicalObject(Func<string, string>? convert = null)
{
    private const long LargestNumber = (1L << 53) - 1;

    private readonly SortedDictionary<string, string> _members = new(StringComparer.Ordinal);
    private readonly Func<string, string> _convert = convert ?? (static text => text);

    /// <summary>Adds a text; nothing where it is null. A lone surrogate, which UTF-8 can't hold, becomes U+FFFD.</summary>
    public CanonicalObject With(string name, string? text) => text is null ? this : WithJson(name, Text(_convert(text)));

    /// <summary>Adds a whole number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is beyond 2^53 - 1.</exception>
    public CanonicalObject With(string name, long number) => WithJson(name, Number(number));

    /// <summary>Adds a truth value.</summary>
    public CanonicalObject With(string name, bool truth) => WithJson(name, truth ? "true" : "false");

    /// <summary>Adds a list of texts.</summary>
    public CanonicalObject With(string name, IEnumerable<string> texts) =>
        WithJson(name, $"[{string.Join(',', texts.Select(text => Text(_convert(text))))}]");

    /// <summary>Adds an object; nothing where it is null.</summary>
    public CanonicalObject With(string name, CanonicalObject? value) => value is null ? this : WithJson(name, value.ToString());

    /// <summary>Adds a list of objects.</summary>
    public CanonicalObject With(string name, IEnumerable<CanonicalObject> values) => WithJson(name, $"[{string.Join(',', values)}]");

    /// <summary>Adds something that was read.</summary>
    /// <inheritdoc cref="Of" path="/exception" />
    internal CanonicalObject With(string name, JsonElement value) => WithJson(name, Of(value));

    /// <summary>The object's bytes, of which hashes are made.</summary>
    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(ToString());

    /// <inheritdoc />
    public override string ToString() => $"{{{string.Join(',', _members.Select(member => $"{Text(member.Key)}:{member.Value}"))}}}";

    /// <summary>The canonical form of something that was read.</summary>
    /// <exception cref="InvalidOperationException">It has none: it holds a fraction, or half a character.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It has none: it holds a number beyond 2^53 - 1.</exception>
    internal static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object =>
            value.EnumerateObject().Aggregate(new CanonicalObject(), (all, member) => all.With(member.Name, member.Value)).ToString(),
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Of))}]",
        JsonValueKind.String => Text(value.GetString()!),
        JsonValueKind.Number =>
            value.TryGetInt64(out var number) ? Number(number) : throw new InvalidOperationException("No whole number."),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    private CanonicalObject WithJson(string name, string json)
    {
        _members[name] = json;
        return this;
    }

    private static string Number(long number) => number is <= LargestNumber and >= -LargestNumber
        ? number.ToString(CultureInfo.InvariantCulture)
        : throw new ArgumentOutOfRangeException(nameof(number));

    private static string Text(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAny('"', '\\')
            && !text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
            return $"\"{text}\"";
        var json = new StringBuilder(text.Length + 2).Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                '\b' => json.Append("\\b"),
                '\t' => json.Append("\\t"),
                '\n' => json.Append("\\n"),
                '\f' => json.Append("\\f"),
                '\r' => json.Append("\\r"),
                < 0x20 => json.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => json.Append(rune.ToString()),
            };
        }

        return json.Append('"').ToString();
    }
}
