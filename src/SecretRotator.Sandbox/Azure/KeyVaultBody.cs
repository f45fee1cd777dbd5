using System.Text;
using System.Text.Json;
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

/// <summary>What the body of a PUT or a PATCH says. A part that is null was left out.</summary>
internal sealed record KeyVaultBody(
    string? Value,
    string? ContentType,
    bool? Enabled,
    DateTimeOffset? Expires,
    DateTimeOffset? NotBefore,
    IReadOnlyDictionary<string, string>? Tags)
{
    /// <summary>Reads a body, or says what is wrong with it.</summary>
    public static (KeyVaultBody? Body, string Defect) Read(byte[] utf8, bool withValue)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var root = document.RootElement;
            var attributes = Member(root, "attributes");
            var body = new KeyVaultBody(
                Member(root, "value")?.GetString(),
                Member(root, "contentType")?.GetString(),
                attributes is { } a ? Member(a, "enabled")?.GetBoolean() : null,
                attributes is { } b ? Time(b, "exp") : null,
                attributes is { } c ? Time(c, "nbf") : null,
                Member(root, "tags") is { } tags ? tags.EnumerateObject().ToDictionary(t => t.Name, t => t.Value.GetString() ?? "", StringComparer.Ordinal) : null);
            return body.Defect(withValue) is { } defect ? (null, defect) : (body, "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return (null, "The request body is not valid.");
        }
    }

    /// <summary>Writes what was given. Tags are replaced as a whole.</summary>
    public void ApplyTo(AzureVersionState version, DateTimeOffset now)
    {
        version.Updated = now;
        version.ContentType = ContentType ?? version.ContentType;
        version.Enabled = Enabled ?? version.Enabled;
        version.Expires = Expires ?? version.Expires;
        version.NotBefore = NotBefore ?? version.NotBefore;
        if (Tags is not null)
            version.Tags = new(Tags.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
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
        return Tags?.Any(t => t.Key.Length > KeyVaultLimits.TagLength || t.Value.Length > KeyVaultLimits.TagLength) == true
            ? $"A tag's name or value is longer than {KeyVaultLimits.TagLength} characters."
            : null;
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    private static DateTimeOffset? Time(JsonElement attributes, string name) =>
        Member(attributes, name) is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds.GetInt64()) : null;
}
