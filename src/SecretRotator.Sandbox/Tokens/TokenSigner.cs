using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace SecretRotator.Sandbox.Tokens;

/// <summary>Signs tokens that only this sandbox accepts: one RSA key serves every issuer.</summary>
internal static class TokenSigner
{
    private const int KeyBits = 2048;

    // Making one takes a while, and so does reading one, since its primes are tested: the sandboxes of one process share them.
    private static readonly Lazy<string> Shared = new(() =>
    {
        using var key = RSA.Create(KeyBits);
        return Convert.ToBase64String(key.ExportPkcs8PrivateKey());
    });

    private static readonly ConcurrentDictionary<(string Pkcs8, bool IsCurve), AsymmetricAlgorithm?> Known = [];

    /// <summary>Gives a state its key if it has none yet.</summary>
    public static void AddKey(SandboxState state) => state.SigningKey ??= Shared.Value;

    /// <summary>Whether the key of a state signed a token. Without a key, or with one of another kind than the token says, it didn't.</summary>
    public static bool Signed(SandboxState state, SignedToken token) => state.SigningKey is { } pkcs8
        && Key(pkcs8, isCurve: token.HeaderText("alg") == "ES256") is { } key && Use(key, token.IsSignedBy);

    /// <summary>The public half as a JSON web key.</summary>
    public static JsonObject PublicKey(SandboxState state) => With(state, key =>
    {
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
    });

    /// <summary>The claims as a signed token.</summary>
    public static string Sign(SandboxState state, JsonObject claims) => With(state, key =>
    {
        var header = new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = KeyId(key) };
        var text = $"{Encode(header)}.{Encode(claims)}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    });

    private static T With<T>(SandboxState state, Func<RSA, T> use)
    {
        AddKey(state);
        return Use((RSA)Key(state.SigningKey!, isCurve: false)!, use);
    }

    private static T Use<TKey, T>(TKey key, Func<TKey, T> use)
        where TKey : AsymmetricAlgorithm
    {
        lock (key)
            return use(key);
    }

    private static AsymmetricAlgorithm? Key(string pkcs8, bool isCurve) => Known.GetOrAdd((pkcs8, isCurve), static known =>
    {
        AsymmetricAlgorithm key = known.IsCurve ? ECDsa.Create() : RSA.Create();
        try
        {
            key.ImportPkcs8PrivateKey(Convert.FromBase64String(known.Pkcs8), out _);
            return key;
        }
        catch (CryptographicException)
        {
            key.Dispose();
            return null;
        }
    });

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static string KeyId(RSA key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, 8));
}
