using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.HashiCorp.Doctor;
using SecretRotator.Providers.HashiCorp.Identity;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>Connects the inventory's KV engines. Those of one server and way to log in share a token; all share one set of
/// connections.</summary>
internal sealed class HashiCorpVaultFactory : IVaultFactory
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private readonly HashiCorpSettings _settings;
    private readonly RotationInventory _inventory;
    private readonly BufferedResponseHandler _handler;
    private readonly IClock _clock;
    private readonly IRandomSource _random;
    private readonly TimeProvider _time;
    private readonly HashiCorpIdentity _identity;

    /// <summary>Connects nothing yet.</summary>
    /// <param name="settings">Addresses and credentials.</param>
    /// <param name="inventory">Says which secrets are texts.</param>
    /// <param name="handler">Makes the handler that all calls go through.</param>
    /// <param name="clock">Tells which versions have deleted themselves.</param>
    /// <param name="random">For jitter and the names of claims.</param>
    /// <param name="time">Waits between tries.</param>
    /// <param name="notice">Told what a person should know though it stops nothing.</param>
    public HashiCorpVaultFactory(
        HashiCorpSettings settings, RotationInventory inventory, Func<HttpMessageHandler> handler, IClock clock, IRandomSource random,
        TimeProvider time, Action<string> notice)
    {
        _identity = new HashiCorpIdentity(settings, notice, random, time);
        _settings = settings;
        _inventory = inventory;
        _handler = new BufferedResponseHandler(handler(), AnswerLimit, time);
        _clock = clock;
        _random = random;
        _time = time;
    }

    /// <summary>A vault of the inventory. Nothing is called yet.</summary>
    public ISecretVault Create(HashiCorpVaultDefinition definition) =>
        new HashiCorpVault(definition, CallsOf(definition), KvContent.FormsOf(_inventory, definition.Name), _clock, _random, _time);

    ISecretVault IVaultFactory.Create(VaultDefinition definition) => Create((HashiCorpVaultDefinition)definition);

    ISecretInspector IVaultFactory.Inspect(VaultDefinition definition, VariableScope.Repository home)
    {
        var vault = (HashiCorpVaultDefinition)definition;
        var calls = CallsOf(vault);
        return new HashiCorpSecretInspector(
            vault, calls, new KvEngine(calls, vault), new DatabaseEngine(calls, vault), KvContent.FormsOf(_inventory, vault.Name), _clock);
    }

    /// <summary>The token for a vault. Nothing is called yet.</summary>
    public HashiCorpTokens TokensOf(HashiCorpVaultDefinition definition) => _identity.Of(definition, Client(definition));

    /// <summary>Makes calls to a vault.</summary>
    public HashiCorpCalls CallsOf(HashiCorpVaultDefinition definition)
    {
        var client = Client(definition);
        return new HashiCorpCalls(client, _identity.Of(definition, client), definition.Namespace, _random, _time);
    }

    /// <summary>Revokes the tokens that logins gave, then closes the connections.</summary>
    public void Dispose()
    {
        _identity.Dispose();
        _handler.Dispose();
    }

    private HttpClient Client(HashiCorpVaultDefinition definition)
    {
        var client = new HttpClient(_handler, disposeHandler: false)
        {
            BaseAddress = _settings.PlaceOf(definition),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        client.DefaultRequestHeaders.Add("User-Agent", "SecretRotator");
        return client;
    }
}
