using System.Security.Cryptography;

namespace SecretRotator.EvidenceStorage;

/// <summary>Reads the public key that signatures are checked with.</summary>
internal static class PublicKey
{
    private const int MostBytes = 64 * 1024;

    /// <summary>The key; the caller disposes of it.</summary>
    /// <exception cref="UsageException">It can't be read, or is none.</exception>
    public static ECDsa Read(string path)
    {
        var key = ECDsa.Create();
        try
        {
            var pem = new FileInfo(path).Length <= MostBytes ? File.ReadAllText(path) : "";
            // The import would read a private key too, but checking must not need one.
            if (!PemEncoding.TryFind(pem, out var fields) || pem[fields.Label] != "PUBLIC KEY")
                throw new ArgumentException("No public key.", nameof(path));
            key.ImportFromPem(pem);
            return SigningKey.IsP256(key) ? key : throw new CryptographicException("Another curve.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            throw new UsageException(
                "The public key can't be read.", "Check that the file is there, and that this user may read it.", path);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new UsageException(
                [new Problem(
                    "It is no public key on the curve P-256 in PEM form.",
                    "Make it of the private one: openssl pkey -in signing-key.pem -pubout -out signing-key.pub", path)]);
        }
    }
}
