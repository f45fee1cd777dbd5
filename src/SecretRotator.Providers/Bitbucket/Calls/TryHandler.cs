using System.Net;
using SecretRotator.Providers.Bitbucket.Credentials;

namespace SecretRotator.Providers.Bitbucket.Calls;

/// <summary>
/// Sends one try of a call: shows the credential to Bitbucket's host and to no other, gives up after the time that
/// a try may take, and reads the whole answer within a bound.
/// </summary>
/// <param name="home">Bitbucket's host; null where any host is meant, which then is shown no credential.</param>
/// <param name="authorization">Shows the credential, or null.</param>
/// <param name="pacer">Learns from answers, or null.</param>
/// <param name="limit">How long a try may take.</param>
/// <param name="time">For that limit.</param>
internal sealed class TryHandler(
    Uri? home,
    BitbucketAuthorization? authorization,
    CallPacer? pacer,
    TimeSpan limit,
    TimeProvider time) : DelegatingHandler
{
    /// <summary>No answer that the product asks for is longer than this, in bytes: variables of a pipeline hold 120,000 characters together.</summary>
    public const int LongestAnswer = 1 << 20;

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (home is null ? authorization is not null : Uri.Compare(request.RequestUri, home, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) != 0)
            throw new InvalidOperationException("A Bitbucket credential was about to be sent to another host.");
        if (authorization is not null)
        {
            (request.Headers.Authorization, var generation) = await authorization.ShowAsync(cancellationToken);
            request.Options.Set(BitbucketAuthorization.Generation, generation);
        }
        if (request.Headers.Authorization?.Parameter is { } shown)
            request.Options.Set(BitbucketAuthorization.Shown, shown);
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            var response = await base.SendAsync(request, either.Token);
            response.RequestMessage ??= request;
            if (response.StatusCode != HttpStatusCode.TooManyRequests)
                pacer?.Answered(response);
            var body = await ReadAsync(response, either.Token);
            var content = new ByteArrayContent(body);
            foreach (var header in response.Content.Headers.NonValidated)
                content.Headers.TryAddWithoutValidation(header.Key, header.Value);
            response.Content.Dispose();
            response.Content = content;
            return response;
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new NoAnswer($"no answer within {limit.TotalSeconds:0} seconds");
        }
        finally
        {
            request.Headers.Authorization = null;
        }
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentLength > LongestAnswer)
            throw TooLong();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        using var collected = new MemoryStream((int)(response.Content.Headers.ContentLength ?? 0));
        var chunk = new byte[16 * 1024];
        try
        {
            for (int read; (read = await stream.ReadAsync(chunk, cancellation)) > 0;)
            {
                if (collected.Length + read > LongestAnswer)
                    throw TooLong();
                collected.Write(chunk, 0, read);
            }
        }
        catch (IOException e)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "the answer broke off", e);
        }
        return collected.ToArray();

        GarbledAnswer TooLong() => new($"its answer ({(int)response.StatusCode}) is longer than {LongestAnswer} bytes") { Final = true };
    }
}
