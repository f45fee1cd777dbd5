using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Google.Doctor;
using SecretRotator.Providers.Google.Identity;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Google;

/// <summary>Connects the inventory's vaults in Secret Manager. All of them share one identity and one set of connections.</summary>
/// <param name="endpoint">Where Secret Manager answers, instead of its own addresses; or null.</param>
/// <param name="tokens">Give the identity.</param>
/// <param name="handler">Makes the handler that all calls go through.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">Waits between tries.</param>
internal sealed class GoogleVaultFactory(
    Uri? endpoint, IGoogleAccessTokens tokens, Func<HttpMessageHandler> handler, IRandomSource random, TimeProvider time) : IVaultFactory
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = BufferedResponseHandler.ClientOver(new BufferedResponseHandler(handler(), AnswerLimit, time));

    /// <summary>A vault of the inventory. Nothing is called yet.</summary>
    public ISecretVault Create(VaultDefinition definition) => new GoogleVault((GoogleVaultDefinition)definition, Calls(definition), time);

    /// <inheritdoc />
    public ISecretInspector Inspect(VaultDefinition definition, VariableScope.Repository home) =>
        new GoogleSecretInspector((GoogleVaultDefinition)definition, Calls(definition), Create(definition));

    private SecretManagerCalls Calls(VaultDefinition definition) =>
        new((GoogleVaultDefinition)definition, endpoint, _http, tokens, random, time);

    /// <summary>Closes the connections, and forgets the identity.</summary>
    public void Dispose()
    {
        _http.Dispose();
        (tokens as IDisposable)?.Dispose();
    }
}
