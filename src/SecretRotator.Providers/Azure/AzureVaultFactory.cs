using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using SecretRotator.Providers.Azure.Doctor;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Azure;

/// <summary>Connects the inventory's Key Vaults. All of them share one identity and one set of connections.</summary>
internal sealed class AzureVaultFactory : IVaultFactory
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private readonly AzureSettings _settings;
    private readonly BufferedResponseHandler _handler;
    private readonly HttpClientTransport _transport;
    private readonly Lazy<TokenCredential> _credential;
    private readonly ILockStore _board;
    private readonly IClock _clock;
    private readonly IRandomSource _random;
    private readonly TimeProvider _time;

    /// <summary>Connects nothing yet.</summary>
    /// <param name="settings">Addresses and credentials.</param>
    /// <param name="handler">Makes the handler that all calls go through, to vaults and to Entra.</param>
    /// <param name="board">Where claims are kept.</param>
    /// <param name="clock">The time that a new version's end counts from.</param>
    /// <param name="random">For jitter.</param>
    /// <param name="time">Waits between tries.</param>
    public AzureVaultFactory(
        AzureSettings settings, Func<HttpMessageHandler> handler, ILockStore board, IClock clock, IRandomSource random, TimeProvider time)
    {
        _settings = settings;
        _handler = new BufferedResponseHandler(handler(), AnswerLimit, time);
        _transport = new HttpClientTransport(_handler);
        _credential = new(() => AzureCredentials.Make(settings, _transport, random, time));
        _board = board;
        _clock = clock;
        _random = random;
        _time = time;
    }

    /// <summary>A vault of the inventory. Nothing is called yet.</summary>
    /// <exception cref="ArgumentException">Its address isn't <c>https</c>, or the credential lacks tenant or client id.</exception>
    public ISecretVault Create(AzureVaultDefinition definition) => new AzureVault(definition, Client(definition), _board, _clock, _time);

    /// <summary>The calls to a vault themselves, for callers that need to know more of a secret than a rotation does.</summary>
    public KeyVaultSecrets Secrets(AzureVaultDefinition definition) => new(Client(definition), definition.Name);

    ISecretVault IVaultFactory.Create(VaultDefinition definition) => Create((AzureVaultDefinition)definition);

    ISecretInspector IVaultFactory.Inspect(VaultDefinition definition, VariableScope.Repository home)
    {
        var azure = (AzureVaultDefinition)definition;
        return new AzureSecretInspector(azure, Secrets(azure), home, _clock);
    }

    /// <summary>The identity that all vaults share. Nothing is asked before its first token.</summary>
    public TokenCredential Credential => _credential.Value;

    /// <summary>Gives the token of another issuer that Entra is shown, or null where it is shown something else.</summary>
    public Func<CancellationToken, Task<string>>? Assertion => _settings.ClientAssertion;

    /// <summary>Reaches another service of Azure over the same connections.</summary>
    /// <param name="address">Where it answers.</param>
    public HttpClient ClientOf(Uri address)
    {
        var client = _handler.ClientOf(address);
        client.DefaultRequestHeaders.Add("Accept", "application/json");
        return client;
    }

    private SecretClient Client(AzureVaultDefinition definition)
    {
        var endpoint = _settings.Endpoints.GetValueOrDefault(definition.Name, definition.Uri);
        if (endpoint.Scheme != Uri.UriSchemeHttps)
            throw new ArgumentException(
                $"The address of vault {definition.Name} must begin with https: Key Vault takes tokens over nothing else.",
                nameof(definition));

        return Client(endpoint, _credential.Value, _transport, _random, _time);
    }

    /// <summary>A client that repeats what is safe to repeat, and logs nothing.</summary>
    public static SecretClient Client(
        Uri endpoint, TokenCredential credential, HttpPipelineTransport transport, IRandomSource random, TimeProvider time)
    {
        var options = AzureCredentials.Quiet(new SecretClientOptions(), transport);
        options.RetryPolicy = new AzureRetry(time, random);
        options.Retry.NetworkTimeout = AnswerLimit;

        // A real vault's challenge must name the vault's own domain, or another server could obtain tokens.
        options.DisableChallengeResourceVerification = endpoint.IsLoopback;
        return new SecretClient(endpoint, credential, options);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _transport.Dispose();
}
