using System.Security.Cryptography;
using SecretRotator.Providers;

namespace SecretRotator.EvidenceStorage;

/// <summary>The private key that closed evidence is signed with: ECDSA on the curve P-256, with SHA-256.</summary>
internal sealed class SigningKey : IDisposable
{
    private const string P256 = "1.2.840.10045.3.1.7";

    private readonly ECDsa _key;

    private SigningKey(ECDsa key)
    {
        _key = key;
        Id = IdOf(key);
    }

    /// <summary>The SHA-256 of the public key's DER form (SubjectPublicKeyInfo), in lower-case hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>Reads a private key in PEM form, PKCS#8 or SEC1.</summary>
    /// <param name="pem">The text; the caller wipes it.</param>
    /// <param name="place">Where it is, for messages.</param>
    /// <exception cref="UsageException">It is none.</exception>
    public static SigningKey Read(SecretValue pem, string place)
    {
        var key = ECDsa.Create();
        try
        {
            PemKey.Import(key, pem);
            if (!IsP256(key))
                throw new UsageException($"The signing key in {place} is not on the curve P-256.", HowToMake);
            // The import reads a public key too; only this shows that it is one.
            _ = key.SignHash(new byte[SHA256.HashSizeInBytes]);
            return new SigningKey(key);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new UsageException($"The signing key in {place} is no private key in PEM form, or is encrypted.", HowToMake);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Whether a key is on the curve P-256.</summary>
    public static bool IsP256(ECDsa key) =>
        key.ExportParameters(includePrivateParameters: false).Curve.Oid is { } curve
            && (curve.Value == P256 || curve.FriendlyName is "nistP256" or "ECDSA_P256");

    /// <summary>A key's id: <see cref="Id"/>.</summary>
    public static string IdOf(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    /// <summary>Signs a message. The signature is in DER form, which openssl takes.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message) =>
        _key.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    public void Dispose() => _key.Dispose();

    private const string HowToMake = "Make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out signing-key.pem";
}
