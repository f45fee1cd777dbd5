using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Security.Authentication;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Notifications;

/// <summary>Calls receivers over HTTP: through the proxies and with the trust of all other calls, without redirects, and
/// repeated.</summary>
internal sealed class ReceiverHttp(Network network, IRandomSource random, TimeProvider time) : IDisposable
{
    private const int LongestAnswer = 64 * 1024;

    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(8);

    private static readonly RetryPatience Patience = new()
    {
        Tries = 3,
        FirstPause = TimeSpan.FromSeconds(1),
        LongestRetryAfter = TimeSpan.FromSeconds(5),
        Drawn = (0.75, 1.25),
    };

    private readonly HttpClient _client =
        BufferedResponseHandler.ClientOver(new BufferedResponseHandler(network.Handler(), Attempt, time, LongestAnswer));

    private readonly Retry _retry = new(Patience, random, time);

    /// <summary>Sends JSON; without any, only calls the address.</summary>
    /// <param name="url">Whom to call.</param>
    /// <param name="json">The body, in UTF-8, or null.</param>
    /// <param name="headers">Further headers.</param>
    /// <param name="cancellation">Stops the tries.</param>
    /// <returns>The status of the answer, which is one of success.</returns>
    /// <exception cref="RemoteFailureException">Refused, or without an answer, after all tries.</exception>
    public Task<string> SendAsync(
        ReceiverUrl url, byte[]? json, IEnumerable<(string Name, string Value)> headers, CancellationToken cancellation) =>
        _retry.RunAsync(
            new RetriedCall(IsIdempotent: true, thrown => Judged(thrown, url)),
            async stop =>
            {
                using var request = new HttpRequestMessage(json is null ? HttpMethod.Get : HttpMethod.Post, url.Address);
                request.Headers.UserAgent.Add(new ProductInfoHeaderValue("SecretRotator", productVersion: null));
                foreach (var (name, value) in headers)
                    request.Headers.Add(name, value);
                if (json is not null)
                    request.Content = new ByteArrayContent(json)
                    {
                        Headers = { ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json) },
                    };
                using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
                return response.IsSuccessStatusCode
                    ? ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture)
                    : throw new RefusedMessageException(response.StatusCode, response.Headers.RetryAfter?.Delta);
            },
            cancellation);

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    private static JudgedTry? Judged(Exception thrown, ReceiverUrl url)
    {
        var (kind, next, message, hint) = thrown switch
        {
            RefusedMessageException { Status: var status } => OfStatus(status),
            ProxyRefusedException refused => (FailureKind.ProxyRefused, NextTry.Never, refused.Message, refused.Hint),
            _ when TlsTrust.IsMissing(thrown) =>
                (FailureKind.Unavailable, NextTry.Never, "its certificate isn't trusted, so nothing was sent", TlsTrust.Hint),
            ProxyUnreachableException or UnusableAnswerException =>
                (FailureKind.Unavailable, NextTry.AfterPause, thrown.Message, "Look whether the receiver works."),
            HttpRequestException or IOException or AuthenticationException or OperationCanceledException =>
                (FailureKind.Unavailable, NextTry.AfterPause, "it can't be reached",
                    "Check that its host is right in the vault, and let the runner reach it: network, proxy and firewall."),
            _ => (default(FailureKind?), default, "", ""),
        };
        return kind is not { } known ? null : new JudgedTry(
            Effect.Unknown, next, (thrown as RefusedMessageException)?.RetryAfter,
            _ => new RemoteFailureException(known, Effect.Unknown, $"{url} was not told: {message}.", hint)
                .At(url.Receiver.Kind, url.Receiver.Name));
    }

    private static (FailureKind? Kind, NextTry Next, string Message, string Hint) OfStatus(HttpStatusCode status)
    {
        var said = string.Create(CultureInfo.InvariantCulture, $"it answered {(int)status}");
        const string Renew = "Make its URL anew at the receiver, and write that into the vault.";
        return (int)status switch
        {
            429 => (FailureKind.Throttled, NextTry.Throttled, said, "It takes no more messages for now."),
            408 or >= 500 => (FailureKind.Unavailable, NextTry.AfterPause, said, "Look whether the receiver works."),
            >= 300 and < 400 => (FailureKind.Garbled, NextTry.Never, $"{said}, and redirects are not followed",
                "Write the address that it leads to into the vault, if that is the receiver's."),
            401 or 403 => (FailureKind.AccessDenied, NextTry.Never, said, Renew),
            404 or 410 => (FailureKind.NotFound, NextTry.Never, said, Renew),
            _ => (FailureKind.Other, NextTry.Never, said, "Look whether the URL is of a receiver of this kind."),
        };
    }

    private sealed class RefusedMessageException(HttpStatusCode status, TimeSpan? retryAfter) : Exception
    {
        public HttpStatusCode Status => status;

        public TimeSpan? RetryAfter => retryAfter;
    }
}
