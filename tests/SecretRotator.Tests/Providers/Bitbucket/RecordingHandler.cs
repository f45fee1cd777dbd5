using System.Collections.Concurrent;

namespace SecretRotator.Tests.Providers.Bitbucket;

/// <summary>One request and its answer as they were on the wire; status 0 where there was no answer.</summary>
internal sealed record RecordedCall(
    string Method, Uri Uri, string? ContentType, string Body, string? Authorization, int Status, string? AnswerType, string Answer);

/// <summary>Keeps what goes over the wire.</summary>
internal sealed class RecordingHandler(HttpMessageHandler network) : DelegatingHandler(network)
{
    private readonly ConcurrentQueue<RecordedCall> _calls = new();

    public IReadOnlyList<RecordedCall> Calls => [.. _calls];

    /// <summary>What the client gets in place of an answer.</summary>
    public Func<string, string> Rewrites { get; set; } = answer => answer;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var call = new RecordedCall(
            request.Method.Method, request.RequestUri!, request.Content?.Headers.ContentType?.MediaType, body,
            request.Headers.Authorization?.ToString(), 0, null, "");
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            var answer = Encoding.UTF8.GetBytes(Rewrites(await response.Content.ReadAsStringAsync(cancellationToken)));
            var content = new ByteArrayContent(answer);
            foreach (var header in response.Content.Headers)
                content.Headers.TryAddWithoutValidation(header.Key, header.Value);
            response.Content = content;
            call = call with
            {
                Status = (int)response.StatusCode,
                AnswerType = content.Headers.ContentType?.MediaType,
                Answer = Encoding.UTF8.GetString(answer),
            };
            return response;
        }
        finally
        {
            _calls.Enqueue(call);
        }
    }
}
