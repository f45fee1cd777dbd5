using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace SecretRotator.Sandbox.Azure;

/// <summary>The limits of a secret that Microsoft documents.</summary>
internal static partial class KeyVaultLimits
{
    public const int ValueBytes = 25_600;
    public const int Tags = 15;
    public const int TagLength = 256;
    public const int ContentTypeLength = 255;

    public static bool IsName(string name) => Name().IsMatch(name);

    [GeneratedRegex("^[0-9a-zA-Z-]{1,127}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}

/// <summary>When a version is valid, as a body has it: times in seconds since 1970.</summary>
internal sealed record KeyVaultAttributes(bool? Enabled = null, long? Exp = null, long? Nbf = null);

/// <summary>What the body of a PUT or a PATCH says. A part that is null was left out.</summary>
internal sealed record KeyVaultBody(
    string? Value = null, string? ContentType = null, KeyVaultAttributes? Attributes = null, Dictionary<string, string?>? Tags = null)
{
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
        if (Value is not null && Encoding.UTF8.GetByteCount(Value) > KeyVaultLimits.ValueBytes)
            return $"The secret's value is longer than {KeyVaultLimits.ValueBytes} bytes.";
        if (ContentType?.Length > KeyVaultLimits.ContentTypeLength)
            return $"The content type is longer than {KeyVaultLimits.ContentTypeLength} characters.";
        if (Tags?.Count > KeyVaultLimits.Tags)
            return $"There are more than {KeyVaultLimits.Tags} tags.";
        return Tags?.Any(t => t.Key.Length > KeyVaultLimits.TagLength || t.Value?.Length > KeyVaultLimits.TagLength) == true
            ? $"A tag's name or value is longer than {KeyVaultLimits.TagLength} characters."
            : null;
    }

    private static DateTimeOffset? Time(long? seconds) => seconds is { } known ? DateTimeOffset.FromUnixTimeSeconds(known) : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeyVaultBody))]
internal sealed partial class KeyVaultJson : JsonSerializerContext;
