using System.Net;
using SecretRotator.Providers.Bitbucket.Credentials;

namespace SecretRotator.Providers.Bitbucket.Calls;

/// <summary>Bitbucket answered with a status that isn't 2xx.</summary>
internal sealed class RefusedAnswer : Exception
{
    /// <summary>Keeps what the flow depends on; <paramref name="body"/> is read and not kept.</summary>
    public RefusedAnswer(HttpResponseMessage response, ReadOnlySpan<byte> body)
        : base("Bitbucket refused a call.")
    {
        Status = response.StatusCode;
        Body = ErrorBody.Read(body, response.Content.Headers.ContentType?.MediaType);
        if (response.RequestMessage?.Options.TryGetValue(BitbucketAuthorization.Shown, out var shown) is true)
        {
            // A token that was exchanged or encoded on the way is no part of the credential any more.
            using var token = SecretValue.FromText(shown);
            Body = Redaction.Apply(Body, token);
        }
        RetryAfter = response.Headers.RetryAfter is { } retry ? (retry.Delta, retry.Date) : default;
        Generation = response.RequestMessage?.Options.TryGetValue(BitbucketAuthorization.Generation, out var generation) is true
            ? generation
            : -1;
    }

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>What the body says.</summary>
    public ErrorBody Body { get; }

    /// <summary>How long, or until when, Bitbucket asks to wait.</summary>
    public (TimeSpan? Delta, DateTimeOffset? Date) RetryAfter { get; }

    /// <summary>Which generation of the credential's token was refused, or -1.</summary>
    public int Generation { get; }
}

/// <summary>Bitbucket answered 2xx with something that can't be understood.</summary>
internal sealed class GarbledAnswer(string message) : Exception(message)
{
    /// <summary>Whether asking again can't help.</summary>
    public bool Final { get; init; }
}

/// <summary>There is no token to show, so the call itself was never sent.</summary>
internal sealed class NoToken(Exception cause) : Exception("Bitbucket issued no token.", cause);
