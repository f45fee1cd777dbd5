using System.Collections.Concurrent;
using SecretRotator.Providers.Http;
using SecretRotator.Values;

namespace SecretRotator.Providers.HashiCorp.Identity;

/// <summary>The tool's identity at each vault server. Vaults of one address, namespace and way to log in share a token.</summary>
/// <param name="settings">What it logs in with.</param>
/// <param name="client">Sends the calls; not disposed here.</param>
/// <param name="notice">Told what a person should know though it stops nothing.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">Tells when tokens end, and waits.</param>
internal sealed class HashiCorpIdentity(
    HashiCorpSettings settings, HttpClient client, Action<string> notice, IRandomSource random, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<(Uri Place, string? Namespace, HashiCorpAuth Auth), Lazy<HashiCorpTokens>> _tokens = new();

    /// <summary>The token for a vault. Nothing is called yet.</summary>
    public HashiCorpTokens TokensOf(HashiCorpVaultDefinition vault) => _tokens.GetOrAdd(
        (settings.PlaceOf(vault), vault.Namespace, vault.Auth),
        key => new(() => new HashiCorpTokens(new LoginCalls(client, key.Place, vault, random, time), settings, notice, time))).Value;

    /// <summary>Revokes what logins gave.</summary>
    public void Dispose() => Parallel.ForEach(_tokens.Values.Where(tokens => tokens.IsValueCreated), tokens => tokens.Value.Dispose());
}
