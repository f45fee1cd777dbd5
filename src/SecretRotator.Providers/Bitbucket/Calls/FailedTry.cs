using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Authentication;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Bitbucket.Calls;

/// <summary>One try that failed, judged: what is known of its effect, and whether another try could help.</summary>
internal sealed class FailedTry
{
    private FailedTry(FailureKind kind, Exception cause, bool mayHaveHappened, bool final, string detail)
    {
        (Kind, Cause, MayHaveHappened, Final, Detail) = (kind, cause, mayHaveHappened, final, detail);
        Body = new("", [], []);
    }

    private FailedTry(RefusedAnswer refused)
    {
        (Status, Body, Cause, Detail) = ((int)refused.Status, refused.Body, refused, "");
        Kind = Status switch
        {
            401 => FailureKind.Unauthenticated,
            403 => FailureKind.AccessDenied,
            404 or 410 => FailureKind.NotFound,
            409 => FailureKind.Conflict,
            429 => FailureKind.Throttled,
            408 or >= 500 => FailureKind.Unavailable,
            _ => FailureKind.Other,
        };
        // 429 and 503 say that nothing was done; a redirect and any other 5xx say nothing.
        MayHaveHappened = Status is < 400 or 408 or (>= 500 and not 503);
        Final = Status is not (408 or 429 or >= 500);
    }

    /// <summary>Why it failed.</summary>
    public FailureKind Kind { get; }

    /// <summary>The HTTP status, or 0 where there was no answer.</summary>
    public int Status { get; }

    /// <summary>What a refusal's body says.</summary>
    public ErrorBody Body { get; }

    /// <summary>What went wrong where there was no refusal.</summary>
    public string Detail { get; }

    /// <summary>What the try threw.</summary>
    public Exception Cause { get; }

    /// <summary>Whether the call may have had its effect, if it is one that has effects.</summary>
    public bool MayHaveHappened { get; private set; }

    /// <summary>Whether it was a token that the try failed to get, so that the call itself was never sent.</summary>
    public bool ForToken { get; private set; }

    /// <summary>Whether another try can't help.</summary>
    public bool Final { get; }

    /// <summary>Whether an exception is one that the network or Bitbucket causes. Every other one is a mistake in this program and goes its
    /// way.</summary>
    public static bool Explains(Exception e) =>
        e is RefusedAnswer or GarbledAnswer or NoToken or ProxyRefusedException or AuthenticationException or HttpRequestException
            or IOException or OperationCanceledException;

    /// <summary>Judges what a try threw.</summary>
    public static FailedTry From(Exception e)
    {
        if (e is not NoToken { InnerException: { } cause })
            return Judged(e);
        var failed = Judged(cause);
        (failed.MayHaveHappened, failed.ForToken) = (false, true);
        return failed;
    }

    /// <summary>How long Bitbucket asks to wait, or null where it doesn't say.</summary>
    public TimeSpan? RetryAfter(IClock clock)
    {
        if (Cause is not RefusedAnswer { RetryAfter: var (delta, date) })
            return null;
        var asked = delta ?? (date - clock.GetCurrentInstant().ToDateTimeOffset());
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked;
    }

    private static FailedTry Judged(Exception e) => e switch
    {
        RefusedAnswer refused => new(refused),
        GarbledAnswer garbled => new(FailureKind.Garbled, e, mayHaveHappened: true, garbled.Final, garbled.Message),
        UnusableAnswerException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } =>
            new(FailureKind.Garbled, e, mayHaveHappened: true, final: true, e.Message),
        ProxyRefusedException refused => new(FailureKind.ProxyRefused, e, mayHaveHappened: false, final: true, refused.Message),
        AuthenticationException =>
            new(FailureKind.Unavailable,
                e, mayHaveHappened: false, final: true, "the server's TLS certificate isn't trusted, so nothing was sent"),
        HttpRequestException http => new(FailureKind.Unavailable, e, !NeverSent(http), final: false, Reason(http)),
        IOException => new(FailureKind.Unavailable, e, mayHaveHappened: true, final: false, "the connection broke"),
        // The only time limit beside the try's own is the one for connecting.
        OperationCanceledException { InnerException: TimeoutException } =>
            new(FailureKind.Unavailable, e, mayHaveHappened: false, final: false, "no connection in time"),
        OperationCanceledException => new(FailureKind.Unavailable, e, mayHaveHappened: true, final: false, "the connection broke"),
        _ => throw new UnreachableException("Only what Explains admits is judged."),
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

    /// <summary>The try in words, for the failure of the whole call.</summary>
    public override string ToString() => Status > 0 ? $"status {Status}" : Detail;
}
