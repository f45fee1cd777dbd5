using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SecretRotator.Sandbox.Tokens;

/// <summary>Signs tokens that only this sandbox accepts: one RSA key serves every issuer.</summary>
internal static class TokenSigner
{
    private const int KeyBits = 2048;

    // Making one takes a while, so the sandboxes of one process share it.
    private static readonly Lazy<string> Shared = new(() =>
    {
        using var key = RSA.Create(KeyBits);
        return Convert.ToBase64String(key.ExportPkcs8PrivateKey());
    });

    /// <summary>The key; made where there is none yet, which changes the state.</summary>
    public static RSA Key(SandboxState state)
    {
        var key = RSA.Create();
        key.ImportPkcs8PrivateKey(Convert.FromBase64String(state.SigningKey ??= Shared.Value), out _);
        return key;
    }

    /// <summary>The public half as a JSON web key.</summary>
    public static JsonObject PublicKey(SandboxState state)
    {
        using var key = Key(state);
        var parameters = key.ExportParameters(includePrivateParameters: false);
        return new JsonObject
        {
            ["kty"] = "RSA",
            ["use"] = "sig",
            ["alg"] = "RS256",
            ["kid"] = KeyId(key),
            ["n"] = Base64Url.EncodeToString(parameters.Modulus),
            ["e"] = Base64Url.EncodeToString(parameters.Exponent),
        };
    }

    /// <summary>The claims as a signed token.</summary>
    public static string Sign(SandboxState state, JsonObject claims)
    {
        using var key = Key(state);
        var header = new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = KeyId(key) };
        var text = $"{Encode(header)}.{Encode(claims)}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static string KeyId(RSA key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 8));
}
