using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.HashiCorp.Doctor;
using SecretRotator.Providers.Http;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>Connects the inventory's KV engines. Each has a token of its own; all share one set of connections.</summary>
internal sealed class HashiCorpVaultFactory : IVaultFactory
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private readonly HashiCorpSettings _settings;
    private readonly RotationInventory _inventory;
    private readonly BufferedResponseHandler _handler;
    private readonly IClock _clock;
    private readonly IRandomSource _random;
    private readonly TimeProvider _time;

    /// <summary>Connects nothing yet.</summary>
    /// <param name="settings">Addresses and credentials.</param>
    /// <param name="inventory">Says which secrets are texts.</param>
    /// <param name="handler">Makes the handler that all calls go through.</param>
    /// <param name="clock">Tells which versions have deleted themselves.</param>
    /// <param name="random">For jitter and the names of claims.</param>
    /// <param name="time">Waits between tries.</param>
    public HashiCorpVaultFactory(
        HashiCorpSettings settings, RotationInventory inventory, Func<HttpMessageHandler> handler, IClock clock, IRandomSource random,
        TimeProvider time)
    {
        _settings = settings;
        _inventory = inventory;
        _handler = new BufferedResponseHandler(handler(), AnswerLimit, time);
        _clock = clock;
        _random = random;
        _time = time;
    }

    /// <summary>A vault of the inventory. Nothing is called yet.</summary>
    public ISecretVault Create(HashiCorpVaultDefinition definition) =>
        new HashiCorpVault(definition, Calls(definition), path => FormOf(definition, path), _clock, _random, _time);

    ISecretVault IVaultFactory.Create(VaultDefinition definition) => Create((HashiCorpVaultDefinition)definition);

    ISecretInspector IVaultFactory.Inspect(VaultDefinition definition, VariableScope.Repository home)
    {
        var vault = (HashiCorpVaultDefinition)definition;
        return new HashiCorpSecretInspector(vault, new KvEngine(Calls(vault), vault), path => FormOf(vault, path), _clock);
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _handler.Dispose();

    private KvForm FormOf(HashiCorpVaultDefinition definition, string path) => KvContent.FormOf(_inventory, definition.Name, path);

    private HashiCorpCalls Calls(HashiCorpVaultDefinition definition)
    {
        var client = new HttpClient(_handler, disposeHandler: false)
        {
            BaseAddress = _settings.Endpoints.GetValueOrDefault(definition.Name, definition.Address),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        client.DefaultRequestHeaders.Add("User-Agent", "SecretRotator");
        return new HashiCorpCalls(client, new EnvironmentToken(_settings), definition.Namespace, _random, _time);
    }

    private sealed class EnvironmentToken(HashiCorpSettings settings) : IHashiCorpToken
    {
        public ValueTask<SecretValue> GetAsync(CancellationToken cancellation) => settings.Token is { } token
            ? new(token)
            : throw new RemoteFailureException(
                FailureKind.Unauthenticated, Effect.Rejected, "There is no token for HashiCorp Vault.", "Set VAULT_TOKEN.");
    }
}
