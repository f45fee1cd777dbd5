using System.Security.Authentication;

namespace SecretRotator.Providers.Http;

/// <summary>
/// Hands answers to a cloud's library only when they are there to the last byte, within a bound and a time limit: the
/// libraries read bodies of any size, and one of them waits for the next byte without any limit.
/// </summary>
/// <param name="inner">Sends the requests.</param>
/// <param name="limit">How long one try may take, from the connection to the last byte.</param>
/// <param name="time">For the limit.</param>
internal sealed class BufferedResponseHandler(HttpMessageHandler inner, TimeSpan limit, TimeProvider time) : DelegatingHandler(inner)
{
    /// <summary>No answer that the product asks a cloud for comes near this, in bytes: a secret has 64 KiB at most.</summary>
    public const int LongestAnswer = 1 << 20;

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            var response = await base.SendAsync(request, either.Token);
            try
            {
                // Microsoft's library looks statuses up in a table that ends here.
                if ((int)response.StatusCode is < 100 or > 599)
                    throw new HttpRequestException(HttpRequestError.InvalidResponse, "The answer's status isn't one of HTTP's.");
                await ReadAsync(response, either.Token);
                return response;
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException(HttpRequestError.Unknown, "No answer in time.", new TimeoutException());
        }
        catch (HttpRequestException refused) when (refused is { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException })
        {
            // Of another type than what the libraries take for a passing trouble: a certificate doesn't get better.
            throw new AuthenticationException("The server's certificate isn't trusted.", refused);
        }
    }

    private static async Task ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var body = new WipedBody();
        try
        {
            if (response.Content.Headers.ContentLength > LongestAnswer)
                throw TooLong();
            await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
            while (await body.FillAsync(stream, cancellation))
            {
                if (body.Length > LongestAnswer)
                    throw TooLong();
            }
        }
        catch (IOException broken)
        {
            body.Dispose();
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The answer broke off.", broken);
        }
        catch
        {
            body.Dispose();
            throw;
        }

        var whole = new StreamContent(body);
        foreach (var header in response.Content.Headers.NonValidated)
            whole.Headers.TryAddWithoutValidation(header.Key, header.Value);
        response.Content.Dispose();
        response.Content = whole;

        static HttpRequestException TooLong() => new(HttpRequestError.InvalidResponse, "The answer is too long.");
    }
}
