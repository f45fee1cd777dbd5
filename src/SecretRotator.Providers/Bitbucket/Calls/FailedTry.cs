using System.Net.Sockets;
using System.Security.Authentication;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Bitbucket.Calls;

/// <summary>One try that failed, judged: what is known of its effect, and whether another try could help.</summary>
/// <param name="Kind">Why it failed.</param>
/// <param name="Cause">What the try threw.</param>
/// <param name="MayHaveHappened">Whether the call may have had its effect, if it is one that has effects.</param>
/// <param name="Final">Whether another try can't help.</param>
/// <param name="Detail">What went wrong where there was no refusal.</param>
internal sealed record FailedTry(FailureKind Kind, Exception Cause, bool MayHaveHappened, bool Final, string Detail)
{
    /// <summary>The HTTP status, or 0 where there was no answer.</summary>
    public int Status { get; private init; }

    /// <summary>What a refusal's body says.</summary>
    public ErrorBody Body { get; private init; } = new("", [], []);

    /// <summary>Whether it was a token that the try failed to get, so that the call itself was never sent.</summary>
    public bool ForToken { get; private init; }

    /// <summary>Judges what a try threw; null where neither the network nor Bitbucket has caused it, but a mistake in this program, which
    /// goes its way.</summary>
    public static FailedTry? From(Exception e) => e is not NoToken { InnerException: { } cause }
        ? Judged(e)
        : Judged(cause) is { } failed ? failed with { MayHaveHappened = false, ForToken = true } : null;

    /// <summary>The try in words, without the refusal's body, which may repeat what was sent.</summary>
    public override string ToString() => Status > 0 ? $"status {Status}" : Detail;

    /// <summary>How long Bitbucket asks to wait, or null where it doesn't say.</summary>
    public TimeSpan? RetryAfter(IClock clock)
    {
        if (Cause is not RefusedAnswer { RetryAfter: var (delta, date) })
            return null;
        var asked = delta ?? (date - clock.GetCurrentInstant().ToDateTimeOffset());
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked;
    }

    private static FailedTry? Judged(Exception e) => e switch
    {
        RefusedAnswer refused => Judged(refused, (int)refused.Status),
        GarbledAnswer garbled => new(FailureKind.Garbled, e, MayHaveHappened: true, garbled.Final, garbled.Message),
        UnusableAnswerException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
            new(FailureKind.Garbled, e, MayHaveHappened: true, Final: true, e.Message),
        ProxyRefusedException refused => new(FailureKind.ProxyRefused, e, MayHaveHappened: false, Final: true, refused.Message),
        AuthenticationException =>
            new(FailureKind.Unavailable,
                e, MayHaveHappened: false, Final: true, "the server's TLS certificate isn't trusted, so nothing was sent"),
        HttpRequestException http => new(FailureKind.Unavailable, e, !NeverSent(http), Final: false, Reason(http)),
        IOException => new(FailureKind.Unavailable, e, MayHaveHappened: true, Final: false, "the connection broke"),
        // The only time limit beside the try's own is the one for connecting.
        OperationCanceledException { InnerException: TimeoutException } =>
            new(FailureKind.Unavailable, e, MayHaveHappened: false, Final: false, "no connection in time"),
        OperationCanceledException => new(FailureKind.Unavailable, e, MayHaveHappened: true, Final: false, "the connection broke"),
        _ => null,
    };

    // 429 and 503 say that nothing was done; a redirect and any other 5xx say nothing.
    private static FailedTry Judged(RefusedAnswer refused, int status) => new(
        status switch
        {
            401 => FailureKind.Unauthenticated,
            403 => FailureKind.AccessDenied,
            404 or 410 => FailureKind.NotFound,
            409 => FailureKind.Conflict,
            429 => FailureKind.Throttled,
            408 or >= 500 => FailureKind.Unavailable,
            _ => FailureKind.Other,
        },
        refused,
        MayHaveHappened: status is < 400 or 408 or (>= 500 and not 503),
        Final: status is not (408 or 429 or >= 500),
        Detail: "")
    {
        Status = status,
        Body = refused.Body,
    };

    // No connection, no request: these come before the first byte of it.
    private static bool NeverSent(HttpRequestException e) => e.HttpRequestError
        is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
        or HttpRequestError.ProxyTunnelError;

    private static string Reason(HttpRequestException e) => e.HttpRequestError switch
    {
        _ when e is ProxyUnreachableException or UnusableAnswerException => e.Message,
        HttpRequestError.NameResolutionError => "its name can't be resolved",
        HttpRequestError.ConnectionError when e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } =>
            "the connection was refused",
        HttpRequestError.ConnectionError => "it can't be reached",
        HttpRequestError.SecureConnectionError => "no TLS connection was established",
        HttpRequestError.ResponseEnded => "the answer broke off",
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError => "its answer isn't HTTP",
        _ => "the connection broke",
    };
}
