namespace SecretRotator.Providers.Http;

/// <summary>Counts the requests that pass, each try.</summary>
internal sealed class CountedRequests
{
    private long _count;

    /// <summary>How many so far.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Makes handlers that are counted here.</summary>
    public Func<HttpMessageHandler> Over(Func<HttpMessageHandler> handler) => () => new Counting(this, handler());

    private sealed class Counting(CountedRequests counted, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref counted._count);
            return base.Send(request, cancellationToken);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref counted._count);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
