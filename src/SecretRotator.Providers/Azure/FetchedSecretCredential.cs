using Azure.Core;

namespace SecretRotator.Providers.Azure;

/// <summary>A client secret that is kept in a vault, fetched when the first token is asked for, and again only where that failed.</summary>
/// <param name="fetch">Fetches it.</param>
/// <param name="make">Makes the credential of it.</param>
internal sealed class FetchedSecretCredential(
    Func<CancellationToken, Task<SecretValue>> fetch, Func<SecretValue, TokenCredential> make) : TokenCredential
{
    private readonly Lock _lock = new();
    private Task<TokenCredential>? _made;

    /// <inheritdoc />
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        GetTokenAsync(requestContext, cancellationToken).AsTask().GetAwaiter().GetResult();

    /// <inheritdoc />
    public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        await (await MadeAsync(cancellationToken)).GetTokenAsync(requestContext, cancellationToken);

    private Task<TokenCredential> MadeAsync(CancellationToken cancellation)
    {
        lock (_lock)
            return _made is { IsFaulted: false, IsCanceled: false } ? _made : _made = MakeAsync(cancellation);
    }

    private async Task<TokenCredential> MakeAsync(CancellationToken cancellation)
    {
        using var secret = await fetch(cancellation);
        return make(secret);
    }
}
