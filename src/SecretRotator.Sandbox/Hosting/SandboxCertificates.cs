using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Sandbox.Hosting;

/// <summary>
/// The sandbox's own certificate authority, and the server certificate that it signed for this machine's loopback names and for the
/// servers that are emulated under their own.
/// </summary>
/// <remarks>The authority's key is dropped once it has signed: a client that trusts <c>ca.pem</c> trusts only that certificate.</remarks>
internal sealed class SandboxCertificates(X509Certificate2 server, string authorityPem, string? authorityPath) : IDisposable
{
    private const string AuthorityFile = "ca.pem";
    private const string ServerFile = "server.pem";
    private const string KeyFile = "server-key.pem";
    private static readonly Duration Lifetime = Duration.FromDays(3650);

    /// <summary>What the listeners show, with its key.</summary>
    public X509Certificate2 Server => server;

    /// <summary>What clients trust.</summary>
    public string AuthorityPem => authorityPem;

    /// <summary>The file that holds <see cref="AuthorityPem"/>, or null in memory.</summary>
    public string? AuthorityPath => authorityPath;

    /// <summary>Makes certificates that live in memory.</summary>
    /// <param name="now">The time.</param>
    /// <param name="hosts">Further names and addresses that the server answers for.</param>
    public static SandboxCertificates InMemory(Instant now, params ImmutableArray<string> hosts)
    {
        var (authority, server, key) = Make(now, hosts);
        return new SandboxCertificates(Load(server, key), authority, authorityPath: null);
    }

    /// <summary>The certificates of a folder; makes them where they are missing, unreadable, about to end, or lack a name.</summary>
    public static async Task<SandboxCertificates> InAsync(
        StateFolder folder, Instant now, CancellationToken cancellation, params ImmutableArray<string> hosts)
    {
        using var held = await folder.LockAsync(cancellation);
        if (TryLoad(folder, now, hosts) is { } kept)
            return kept;
        var (authority, server, key) = Make(now, hosts);
        foreach (var (name, pem) in new[] { (KeyFile, key), (ServerFile, server), (AuthorityFile, authority) })
            folder.Write(name, stream => stream.Write(Encoding.ASCII.GetBytes(pem)));
        return new SandboxCertificates(Load(server, key), authority, folder.PathOf(AuthorityFile));
    }

    public void Dispose() => server.Dispose();

    private static SandboxCertificates? TryLoad(StateFolder folder, Instant now, ImmutableArray<string> hosts)
    {
        try
        {
            var authority = File.ReadAllText(folder.PathOf(AuthorityFile));
            var server = Load(File.ReadAllText(folder.PathOf(ServerFile)), File.ReadAllText(folder.PathOf(KeyFile)));
            if (Instant.FromDateTimeUtc(server.NotAfter.ToUniversalTime()) > now + Duration.FromDays(1)
                && hosts.All(host => server.MatchesHostname(host, allowWildcards: false, allowCommonName: false)))
                return new SandboxCertificates(server, authority, folder.PathOf(AuthorityFile));
            server.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static (string Authority, string Server, string Key) Make(Instant now, ImmutableArray<string> hosts)
    {
        var from = (now - Duration.FromDays(1)).ToDateTimeOffset();
        var to = (now + Lifetime).ToDateTimeOffset();

        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=SecretRotator sandbox", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, critical: false));
        using var authority = authorityRequest.CreateSelfSigned(from, to);

        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForEndEntity(critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1", "server authentication")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using var server = request.Create(authority, from, to, RandomNumberGenerator.GetBytes(16));

        return (authority.ExportCertificatePem(), server.ExportCertificatePem(), serverKey.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Load(string certificate, string key)
    {
        // By way of PKCS#12, because Windows' TLS takes no key that lives only in memory. Without a password more rounds only cost time.
        using var withKey = X509Certificate2.CreateFromPem(certificate, key);
        var unprotected = new PbeParameters(PbeEncryptionAlgorithm.TripleDes3KeyPkcs12, HashAlgorithmName.SHA1, iterationCount: 1);
        return X509CertificateLoader.LoadPkcs12(withKey.ExportPkcs12(unprotected, password: null), password: null);
    }
}
