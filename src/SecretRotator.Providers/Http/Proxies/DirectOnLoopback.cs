using System.Net;

namespace SecretRotator.Providers.Http;

/// <summary>The system's own proxy, but never for this machine.</summary>
internal sealed class DirectOnLoopback(IWebProxy proxy) : IWebProxy
{
    /// <inheritdoc />
    public ICredentials? Credentials
    {
        get => proxy.Credentials;
        set => proxy.Credentials = value;
    }

    /// <inheritdoc />
    public Uri? GetProxy(Uri destination) => destination.IsLoopback ? null : proxy.GetProxy(destination);

    /// <inheritdoc />
    public bool IsBypassed(Uri host) => host.IsLoopback || proxy.IsBypassed(host);
}
