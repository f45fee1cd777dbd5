using System.Net;

namespace SecretRotator.Providers.Http;

/// <summary>Tells .NET's HTTP client which proxy an address is reached through, and as whom.</summary>
internal sealed class ChosenProxy(ProxySettings settings) : IWebProxy, ICredentials
{
    /// <inheritdoc />
    public ICredentials? Credentials
    {
        get => this;
        set => throw new NotSupportedException("The settings name the proxy's user.");
    }

    /// <inheritdoc />
    public Uri? GetProxy(Uri destination) => settings.For(destination)?.Address;

    /// <inheritdoc />
    public bool IsBypassed(Uri host) => settings.For(host) is null;

    /// <inheritdoc />
    public NetworkCredential? GetCredential(Uri uri, string authType) =>
        new[] { settings.Https, settings.Http }.FirstOrDefault(proxy => proxy?.User is not null && proxy.Address == uri) is { } found
            ? Login(found)
            : null;

    private static NetworkCredential Login(ProxyServer proxy)
    {
        // The user of a Windows domain is written DOMAIN\user.
        var (domain, user) = proxy.User!.Split('\\', 2) is [var before, var after] ? (before, after) : ("", proxy.User);
#pragma warning disable RS0030 // .NET takes nothing but text, and shows it to the proxy alone.
        return new NetworkCredential(user, proxy.Password?.RevealText() ?? "", domain);
#pragma warning restore RS0030
    }
}
