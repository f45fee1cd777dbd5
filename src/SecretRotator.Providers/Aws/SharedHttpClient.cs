using Amazon.Runtime;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Aws;

/// <summary>Lends one HTTP client to all clients of AWS, so that connections are shared and the tool's own proxy and certificate settings
/// hold.</summary>
/// <param name="handler">Makes its handler.</param>
/// <param name="timeout">How long one try of one call may take.</param>
internal sealed class SharedHttpClient(Func<HttpMessageHandler> handler, TimeSpan timeout) : HttpClientFactory, IDisposable
{
    private readonly Lazy<HttpClient> _client = new(
        () => BufferedResponseHandler.ClientOver(new BufferedResponseHandler(handler(), timeout, TimeProvider.System)));

    /// <inheritdoc />
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client.Value;

    /// <inheritdoc />
    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    /// <inheritdoc />
    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    /// <inheritdoc />
    public void Dispose()
    {
        if (_client.IsValueCreated)
            _client.Value.Dispose();
    }
}
