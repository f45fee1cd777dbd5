using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SecretRotator.Providers.Http;

/// <summary>How the program reaches the network: the same way for every service.</summary>
internal sealed class Network : IDisposable
{
    private readonly X509Certificate2Collection _authorities;
    private readonly ProxySettings? _proxies;

    private Network(X509Certificate2Collection authorities, ProxySettings? proxies) => (_authorities, _proxies) = (authorities, proxies);

    /// <summary>A network that trusts the system's certificate authorities, and those of a bundle.</summary>
    /// <param name="caBundle">The bundle's path, or null.</param>
    /// <param name="proxies">The proxies that the environment names, or null for those of the system.</param>
    /// <exception cref="UsageException">The bundle can't be read.</exception>
    public static Network Open(string? caBundle, ProxySettings? proxies)
    {
        X509Certificate2Collection authorities = caBundle is null ? [] : AuthoritiesIn(caBundle) ?? throw new UsageException(
            $"The certificate authorities in {caBundle} can't be read.", "Set tls.caBundle to a PEM file with at least one certificate.");
        return new Network(authorities, proxies);
    }

    /// <summary>The certificates in a PEM file; null where it has none, or can't be read.</summary>
    public static X509Certificate2Collection? AuthoritiesIn(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return null;
        }

        return authorities.Count > 0 ? authorities : null;
    }

    /// <summary>What TLS must be: 1.3 where the other side offers it, 1.2 otherwise, nothing older whatever the system allows.</summary>
    public static SslProtocols Protocols => SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Makes the handler of one client.</summary>
    public HttpMessageHandler Handler() => new ProxyFailures(Sockets(), ProxyFor);

    /// <summary>The proxy that an address is reached through, or null.</summary>
    public ProxyServer? ProxyFor(Uri address)
    {
        if (_proxies is not null)
            return _proxies.For(address);
        var system = new DirectOnLoopback(HttpClient.DefaultProxy);
        return !system.IsBypassed(address) && system.GetProxy(address) is { } proxy && proxy != address
            ? new ProxyServer("the system's settings", new UriBuilder(proxy) { UserName = "", Password = "" }.Uri, null, null)
            : null;
    }

    /// <summary>What a handler is made of. No redirects: a credential goes where the settings say and nowhere else.</summary>
    internal SocketsHttpHandler Sockets()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            Proxy = _proxies is null ? new DirectOnLoopback(HttpClient.DefaultProxy) : new ChosenProxy(_proxies),
            UseCookies = false,
        };
        handler.SslOptions.EnabledSslProtocols = Protocols;
        if (_authorities.Count > 0)
            handler.SslOptions.RemoteCertificateValidationCallback =
                (_, certificate, chain, errors) => IsTrusted(certificate, chain, errors);
        return handler;
    }

    public void Dispose()
    {
        foreach (var authority in _authorities)
            authority.Dispose();
    }

    /// <summary>Whether a server's certificate is trusted. Whatever else is wrong, such as the name, stays wrong: the bundle only adds to
    /// the authorities that the system trusts.</summary>
    /// <param name="certificate">The certificate that it showed.</param>
    /// <param name="chain">What was found to lead from it to an authority.</param>
    /// <param name="errors">What the system says against it.</param>
    public bool IsTrusted(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        return errors == SslPolicyErrors.RemoteCertificateChainErrors && _authorities.Count > 0
            && IsSignedBy(_authorities, certificate, chain);
    }

    /// <summary>Whether one of some authorities, and no other, signed a server's certificate. Its name isn't looked at.</summary>
    /// <param name="authorities">The authorities, at least one.</param>
    /// <param name="certificate">The certificate that it showed.</param>
    /// <param name="chain">What was found to lead from it to an authority.</param>
    public static bool IsSignedBy(X509Certificate2Collection authorities, X509Certificate? certificate, X509Chain? chain)
    {
        if (certificate is not X509Certificate2 leaf)
            return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // server authentication
        if (chain is not null)
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainElements.Select(element => element.Certificate).ToArray());
        return own.Build(leaf);
    }
}
