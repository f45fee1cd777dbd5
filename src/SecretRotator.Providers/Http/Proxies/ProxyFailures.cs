using System.Net;
using System.Text.RegularExpressions;

namespace SecretRotator.Providers.Http;

/// <summary>Tells the failures of a proxy from those of the services behind it. The library's own message may show the proxy's password,
/// ours doesn't.</summary>
/// <param name="inner">Sends the requests.</param>
/// <param name="proxyFor">The proxy that an address is reached through, or null.</param>
internal sealed partial class ProxyFailures(HttpMessageHandler inner, Func<Uri, ProxyServer?> proxyFor) : DelegatingHandler(inner)
{
    /// <inheritdoc />
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Judged(request, base.Send(request, cancellationToken));
        }
        catch (HttpRequestException exception) when (IsOfProxy(exception) && ProxyOf(request) is { } proxy)
        {
            throw Explained(exception, proxy);
        }
    }

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return Judged(request, await base.SendAsync(request, cancellationToken));
        }
        catch (HttpRequestException exception) when (IsOfProxy(exception) && ProxyOf(request) is { } proxy)
        {
            throw Explained(exception, proxy);
        }
    }

    // Without TLS there is no tunnel: the proxy answers in the service's place, with a status that is a proxy's alone.
    private HttpResponseMessage Judged(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.ProxyAuthenticationRequired || ProxyOf(request) is not { } proxy)
            return response;
        response.Dispose();
        throw new ProxyRefusedException(proxy.ToString(), (int)HttpStatusCode.ProxyAuthenticationRequired);
    }

    private ProxyServer? ProxyOf(HttpRequestMessage request) => request.RequestUri is { } address ? proxyFor(address) : null;

    // Where there is a proxy, names are resolved and connections made on the way to it, and by it from there on.
    private static bool IsOfProxy(HttpRequestException exception) =>
        exception.HttpRequestError is HttpRequestError.ProxyTunnelError or HttpRequestError.NameResolutionError
            or HttpRequestError.ConnectionError;

    private static Exception Explained(
        HttpRequestException exception, ProxyServer proxy) => exception.HttpRequestError == HttpRequestError.ProxyTunnelError
        ? new ProxyRefusedException(proxy.ToString(), Status(exception.Message))
        : new ProxyUnreachableException(proxy.ToString(), exception);

    // The library keeps the status nowhere else.
    private static int? Status(string message) =>
        Quoted().Matches(message) is [.., var last]
            ? int.Parse(last.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)
            : null;

    [GeneratedRegex("'([1-5][0-9]{2})'", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Quoted();
}
