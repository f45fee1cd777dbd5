namespace SecretRotator.Providers.Http;

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
