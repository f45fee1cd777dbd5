using SecretRotator.Providers.HashiCorp;
using SecretRotator.Providers.HashiCorp.Doctor;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Seeding;
using static SecretRotator.Sandbox.SandboxSettings;

namespace SecretRotator.Sandbox.HashiCorp;

/// <summary>HashiCorp Vault: a server for each vault of that kind that an inventory names.</summary>
internal sealed class HashiCorpServices : IEmulatedProvider
{
    // No secrets at all: only a sandbox knows them.
    private const string AmbientToken = "hvs.sandbox-token";
    private const string RoleId = "5a0db0ff-9e50-42a4-8d43-6d5c5f6d7a01";
    private const string SecretId = "841771dc-11c9-bbc7-bcac-6a3945a69cd9";

    public IEnumerable<KeyValuePair<string, ImmutableArray<string>>> Operations =>
        [new(HashiCorpEmulator.Name, HashiCorpEmulator.Operations)];

    public IEnumerable<IEmulator> Emulators(ProviderContext context) =>
        Vaults(context.Inventory).Select(vault => new HashiCorpEmulator(vault.Name, context.Conditions));

    /// <summary>Adds the servers, what the tool logs in with, and the policy that <c>doctor trust</c> prints for it: nothing else is
    /// allowed.</summary>
    public void Seed(SandboxSeed seed)
    {
        foreach (var vault in Vaults(seed.Inventory))
        {
            if (seed.Once($"vault {vault.Name}"))
            {
                var server = new HashiCorpState { Namespace = vault.Namespace ?? "" };
                server.Mounts[vault.Mount] = new KvMountState();
                Trust(vault, server, seed);
                seed.State.HashiCorp.TryAdd(vault.Name, server);
            }

            // An inventory that has grown.
            var policy = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
            foreach (var rule in HashiCorpPolicy.Of([vault], seed.Inventory.Secrets, seed.Inventory.References).Rules)
                policy[rule.Path] = [.. rule.Capabilities];
            var policies = seed.State.HashiCorp[vault.Name].Policies;
            if (policies.TryGetValue(HashiCorpTrust.PolicyOf(vault.Auth), out var known)
                && known.Select(Told).SequenceEqual(policy.Select(Told), StringComparer.Ordinal))
                continue;
            policies[HashiCorpTrust.PolicyOf(vault.Auth)] = policy;
            seed.Changed = true;
        }

        static string Told(KeyValuePair<string, SortedSet<string>> rule) => $"{rule.Key} {string.Join(' ', rule.Value)}";
    }

    public ISeededVault? Vault(VaultDefinition vault, SandboxSeed seed) => vault is HashiCorpVaultDefinition definition
        ? new SeededHashiCorp(
            seed.State.HashiCorp[vault.Name], definition, KvContent.FormsOf(seed.Inventory, definition.Name))
        : null;

    public IEnumerable<KeyValuePair<string, string>> Settings(ProviderContext context, SandboxState state, SandboxClock clock)
    {
        foreach (var vault in Vaults(context.Inventory))
        {
            var endpoint = context.EndpointOf(HashiCorpEmulator.ListenerOf(vault.Name));
            yield return new(Prefix + "ENDPOINTS__HASHICORP__" + vault.Name.ToUpperInvariant(), endpoint.AbsoluteUri);
        }

        if (Vaults(context.Inventory).Any(vault => vault.Auth is HashiCorpAuth.Token))
            yield return new("VAULT_TOKEN", AmbientToken);
        if (!Vaults(context.Inventory).Any(vault => vault.Auth is HashiCorpAuth.AppRole))
            yield break;
        yield return new("VAULT_ROLE_ID", RoleId);
        yield return new("VAULT_SECRET_ID", SecretId);
    }

    public void WriteState(JsonObject document, SandboxState state)
    {
        document["hashicorp"] = StateDocument.List(
            from server in state.HashiCorp
            from mount in server.Value.Mounts
            from secret in mount.Value.Secrets
            select (Vault: server.Key, Mount: mount.Key, Path: secret.Key, Secret: secret.Value),
            each => new JsonObject
            {
                ["vault"] = each.Vault,
                ["mount"] = each.Mount,
                ["path"] = each.Path,
                ["current"] = each.Secret.CurrentVersion,
                ["versions"] = StateDocument.List(each.Secret.Versions, version => new JsonObject
                {
                    ["number"] = version.Key,
                    ["data"] = version.Value.Data is { } data ? JsonNode.Parse(data) : null,
                    ["created"] = StateDocument.Time(version.Value.Created),
                    ["deleted"] = StateDocument.Time(version.Value.Deletion),
                    ["destroyed"] = version.Value.Destroyed,
                }),
            });
        document["hashicorpTokens"] = StateDocument.List(
            state.HashiCorp.SelectMany(server => server.Value.Tokens.Values, (server, token) => (server.Key, token)),
            each => new JsonObject
            {
                ["vault"] = each.Key,
                ["policies"] = StateDocument.List(each.token.Policies, policy => policy),
                ["ends"] = StateDocument.Time(each.token.Ends),
            });
        document["hashicorpRoles"] = StateDocument.List(
            state.HashiCorp.SelectMany(server => server.Value.StaticRoles, (server, role) => (server.Key, role)),
            each => new JsonObject
            {
                ["vault"] = each.Key,
                ["role"] = each.role.Key,
                ["username"] = each.role.Value.Username,
                ["password"] = each.role.Value.Password,
                ["rotated"] = StateDocument.Time(each.role.Value.LastRotation),
            });
    }

    private static void Trust(HashiCorpVaultDefinition vault, HashiCorpState server, SandboxSeed seed)
    {
        var policy = HashiCorpTrust.PolicyOf(vault.Auth);
        switch (vault.Auth)
        {
            case HashiCorpAuth.Jwt jwt:
                var step = BitbucketServices.StepOf(seed.State, seed.Inventory, seed.Random);
                server.JwtMethods[jwt.Mount] = new JwtMethodState
                {
                    Issuer = step.Issuer,
                    Roles =
                    {
                        [jwt.RoleName] = new JwtRoleState
                        {
                            Audiences = { step.Audience },
                            Claims = { ["repositoryUuid"] = $"{{{step.RepositoryUuid}}}" },
                            Tokens = { Policies = { policy } },
                        },
                    },
                };
                break;
            case HashiCorpAuth.AppRole role:
                server.AppRoles[role.Mount] = new AppRoleState
                {
                    RoleId = RoleId,
                    SecretIds = { [SecretId] = 0 },
                    Tokens = { Policies = { policy } },
                };
                break;
            default:
                server.Tokens[AmbientToken] = new HashiCorpTokenState { Policies = { "default", policy } };
                break;
        }
    }

    private static IEnumerable<HashiCorpVaultDefinition> Vaults(RotationInventory inventory) =>
        inventory.Vaults.Values.OfType<HashiCorpVaultDefinition>();
}
