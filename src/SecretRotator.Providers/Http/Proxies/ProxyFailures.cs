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

/// <summary>
/// A proxy refused a call, so nothing was sent to the service that it was meant for. Of no type that the clouds' libraries
/// take for a temporary failure: a password that is wrong doesn't get better, and trying it again may lock its account.
/// </summary>
/// <param name="proxy">The proxy for people, without its password.</param>
/// <param name="status">What it answered, or null where that isn't known.</param>
internal sealed class ProxyRefusedException(string proxy, int? status)
    : Exception($"the proxy {proxy} refused the connection{(status is { } known ? $" ({known})" : "")}")
{
    /// <summary>What the proxy answered, or null where that isn't known.</summary>
    public int? Status => status;

    /// <summary>What to do about it.</summary>
    public string Hint => HintFor(status);

    /// <summary>The first one among an exception and its causes, or null.</summary>
    public static ProxyRefusedException? In(Exception? exception) =>
        ExceptionChain.Of(exception).OfType<ProxyRefusedException>().FirstOrDefault();

    /// <summary>What to do about a proxy that answers so.</summary>
    public static string HintFor(int? status) => status switch
    {
        407 =>
            "The proxy wants a user and a password that it accepts: set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT, special "
                + "characters percent-encoded. NO_PROXY names the hosts that are reached without it.",
        403 =>
            "The proxy's rules don't admit that address: have it allowed there, or name it in NO_PROXY where it can be reached directly.",
        502 or 503 or 504 => "The proxy doesn't reach that address itself: see whether it resolves the name and has a way there.",
        _ => "Look into the proxy's log, or name the address in NO_PROXY where it can be reached directly.",
    };
}

/// <summary>The proxy itself can't be reached: without saying so, the failure would be taken for the service's.</summary>
/// <param name="proxy">The proxy for people, without its password.</param>
/// <param name="cause">What the library threw.</param>
internal sealed class ProxyUnreachableException(string proxy, HttpRequestException cause)
    : HttpRequestException(
        cause.HttpRequestError,
        cause.HttpRequestError == HttpRequestError.NameResolutionError
            ? $"the name of the proxy {proxy} can't be resolved"
            : $"the proxy {proxy} can't be reached",
        cause);
