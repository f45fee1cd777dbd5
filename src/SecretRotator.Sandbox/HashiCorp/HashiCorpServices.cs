using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SecretRotator.Inventory;
using SecretRotator.Providers.HashiCorp;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Seeding;
using static SecretRotator.Sandbox.SandboxSettings;

namespace SecretRotator.Sandbox.HashiCorp;

/// <summary>HashiCorp Vault: a server for each vault of that kind that an inventory names.</summary>
internal sealed class HashiCorpServices : IEmulatedProvider
{
    public ImmutableDictionary<string, ImmutableArray<string>> Operations { get; } = ImmutableDictionary.CreateRange(
    [
        KeyValuePair.Create(HashiCorpEmulator.Name, HashiCorpEmulator.Operations),
    ]);

    public IEnumerable<IEmulator> Emulators(ProviderContext context) =>
        Vaults(context.Inventory).Select(vault => new HashiCorpEmulator(vault.Name));

    public void Seed(SandboxSeed seed)
    {
        foreach (var vault in Vaults(seed.Inventory).Where(vault => seed.Once($"vault {vault.Name}")))
        {
            var server = new HashiCorpState { Namespace = vault.Namespace ?? "" };
            server.Mounts[vault.Mount] = new KvMountState();
            server.Tokens["hvs." + seed.Values.Text(24)] = new HashiCorpTokenState { Policies = { SeededHashiCorp.Policy } };
            seed.State.HashiCorp.TryAdd(vault.Name, server);
        }
    }

    public ISeededVault? Vault(VaultDefinition vault, SandboxSeed seed) => vault is HashiCorpVaultDefinition definition
        ? new SeededHashiCorp(
            seed.State.HashiCorp[vault.Name], definition, path => KvContent.FormOf(seed.Inventory, definition.Name, path))
        : null;

    public IEnumerable<KeyValuePair<string, string>> Settings(ProviderContext context, SandboxState state, SandboxClock clock)
    {
        foreach (var vault in Vaults(context.Inventory))
        {
            var endpoint = context.EndpointOf(HashiCorpEmulator.ListenerOf(vault.Name));
            yield return new(Prefix + "ENDPOINTS__HASHICORP__" + vault.Name.ToUpperInvariant(), endpoint.AbsoluteUri);
        }

        if (Vaults(context.Inventory).FirstOrDefault() is { } first && state.HashiCorp.TryGetValue(first.Name, out var server))
            yield return new("VAULT_TOKEN", server.Tokens.Keys.First());
    }

    public void WriteState(JsonObject document, SandboxState state) => document["hashicorp"] = StateDocument.List(
        from server in state.HashiCorp
        from mount in server.Value.Mounts
        from secret in mount.Value.Secrets
        select (server.Key, mount.Key, secret.Key, secret.Value),
        each => Describe(each.Item1, each.Item2, each.Item3, each.Item4));

    private static IEnumerable<HashiCorpVaultDefinition> Vaults(RotationInventory inventory) =>
        inventory.Vaults.Values.OfType<HashiCorpVaultDefinition>();

    private static JsonObject Describe(string vault, string mount, string path, KvSecretState secret) => new()
    {
        ["vault"] = vault,
        ["mount"] = mount,
        ["path"] = path,
        ["current"] = secret.CurrentVersion,
        ["versions"] = StateDocument.List(secret.Versions, version => new JsonObject
        {
            ["number"] = version.Key,
            ["data"] = version.Value.Data is { } data ? JsonNode.Parse(data) : null,
            ["created"] = StateDocument.Time(version.Value.Created),
            ["deleted"] = StateDocument.Time(version.Value.Deletion),
            ["destroyed"] = version.Value.Destroyed,
        }),
    };
}
