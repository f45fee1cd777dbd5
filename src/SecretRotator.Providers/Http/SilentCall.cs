using System.Security.Authentication;

namespace SecretRotator.Providers.Http;

/// <summary>What it means that a call had no answer, or none that can be used.</summary>
internal static class SilentCall
{
    /// <summary>Why it failed, whether it may have taken effect, and what to do.</summary>
    /// <param name="thrown">What was thrown.</param>
    /// <param name="what">What was tried.</param>
    /// <param name="writes">Whether the call changes something.</param>
    /// <param name="service">Who didn't answer.</param>
    public static RemoteFailureException Failure(Exception thrown, string what, bool writes, string service)
    {
        if (ProxyRefusedException.In(thrown) is { } refused)
            return new(FailureKind.ProxyRefused, Effect.Rejected, $"{what}: {refused.Message}.", refused.Hint, refused);
        if (thrown is JsonException or SecretContentException)
            return new(
                FailureKind.Garbled, writes ? Effect.Unknown : Effect.Rejected, $"{what}: the answer is not one that {service} gives.",
                "Look for a proxy in between that answers in its place.");
        var unsent = thrown is ProxyUnreachableException or AuthenticationException
            || thrown is HttpRequestException
            {
                HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
                    or HttpRequestError.SecureConnectionError,
            };
        return new(
            FailureKind.Unavailable,
            writes && !unsent ? Effect.Unknown : Effect.Rejected,
            $"{what}: {(thrown is ProxyUnreachableException or UnusableAnswerException ? thrown.Message
                : TlsTrust.IsMissing(thrown) ? $"the certificate of {service} isn't trusted, so nothing was sent"
                : $"{service} gave no answer")}.",
            TlsTrust.IsMissing(thrown) ? TlsTrust.Hint : "Check the address, network, proxy and firewall, then run again.",
            thrown);
    }
}
