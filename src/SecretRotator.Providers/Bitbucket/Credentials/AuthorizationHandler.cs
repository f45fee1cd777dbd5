using System.Net;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Bitbucket.Credentials;

/// <summary>Shows the credential to Bitbucket's host and to no other, and lets the pacer learn from the answers.</summary>
/// <param name="home">Bitbucket's host.</param>
/// <param name="authorization">Shows the credential.</param>
/// <param name="pacer">Learns from answers.</param>
/// <param name="inner">Sends the requests.</param>
internal sealed class AuthorizationHandler(Uri home, BitbucketAuthorization authorization, CallPacer pacer, HttpMessageHandler inner)
    : DelegatingHandler(inner)
{
    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var host = UriComponents.SchemeAndServer;
        if (Uri.Compare(request.RequestUri, home, host, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) != 0)
            throw new InvalidOperationException("A Bitbucket credential was about to be sent to another host.");
        (request.Headers.Authorization, var generation) = await authorization.ShowAsync(cancellationToken);
        request.Options.Set(BitbucketAuthorization.Generation, generation);
        request.Options.Set(BitbucketAuthorization.Shown, request.Headers.Authorization.Parameter!);
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Headers.TryGetValues("X-OAuth-Scopes", out var scopes))
                authorization.ScopesTold = string.Join(',', scopes);
            if (response.StatusCode != HttpStatusCode.TooManyRequests)
                pacer.Answered(response);
            return response;
        }
        finally
        {
            request.Headers.Authorization = null;
        }
    }
}
