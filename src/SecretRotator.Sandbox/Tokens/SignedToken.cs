using System.Buffers.Text;
using System.Security.Cryptography;

namespace SecretRotator.Sandbox.Tokens;

/// <summary>A JSON web token in its compact form, taken apart. Nothing is trusted before <see cref="IsSignedBy"/> said so.</summary>
internal sealed class SignedToken(JsonElement header, JsonElement claims, byte[] signed, byte[] signature)
{
    public JsonElement Claims => claims;

    /// <summary>Parses a token; null if the text isn't one.</summary>
    public static SignedToken? Parse(string text)
    {
        var parts = text.Split('.');
        if (parts.Length != 3)
            return null;
        try
        {
            return new SignedToken(
                Element(parts[0]), Element(parts[1]), Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
                Base64Url.DecodeFromChars(parts[2]));
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>A claim's text, or null where it is missing or something else.</summary>
    public string? Claim(string name) => Text(claims, name);

    /// <summary>A header's text, or null where it is missing or something else.</summary>
    public string? HeaderText(string name) => Text(header, name);

    /// <summary>A claim's whole number, such as a time in seconds since 1970; null where it is missing or something else.</summary>
    public long? Number(string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : null;

    /// <summary>Whether it is valid by <c>exp</c>, which it must have, and <c>nbf</c>, with Entra's five minutes of grace.</summary>
    public bool IsValidAt(DateTimeOffset time)
    {
        const int graceSeconds = 300;
        var now = time.ToUnixTimeSeconds();
        return Time("exp") is { } end && now < end + graceSeconds && (Time("nbf") is not { } start || now >= start - graceSeconds);
    }

    /// <summary>Whether that key signed it: an RSA key by RS256 or PS256, a P-256 key by ES256.</summary>
    public bool IsSignedBy(AsymmetricAlgorithm key) => (key, HeaderText("alg")) switch
    {
        (RSA rsa, "RS256") => rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        (RSA rsa, "PS256") => rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        (ECDsa ec, "ES256") => ec.VerifyData(signed, signature, HashAlgorithmName.SHA256),
        _ => false,
    };

    // Microsoft's own library writes times as text.
    private long? Time(string name) => Number(name)
        ?? (long.TryParse(Claim(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null);

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static JsonElement Element(string part)
    {
        using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part));
        return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new JsonException();
    }
}
