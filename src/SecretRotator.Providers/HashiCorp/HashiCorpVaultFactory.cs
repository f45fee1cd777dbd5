using System.Collections.Concurrent;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.HashiCorp.Doctor;
using SecretRotator.Providers.HashiCorp.Identity;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>Connects the inventory's KV engines. Those of one address, namespace and way to log in share a token; all share
/// one set of connections.</summary>
/// <param name="settings">Addresses and credentials.</param>
/// <param name="inventory">Says which secrets are texts.</param>
/// <param name="handler">Makes the handler that all calls go through.</param>
/// <param name="clock">Tells which versions have deleted themselves.</param>
/// <param name="random">For jitter and the names of claims.</param>
/// <param name="time">Tells when tokens end, and waits between tries.</param>
/// <param name="notice">Told what a person should know though it stops nothing.</param>
internal sealed class HashiCorpVaultFactory(
    HashiCorpSettings settings, RotationInventory inventory, Func<HttpMessageHandler> handler, IClock clock, IRandomSource random,
    TimeProvider time, Action<string> notice) : IVaultFactory
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private readonly BufferedResponseHandler _handler = new(handler(), AnswerLimit, time);
    private readonly ConcurrentDictionary<(Uri Place, string? Namespace, HashiCorpAuth Auth), Lazy<HashiCorpTokens>> _tokens = new();

    /// <inheritdoc />
    public ISecretVault Create(VaultDefinition definition)
    {
        var vault = (HashiCorpVaultDefinition)definition;
        return new HashiCorpVault(vault, CallsOf(vault), KvContent.FormsOf(inventory, vault.Name), clock, random, time);
    }

    /// <inheritdoc />
    public ISecretInspector Inspect(VaultDefinition definition, VariableScope.Repository home)
    {
        var vault = (HashiCorpVaultDefinition)definition;
        var calls = CallsOf(vault);
        return new HashiCorpSecretInspector(
            vault, calls, new KvEngine(calls, vault), new DatabaseEngine(calls, vault), KvContent.FormsOf(inventory, vault.Name), clock);
    }

    /// <summary>The token for a vault. Nothing is called yet.</summary>
    public HashiCorpTokens TokensOf(HashiCorpVaultDefinition vault) => _tokens.GetOrAdd(
        (settings.PlaceOf(vault), vault.Namespace, vault.Auth),
        _ => new(() => new HashiCorpTokens(new LoginCalls(Client(vault), vault, random, time), settings, notice, time))).Value;

    /// <summary>Makes calls to a vault.</summary>
    public HashiCorpCalls CallsOf(HashiCorpVaultDefinition vault) =>
        new(Client(vault), TokensOf(vault), vault.Namespace, random, time);

    /// <summary>Revokes the tokens that logins gave, then closes the connections.</summary>
    public void Dispose()
    {
        Parallel.ForEach(_tokens.Values.Where(tokens => tokens.IsValueCreated), tokens => tokens.Value.Dispose());
        _handler.Dispose();
    }

    private HttpClient Client(HashiCorpVaultDefinition vault) => _handler.ClientOf(settings.PlaceOf(vault));
}
