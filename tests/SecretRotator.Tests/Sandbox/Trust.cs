using System.Security.Cryptography.X509Certificates;

namespace SecretRotator.Tests.Sandbox;

/// <summary>Clients that trust one authority and no other.</summary>
internal static class Trust
{
    public static HttpClient Client(string authorityPem)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509Certificate2.CreateFromPem(authorityPem) },
        };
        return new HttpClient(handler);
    }
}
