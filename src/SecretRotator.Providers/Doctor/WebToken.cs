using System.Buffers.Text;
using System.Security.Cryptography;

namespace SecretRotator.Providers.Doctor;

/// <summary>
/// A JSON web token, taken apart so that its claims can be shown and compared. Nothing that it says is proven before
/// <see cref="IsSignedBy"/>. It holds the claims only: the token itself can't be made of it.
/// </summary>
internal sealed class WebToken
{
    /// <summary>What to do where a step outlived its token.</summary>
    public const string AfterItsEnd =
        "Start the pipeline again: the next run finishes or undoes what is open. Set the step's max-time below the token's life, or split "
            + "the inventory over steps with --shard.";

    private const int LongestShown = 300;

    private readonly JsonElement _claims;
    private readonly byte[] _hash;
    private readonly byte[] _signature;

    private WebToken(JsonElement header, JsonElement claims, byte[] hash, byte[] signature)
    {
        (_claims, _hash, _signature) = (claims, hash, signature);
        Algorithm = Text(header, "alg");
        KeyId = Text(header, "kid");
    }

    /// <summary>How it is signed, such as <c>RS256</c>.</summary>
    public string? Algorithm { get; }

    /// <summary>Which key signed it.</summary>
    public string? KeyId { get; }

    /// <summary>Who issued it (<c>iss</c>).</summary>
    public string? Issuer => Claim("iss");

    /// <summary>Who it is about (<c>sub</c>).</summary>
    public string? Subject => Claim("sub");

    /// <summary>Whom it is for (<c>aud</c>): one text or a list of them.</summary>
    public ImmutableArray<string> Audiences => _claims.TryGetProperty("aud", out var audience)
        ? audience.ValueKind switch
        {
            JsonValueKind.String => [Shown(audience.GetString()!)],
            JsonValueKind.Array =>
                [.. audience.EnumerateArray()
                    .Where(each => each.ValueKind == JsonValueKind.String)
                    .Select(each => Shown(each.GetString()!))
                    .Take(10)],
            _ => [],
        }
        : [];

    /// <summary>The claim <c>aud</c> that it would have if the step asked for none; null where it names no workspace.</summary>
    public string? UsualAudience => Uuid("workspaceUuid") is { } workspace ? BitbucketIssuer.AudienceOf(workspace) : null;

    /// <summary>The other way out where a cloud doesn't take its audience; empty where it has the usual one.</summary>
    public string OrUsualAudience => UsualAudience is { } usual && !Audiences.Contains(usual, StringComparer.Ordinal)
        ? $", or let the step ask for no audience of its own: then it is {usual}"
        : "";

    /// <summary>When it was issued, or null.</summary>
    public Instant? IssuedAt => Time("iat");

    /// <summary>The first instant at which it is no longer good, or null where it doesn't say, which no service takes.</summary>
    public Instant? Ends => Time("exp");

    /// <summary>Parses a token; null if there is none or it isn't one.</summary>
    public static WebToken? Read(SecretValue? token) =>
#pragma warning disable RS0030 // Its claims are no secret; its text isn't kept.
        token?.Reveal(0, static (_, utf8) => Read(utf8.Span));
#pragma warning restore RS0030

    /// <summary>A claim's text without its uuid's braces, or null.</summary>
    public string? Uuid(string name) => Claim(name) is { } text && Guid.TryParse(text, out var uuid) ? uuid.ToString("D") : null;

    /// <summary>A claim's text, harmless to a terminal, or null where it is missing or something else.</summary>
    public string? Claim(string name) => Text(_claims, name);

    /// <summary>Whether it is signed with that key by RS256, the one way that Bitbucket signs. Any other is refused, <c>none</c> first of
    /// all.</summary>
    public bool IsSignedBy(RSA key) =>
        Algorithm == "RS256" && key.VerifyHash(_hash, _signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private static WebToken? Read(ReadOnlySpan<byte> utf8)
    {
        var first = utf8.IndexOf((byte)'.');
        var last = utf8.LastIndexOf((byte)'.');
        if (first <= 0 || last <= first + 1 || last == utf8.Length - 1)
            return null;
        try
        {
            return new WebToken(
                Element(utf8[..first]), Element(utf8[(first + 1)..last]), SHA256.HashData(utf8[..last]),
                Base64Url.DecodeFromUtf8(utf8[(last + 1)..]));
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private static JsonElement Element(ReadOnlySpan<byte> part)
    {
        using var document = JsonDocument.Parse(Base64Url.DecodeFromUtf8(part));
        return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new JsonException();
    }

    private Instant? Time(string name) =>
        _claims.TryGetProperty(name, out var time) && time.ValueKind == JsonValueKind.Number && time.TryGetInt64(out var seconds)
            && seconds is > 0 and < 253_402_300_800
            ? Instant.FromUnixTimeSeconds(seconds)
            : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Shown(value.GetString()!) : null;

    private static string Shown(string text) =>
        PrintableText.Of(text.Length > LongestShown ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text[..LongestShown])) + "…" : text);
}
