using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SecretRotator.Sandbox.Identity;

/// <summary>Signs tokens that only this sandbox accepts: one RSA key stands in for Bitbucket's and for AWS's issuer.</summary>
internal static class SandboxIssuer
{
    private const int KeyBits = 2048;

    /// <summary>Bitbucket's issuer of a workspace (<c>iss</c>), as its discovery document names it.</summary>
    public static string OfWorkspace(string workspace) => $"https://api.bitbucket.org/2.0/workspaces/{workspace}/pipelines-config/identity/oidc";

    /// <summary>The issuer of an AWS account, which signs what <c>GetWebIdentityToken</c> gives; real ones have an id of their own in this place.</summary>
    public static string OfAccount(string account) => $"https://sandbox-{account}.tokens.sts.global.api.aws";

    /// <summary>The audience that Bitbucket's tokens have by default.</summary>
    public static string AudienceOf(string workspaceUuid) => $"ari:cloud:bitbucket::workspace/{workspaceUuid}";

    /// <summary>The key; made where there is none yet, which changes the state.</summary>
    public static RSA Key(IdentityState state)
    {
        var key = RSA.Create(KeyBits);
        if (state.SigningKey is { } saved)
            key.ImportPkcs8PrivateKey(Convert.FromBase64String(saved), out _);
        else
            state.SigningKey = Convert.ToBase64String(key.ExportPkcs8PrivateKey());
        return key;
    }

    /// <summary>The public half as a JSON web key.</summary>
    public static JsonObject PublicKey(IdentityState state)
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
    public static string Sign(IdentityState state, JsonObject claims)
    {
        using var key = Key(state);
        var header = new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = KeyId(key) };
        var text = $"{Encode(header)}.{Encode(claims)}";
        return $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static string KeyId(RSA key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 8));
}
