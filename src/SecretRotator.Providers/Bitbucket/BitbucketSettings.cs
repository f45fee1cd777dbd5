using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>Where Bitbucket answers, and how patient the client is.</summary>
internal sealed record BitbucketSettings
{
    /// <summary>The REST API's base address, with a slash at its end. HTTPS anywhere; plain HTTP on loopback only.</summary>
    /// <exception cref="ArgumentException">The address is plain HTTP to another machine, or holds user information, a query or a
    /// fragment.</exception>
    public Uri Api { get; init => field = Checked(value, slash: true); } = new("https://api.bitbucket.org/2.0/");

    /// <summary>Where an OAuth consumer gets its tokens. HTTPS anywhere; plain HTTP on loopback only.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Api"/>.</exception>
    public Uri Token { get; init => field = Checked(value, slash: false); } = new("https://bitbucket.org/site/oauth2/access_token");

    /// <summary>How long the client waits and how often it tries.</summary>
    public CallPatience Patience { get; init; } = new();

    private static Uri Checked(Uri uri, bool slash)
    {
        if (!uri.IsAbsoluteUri || !(uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)))
            throw new ArgumentException(
                $"The Bitbucket address {uri} must begin with https:// (http:// is for this machine only).", nameof(uri));
        if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw new ArgumentException("A Bitbucket address must hold no user name, password, query or fragment.", nameof(uri));
        return slash && !uri.AbsolutePath.EndsWith('/') ? new Uri(uri.AbsoluteUri + "/") : uri;
    }
}

/// <summary>How long the client waits and how often it tries.</summary>
internal sealed record CallPatience : RetryPatience
{
    /// <summary>What Bitbucket gets.</summary>
    public CallPatience()
    {
        ThrottledTries = 6;
        FirstPause = TimeSpan.FromMilliseconds(500);
        LongestPause = TimeSpan.FromSeconds(10);
        LongestRetryAfter = TimeSpan.FromMinutes(5);
    }

    /// <summary>How long one try may take, from the connection to the last byte of the answer.</summary>
    public TimeSpan Attempt { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long publishing a report may take, with all its calls and their waits.</summary>
    public TimeSpan Report { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long every call rests after a first 429 without Retry-After; it doubles while the 429s go on. Half of it is
    /// drawn.</summary>
    public TimeSpan FirstRest { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After so long without an answer but 429, no call is made any more that begins something.</summary>
    public TimeSpan LongestThrottling { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>No rest that we choose ourselves is longer.</summary>
    public TimeSpan LongestRest { get; init; } = TimeSpan.FromMinutes(1);
}
