namespace SecretRotator.Providers.Http;

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
