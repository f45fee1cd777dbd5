using System.Security.Authentication;

namespace SecretRotator.Providers.Http;

/// <summary>What a certificate that no one here trusts means, and what to do about it: the same for every service.</summary>
internal static class TlsTrust
{
    /// <summary>What to do.</summary>
    public const string Hint =
        "Where a proxy of yours opens TLS, name its certificate authority: tls.caBundle (SECRET_ROTATOR__TLS__CABUNDLE) is a PEM file. "
        + "Otherwise something else answers in the service's place: secret-rotator doctor --area network";

    /// <summary>Whether a failure came from a certificate that isn't trusted, or from a TLS session that wasn't established.</summary>
    public static bool IsMissing(Exception failure) =>
        ExceptionChain.Of(failure).Any(cause =>
            cause is AuthenticationException or HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError })
        || (failure is AggregateException many && many.InnerExceptions.Any(IsMissing));
}
