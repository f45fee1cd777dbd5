namespace SecretRotator.Providers.Google.Identity;

/// <summary>An access token of Google's.</summary>
/// <param name="Text">The token. Visible ASCII only, so that a header can show it.</param>
/// <param name="Ends">When it ends.</param>
/// <param name="Holder">Whose it is, for people.</param>
internal sealed record GoogleToken(SecretValue Text, DateTimeOffset Ends, string Holder) : IDisposable
{
    /// <summary>The project that a person's calls are counted for, or null.</summary>
    public string? QuotaProject { get; init; }

    /// <summary>Wipes it.</summary>
    public void Dispose() => Text.Dispose();
}

/// <summary>Gives the access tokens that Google's services are called with.</summary>
internal interface IGoogleAccessTokens
{
    /// <summary>A token that is good for the next call.</summary>
    /// <param name="refused">A token that Google has just refused (401), so that it isn't given again; or null.</param>
    /// <param name="cancellation">Stops what it takes to get one.</param>
    /// <exception cref="RemoteFailureException">There is none to be had.</exception>
    Task<string> GetAsync(string? refused, CancellationToken cancellation);

    /// <summary>The project that the calls are counted for (<c>x-goog-user-project</c>), as the last token has it; null for that of the
    /// identity itself.</summary>
    string? QuotaProject => null;
}
