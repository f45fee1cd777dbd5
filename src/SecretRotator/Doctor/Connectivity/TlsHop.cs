using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using SecretRotator.Providers.Http;

namespace SecretRotator.Doctor.Connectivity;

/// <summary>Speaks TLS with a service as the program's own calls do, and looks at the certificate.</summary>
/// <param name="network">Who is trusted.</param>
/// <param name="time">Tells which certificates have ended.</param>
internal sealed class TlsHop(Network network, TimeProvider time)
{
    private const int LongestName = 120;

    /// <summary>Shakes hands.</summary>
    /// <returns>The stream within, and what came about.</returns>
    /// <exception cref="HopFailedException">No session was established, or the certificate isn't trusted.</exception>
    public async Task<(Stream Stream, TlsSession Session)> EnterAsync(Stream outer, Uri address, CancellationToken cancellation)
    {
        string? objection = null;
        string? fix = null;
        var tls = new SslStream(outer, leaveInnerStreamOpen: false);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = address.IdnHost,
                    EnabledSslProtocols = Network.Protocols,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    {
                        var trusted = network.IsTrusted(certificate, chain, errors);
                        if (!trusted)
                            (objection, fix) = Object(certificate as X509Certificate2, chain, errors, address);
                        return trusted;
                    },
                },
                cancellation);
        }
        catch (AuthenticationException)
        {
            await tls.DisposeAsync();
            throw new HopFailedException(
                Hop.Tls,
                objection ?? "no TLS session was established: the other side doesn't speak TLS 1.2 or 1.3 there, or broke off",
                fix ?? "See what is on the way: a proxy that opens TLS, or a port that isn't the service's.");
        }

        var shown = (X509Certificate2)tls.RemoteCertificate!;
        return (tls, new TlsSession(VersionOf(tls.SslProtocol), IssuerOf(shown), new DateTimeOffset(shown.NotAfter)));
    }

    private (string What, string Fix) Object(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors, Uri address)
    {
        if (certificate is null)
            return ("it shows no certificate", "See what is on the way: that isn't the service.");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return (
                $"its certificate is for another name than {address.IdnHost}, issued by {IssuerOf(certificate)}",
                "Check the address in the settings, and what answers in the service's place: a sign-in page of a guest network does so.");
        }

        var now = time.GetUtcNow();
        var (from, to) = (new DateTimeOffset(certificate.NotBefore), new DateTimeOffset(certificate.NotAfter));
        if (chain?.ChainStatus.Any(status => status.Status.HasFlag(X509ChainStatusFlags.NotTimeValid)) == true || now > to || now < from)
        {
            return (
                $"its certificate holds from {from.UtcDateTime:yyyy-MM-dd} to {to.UtcDateTime:yyyy-MM-dd}, and here it is "
                    + $"{now:yyyy-MM-dd HH:mm} UTC",
                "Set this machine's clock where it is wrong; otherwise the service's or the proxy's certificate must be renewed.");
        }

        return (
            $"its certificate isn't issued by an authority that this machine trusts, but by {IssuerOf(certificate)}",
            "Where a proxy of yours opens TLS, name its certificate authority: tls.caBundle (SECRET_ROTATOR__TLS__CABUNDLE) is a PEM "
                + "file. Otherwise something else answers in the service's place.");
    }

    private static string IssuerOf(X509Certificate2 certificate)
    {
        var name = PrintableText.Of(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true));
        return name.Length switch
        {
            0 => "someone without a name",
            > LongestName => name[..LongestName],
            _ => name,
        };
    }

    private static string VersionOf(SslProtocols protocol) => protocol == SslProtocols.Tls13 ? "TLS 1.3" : "TLS 1.2";
}
