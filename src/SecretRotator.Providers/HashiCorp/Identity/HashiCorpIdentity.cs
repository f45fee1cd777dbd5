using System.Collections.Concurrent;

namespace SecretRotator.Providers.HashiCorp.Identity;

/// <summary>The tool's identity at each server. Vaults of one address, namespace and way to log in share a token.</summary>
/// <param name="settings">What it logs in with.</param>
/// <param name="notice">Told what a person should know though it stops nothing.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">Tells when tokens end, and waits.</param>
internal sealed class HashiCorpIdentity(
    HashiCorpSettings settings, Action<string> notice, IRandomSource random, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<(Uri Place, string? Namespace, HashiCorpAuth Auth), Lazy<HashiCorpTokens>> _tokens = new();

    /// <summary>The token for a vault. Nothing is called yet.</summary>
    /// <param name="vault">The vault.</param>
    /// <param name="client">Reaches it.</param>
    public HashiCorpTokens Of(HashiCorpVaultDefinition vault, HttpClient client) => _tokens.GetOrAdd(
        (settings.PlaceOf(vault), vault.Namespace, vault.Auth),
        _ => new(() => new HashiCorpTokens(new LoginCalls(client, vault, random, time), settings, notice, time))).Value;

    /// <summary>Revokes what logins gave.</summary>
    public void Dispose() => Parallel.ForEach(_tokens.Values.Where(tokens => tokens.IsValueCreated), tokens => tokens.Value.Dispose());
}
