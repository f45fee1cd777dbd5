using System.Net;
using Amazon.Runtime;

namespace SecretRotator.Tests.Providers.Aws;

/// <summary>Descriptions that lag behind what was written: on demand, the last answer to DescribeSecret is given again.</summary>
internal sealed class LaggingDescriptions : HttpClientFactory, IDisposable
{
    private readonly Handler _handler = new();

    /// <summary>Whether the answer before is given in place of a new one.</summary>
    public bool AreOld
    {
        get => _handler.AreOld;
        set => _handler.AreOld = value;
    }

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(_handler, disposeHandler: false);

    public void Dispose() => _handler.Dispose();

    private sealed class Handler() : DelegatingHandler(new SocketsHttpHandler())
    {
        private byte[] _last = [];

        public bool AreOld { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (!request.Headers.TryGetValues("X-Amz-Target", out var target)
                || !target.Single().EndsWith(".DescribeSecret", StringComparison.Ordinal))
                return await base.SendAsync(request, cancellationToken);
            if (AreOld)
                return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = new ByteArrayContent(_last) };
            var answer = await base.SendAsync(request, cancellationToken);
            await answer.Content.LoadIntoBufferAsync(cancellationToken);
            _last = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            return answer;
        }
    }
}
