using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using SecretRotator.Inventory;
using SecretRotator.Providers.Google;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Seeding;
using static SecretRotator.Sandbox.SandboxSettings;

namespace SecretRotator.Sandbox.Google;

/// <summary>Google Cloud: Secret Manager of the projects that an inventory names.</summary>
internal sealed class GoogleServices : IEmulatedProvider
{
    public ImmutableDictionary<string, ImmutableArray<string>> Operations { get; } =
        ImmutableDictionary.CreateRange([KeyValuePair.Create(SecretManagerEmulator.Name, SecretManagerEmulator.Operations)]);

    public IEnumerable<IEmulator> Emulators(ProviderContext context) => IsNamed(context.Inventory) ? [new SecretManagerEmulator()] : [];

    public void Seed(SandboxSeed seed)
    {
    }

    public ISeededVault? Vault(VaultDefinition vault, SandboxSeed seed) =>
        vault is GoogleVaultDefinition google ? new SeededSecretManager(google, seed.State.Google) : null;

    public IEnumerable<KeyValuePair<string, string>> Settings(ProviderContext context, SandboxState state, SandboxClock clock) =>
        IsNamed(context.Inventory)
            ?
            [
                new(Prefix + "ENDPOINTS__GOOGLE", context.EndpointOf(SecretManagerEmulator.Name).AbsoluteUri),
                new("GOOGLE_OAUTH_ACCESS_TOKEN", GoogleState.AccessToken),
            ]
            : [];

    public void WriteState(JsonObject document, SandboxState state) => document["google"] = StateDocument.List(
        state.Google.Secrets, secret => new JsonObject
        {
            ["name"] = secret.Key,
            ["current"] = secret.Value.Versions.Count,
            ["annotations"] = StateDocument.Tags(secret.Value.Annotations),
            ["versions"] = StateDocument.List(secret.Value.Versions, version => new JsonObject
            {
                ["id"] = secret.Value.Versions.IndexOf(version) + 1,
                ["value"] = Encoding.UTF8.GetString(Convert.FromBase64String(version.Data)),
                ["state"] = version.State,
                ["created"] = StateDocument.Time(version.Created),
            }),
        });

    private static bool IsNamed(RotationInventory inventory) => inventory.Vaults.Values.Any(vault => vault is GoogleVaultDefinition);
}
