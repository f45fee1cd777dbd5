using SecretRotator.Providers.Http;

namespace SecretRotator.Doctor.Connectivity;

/// <summary>Gets through a proxy, or says why not.</summary>
internal static class ProxyHop
{
    /// <summary>Asks for a tunnel to a service.</summary>
    /// <returns>What the proxy answers, which says no more than that there is a tunnel.</returns>
    /// <exception cref="HopFailedException">The proxy refuses.</exception>
    public static async Task<HttpHead> OpenTunnelAsync(Stream stream, Uri address, ProxyServer proxy, CancellationToken cancellation)
    {
        var target = $"{address.IdnHost}:{address.Port}";
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: SecretRotator\r\n{Login(proxy)}\r\n"),
            cancellation);
        var head = await HttpHead.ReadAsync(stream, cancellation)
            ?? throw new HopFailedException(
                Hop.Proxy, $"what answers at the proxy {proxy} is no HTTP proxy",
                $"Correct {proxy.Variable}: http://HOST:PORT of a proxy that knows CONNECT.");
        return head.Status is >= 200 and <= 299 ? head : throw Refused(proxy, head);
    }

    /// <summary>A refusal by the proxy.</summary>
    public static HopFailedException Refused(ProxyServer proxy, HttpHead head)
    {
        var offered = head.Logins.IsEmpty ? "" : $" It takes {string.Join(" or ", head.Logins)}.";
        return new(
            Hop.Proxy,
            $"the proxy {proxy} refused the connection "
                + $"({head.Status}){(head.Status != 407 ? "" : proxy.User is null ? ": it wants a login and none is set" : ": it doesn't accept the login that is set")}",
            ProxyRefusedException.HintFor(head.Status) + offered);
    }

    /// <summary>The header that shows the login, or nothing where none is set.</summary>
    public static string Login(ProxyServer proxy)
    {
        if (proxy.User is null)
            return "";
#pragma warning disable RS0030 // It is meant for the proxy.
        return "Proxy-Authorization: Basic "
            + $"{Convert.ToBase64String(Encoding.UTF8.GetBytes($"{proxy.User}:{proxy.Password?.RevealText()}"))}\r\n";
#pragma warning restore RS0030
    }
}
