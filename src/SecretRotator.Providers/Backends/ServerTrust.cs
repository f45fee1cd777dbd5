using System.Net.Security;
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
        var authorities = Network.AuthoritiesIn(file) ?? throw new UsageException(
            $"The certificate authorities in {file} can't be read.",
            "Let \"ca\" of the backend name a PEM file with at least one certificate; its path starts from the inventory's folder.");
        return (_, certificate, chain, errors) =>
            (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
                && Network.IsSignedBy(authorities, certificate, chain);
    }
}
