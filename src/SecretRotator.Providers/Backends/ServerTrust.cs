using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SecretRotator.Providers.Backends;

/// <summary>Whom a backend's TLS trusts: the authorities of a file alone, or those of the machine. The name must always be right.</summary>
internal static class ServerTrust
{
    /// <summary>What SslStream asks.</summary>
    /// <param name="file">The path of a PEM file, or null.</param>
    /// <exception cref="UsageException">The file can't be read.</exception>
    public static RemoteCertificateValidationCallback Of(string? file)
    {
        if (file is null)
            return (_, _, _, errors) => errors == SslPolicyErrors.None;
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

        if (authorities.Count == 0)
            throw Refuse(file);
        return (_, certificate, chain, errors) =>
        {
            if ((errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0 || certificate is not X509Certificate2 leaf)
                return false;
            using var own = new X509Chain();
            own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            own.ChainPolicy.CustomTrustStore.AddRange(authorities);
            own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            own.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // server authentication
            if (chain is not null)
                own.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Select(element => element.Certificate).ToArray());
            return own.Build(leaf);
        };
    }

    private static UsageException Refuse(string path) => new(
        $"The certificate authorities in {path} can't be read.",
        "Let \"ca\" of the backend name a PEM file with at least one certificate; its path starts from the inventory's folder.");
}
