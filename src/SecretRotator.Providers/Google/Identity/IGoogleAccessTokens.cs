namespace SecretRotator.Providers.Google.Identity;

/// <summary>Gives the access tokens that Google's services are called with.</summary>
internal interface IGoogleAccessTokens
{
    /// <summary>A token that is good for the next call.</summary>
    /// <param name="refused">A token that Google has just refused (401), so that it isn't given again; or null.</param>
    /// <param name="cancellation">Stops what it takes to get one.</param>
    /// <exception cref="RemoteFailureException">There is none to be had.</exception>
    Task<string> GetAsync(string? refused, CancellationToken cancellation);
}
