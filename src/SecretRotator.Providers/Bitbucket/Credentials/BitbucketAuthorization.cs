using System.Net.Http.Headers;

namespace SecretRotator.Providers.Bitbucket.Credentials;

/// <summary>Makes the Authorization header anew for each request, so that no header outlives its request.</summary>
internal abstract class BitbucketAuthorization : IDisposable
{
    /// <summary>Notes on a request which token it showed, so that a 401 renews that token and no newer one.</summary>
    public static readonly HttpRequestOptionsKey<int> Generation = new("secret-rotator.token-generation");

    /// <summary>Notes on a request what its header showed, so that no message repeats it.</summary>
    public static readonly HttpRequestOptionsKey<string> Shown = new("secret-rotator.shown");

    /// <summary>The credential's scopes as the last answer that told them wrote them, or null; Atlassian doesn't promise them.</summary>
    public string? ScopesTold { get; set; }

    /// <summary>The header, and which generation of the token it shows.</summary>
    /// <exception cref="RemoteFailureException">No token is available.</exception>
    public abstract ValueTask<(AuthenticationHeaderValue Header, int Generation)> ShowAsync(CancellationToken cancellation);

    /// <summary>Drops a token that Bitbucket refused, if it is the one in use.</summary>
    /// <returns>Whether trying again shows another token.</returns>
    public virtual bool Renew(int generation) => false;

    /// <inheritdoc />
    public abstract void Dispose();

    /// <summary>A header with user name (or e-mail address, or client id) and secret.</summary>
    public static AuthenticationHeaderValue Basic(string user, SecretValue secret)
    {
#pragma warning disable RS0030 // A header is a string, whatever we do.
        return new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{secret.RevealText()}")));
#pragma warning restore RS0030
    }

    /// <summary>A header with a token alone.</summary>
    public static AuthenticationHeaderValue Bearer(SecretValue token)
    {
#pragma warning disable RS0030 // A header is a string, whatever we do.
        return new("Bearer", token.RevealText());
#pragma warning restore RS0030
    }
}

/// <summary>A credential that is shown as it is: an access token or an API token.</summary>
internal sealed class LastingAuthorization(BitbucketCredential credential) : BitbucketAuthorization
{
    /// <inheritdoc />
    public override ValueTask<(AuthenticationHeaderValue Header, int Generation)> ShowAsync(CancellationToken cancellation) =>
        new((credential switch
        {
            BitbucketCredential.AccessToken access => Bearer(access.Token),
            BitbucketCredential.ApiToken api => Basic(api.Email, api.Token),
            _ => throw new InvalidOperationException("An OAuth consumer's secret is never shown to the API itself."),
        }, 0));

    /// <summary>Nothing to do: the owner of the credential wipes it.</summary>
    public override void Dispose()
    {
    }
}
