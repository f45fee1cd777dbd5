using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Backends;

/// <summary>Which certificates of servers are trusted. The name must always be the server's, whoever signed it.</summary>
internal static class ServerTrust
{
    /// <summary>What a TLS client asks: whether the authorities of a file, and no others, signed a certificate for that name.</summary>
    /// <param name="file">The path of a PEM file.</param>
    /// <exception cref="UsageException">The file can't be read.</exception>
    public static RemoteCertificateValidationCallback Of(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw Refuse(file);
        }

        return authorities.Count > 0
            ? (_, certificate, chain, errors) =>
                (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
                    && Network.IsSignedBy(authorities, certificate, chain)
            : throw Refuse(file);
    }

    private static UsageException Refuse(string file) => new(
        $"The certificate authorities in {file} can't be read.",
        "Let \"ca\" of the backend name a PEM file with at least one certificate; its path starts from the inventory's folder.");
}
