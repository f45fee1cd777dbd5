using System.Security.Authentication;

namespace SecretRotator.Providers.Http;

/// <summary>
/// Hands out answers only when they are there to the last byte, within a bound and a time limit: the clouds' libraries read
/// bodies of any size, and one of them waits for the next byte without any limit.
/// </summary>
/// <param name="inner">Sends the requests.</param>
/// <param name="limit">How long one try may take, from the connection to the last byte.</param>
/// <param name="time">For the limit.</param>
/// <param name="longest">How long an answer may be, in bytes.</param>
internal sealed class BufferedResponseHandler(
    HttpMessageHandler inner, TimeSpan limit, TimeProvider time, int longest =
        BufferedResponseHandler.LongestAnswer) : DelegatingHandler(inner)
{
    /// <summary>
    /// No answer that the product asks a service for comes near this, in bytes: a secret has 64 KiB at most, and the variables
    /// of a pipeline hold 120,000 characters together.
    /// </summary>
    public const int LongestAnswer = 1 << 20;

    /// <summary>Makes a client of a handler: each of its requests has a limit, its answers are whole.</summary>
    /// <param name="handler">Sends the requests; the client disposes it.</param>
    public static HttpClient ClientOver(DelegatingHandler handler) => new(handler, disposeHandler: true)
    {
        Timeout = Timeout.InfiniteTimeSpan, // the client's own limit would end with the headers
    };

    /// <summary>Makes a client of one address. It shares this handler with others, and doesn't dispose it.</summary>
    /// <param name="address">Where the service answers.</param>
    public HttpClient ClientOf(Uri address)
    {
        var client = new HttpClient(this, disposeHandler: false) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Add("User-Agent", "SecretRotator");
        return client;
    }

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            var response = await base.SendAsync(request, either.Token);
            response.RequestMessage ??= request;
            try
            {
                // Microsoft's library looks statuses up in a table that ends here.
                if ((int)response.StatusCode is < 100 or > 599)
                    throw new UnusableAnswerException(HttpRequestError.InvalidResponse, "its answer isn't HTTP");
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
            throw new UnusableAnswerException(
                HttpRequestError.Unknown, $"no answer within {limit.TotalSeconds:0} seconds", new TimeoutException());
        }
        catch (HttpRequestException refused) when (
            refused is { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException })
        {
            // Of another type than what the libraries take for a temporary failure: a certificate doesn't get better.
            throw new AuthenticationException("The server's certificate isn't trusted.", refused);
        }
    }

    private async Task ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var body = new WipedBody();
        try
        {
            if (response.Content.Headers.ContentLength > longest)
                throw TooLong();
            await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
            while (await body.FillAsync(stream, cancellation))
            {
                if (body.Length > longest)
                    throw TooLong();
            }
        }
        catch (IOException broken)
        {
            body.Dispose();
            throw new UnusableAnswerException(HttpRequestError.ResponseEnded, "the answer broke off", broken);
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

        UnusableAnswerException TooLong() =>
            new(HttpRequestError.ConfigurationLimitExceeded, $"its answer ({(int)response.StatusCode}) is longer than {longest} bytes");
    }
}

/// <summary>An answer that came late, broke off, or is too long: its message says so, to follow a colon.</summary>
internal sealed class UnusableAnswerException(HttpRequestError error, string message, Exception? inner = null)
    : HttpRequestException(error, message, inner);
