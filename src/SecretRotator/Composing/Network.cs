using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SecretRotator.Composing;

/// <summary>How the program reaches the network: the same way for every service.</summary>
internal sealed class Network : IDisposable
{
    private readonly X509Certificate2Collection _authorities;

    private Network(X509Certificate2Collection authorities) => _authorities = authorities;

    /// <summary>A network that trusts the system's certificate authorities, and those of a bundle.</summary>
    /// <exception cref="UsageException">The bundle can't be read.</exception>
    public static Network Open(string? caBundle)
    {
        var authorities = new X509Certificate2Collection();
        if (caBundle is null)
            return new Network(authorities);
        try
        {
            authorities.ImportFromPemFile(caBundle);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw Refuse(caBundle);
        }

        return authorities.Count > 0 ? new Network(authorities) : throw Refuse(caBundle);
    }

    /// <summary>Makes the handler of one client. No redirects: a credential goes where the settings say and nowhere else.</summary>
    public SocketsHttpHandler Handler()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            Proxy = new DirectOnLoopback(HttpClient.DefaultProxy),
            UseCookies = false,
        };
        if (_authorities.Count > 0)
            handler.SslOptions.RemoteCertificateValidationCallback = IsTrusted;
        return handler;
    }

    public void Dispose()
    {
        foreach (var authority in _authorities)
            authority.Dispose();
    }

    // Whatever else is wrong, such as the name, stays wrong: the bundle only adds to whom the system trusts.
    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf)
            return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // server authentication
        if (chain is not null)
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Select(element => element.Certificate).ToArray());
        return own.Build(leaf);
    }

    private static UsageException Refuse(string path) =>
        new($"The certificate authorities in {path} can't be read.", "Set tls.caBundle to a PEM file with at least one certificate.");

    /// <summary>The system's proxy, but never for this very machine.</summary>
    private sealed class DirectOnLoopback(IWebProxy proxy) : IWebProxy
    {
        public ICredentials? Credentials
        {
            get => proxy.Credentials;
            set => proxy.Credentials = value;
        }

        public Uri? GetProxy(Uri destination) => destination.IsLoopback ? null : proxy.GetProxy(destination);

        public bool IsBypassed(Uri host) => host.IsLoopback || proxy.IsBypassed(host);
    }
}
