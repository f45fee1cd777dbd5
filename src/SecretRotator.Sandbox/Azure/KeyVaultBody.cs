using System.Text.Json.Serialization;

namespace SecretRotator.Sandbox.Azure;

/// <summary>When a version is valid, as a body has it: times in seconds since 1970.</summary>
internal sealed record KeyVaultAttributes(bool? Enabled = null, long? Exp = null, long? Nbf = null);

/// <summary>What the body of a PUT or a PATCH says, within the limits that Microsoft documents. A part that is null was left out.</summary>
internal sealed record KeyVaultBody(
    string? Value = null, string? ContentType = null, KeyVaultAttributes? Attributes = null, Dictionary<string, string?>? Tags = null)
{
    private const int MostBytes = 25_600;
    private const int MostTags = 15;
    private const int LongestTag = 256;
    private const int LongestContentType = 255;

    /// <summary>Reads a body, or says what is wrong with it.</summary>
    public static (KeyVaultBody? Body, string Defect) Read(byte[] utf8, bool withValue)
    {
        try
        {
            var body = JsonSerializer.Deserialize(utf8, KeyVaultJson.Default.KeyVaultBody) ?? throw new JsonException();
            return body.Defect(withValue) is { } defect ? (null, defect) : (body, "");
        }
        catch (JsonException)
        {
            return (null, "The request body is not valid.");
        }
    }

    /// <summary>When it ends, or null.</summary>
    public DateTimeOffset? Expires => Time(Attributes?.Exp);

    /// <summary>Writes what was given. Tags are replaced as a whole.</summary>
    public void ApplyTo(AzureVersionState version, DateTimeOffset now)
    {
        version.Updated = now;
        version.ContentType = ContentType ?? version.ContentType;
        version.Enabled = Attributes?.Enabled ?? version.Enabled;
        version.Expires = Expires ?? version.Expires;
        version.NotBefore = Time(Attributes?.Nbf) ?? version.NotBefore;
        if (Tags is not null)
            version.Tags = new(Tags.ToDictionary(tag => tag.Key, tag => tag.Value ?? "", StringComparer.Ordinal), StringComparer.Ordinal);
    }

    private string? Defect(bool withValue)
    {
        if (withValue && Value is null)
            return "The property value is missing.";
        if (Value is not null && Encoding.UTF8.GetByteCount(Value) > MostBytes)
            return $"The secret's value is longer than {MostBytes} bytes.";
        if (ContentType?.Length > LongestContentType)
            return $"The content type is longer than {LongestContentType} characters.";
        if (Tags?.Count > MostTags)
            return $"There are more than {MostTags} tags.";
        return Tags?.Any(t => t.Key.Length > LongestTag || t.Value?.Length > LongestTag) == true
            ? $"A tag's name or value is longer than {LongestTag} characters."
            : null;
    }

    private static DateTimeOffset? Time(long? seconds) => seconds is { } known ? DateTimeOffset.FromUnixTimeSeconds(known) : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeyVaultBody))]
internal sealed partial class KeyVaultJson : JsonSerializerContext;
