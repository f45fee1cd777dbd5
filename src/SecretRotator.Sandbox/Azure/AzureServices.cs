using SecretRotator.Providers.Azure;
using SecretRotator.Providers.Backends.Entra;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Seeding;
using static SecretRotator.Sandbox.SandboxSettings;

namespace SecretRotator.Sandbox.Azure;

/// <summary>Azure: the Key Vaults that an inventory names, Entra, and what Graph knows of applications.</summary>
internal sealed class AzureServices : IEmulatedProvider
{
    private static readonly TimeSpan AgeOfSecrets = TimeSpan.FromDays(120);

    public IEnumerable<KeyValuePair<string, ImmutableArray<string>>> Operations =>
    [
        new(KeyVaultEmulator.Name, KeyVaultEmulator.Operations),
        new(EntraEmulator.Name, EntraEmulator.Operations),
        new(GraphEmulator.Name, GraphEmulator.Operations),
    ];

    public IEnumerable<IEmulator> Emulators(ProviderContext context) =>
    [
        new EntraEmulator(),
        new GraphEmulator(context.Conditions, new SystemRandom()),
        .. Vaults(context.Inventory)
            .Select(vault => new KeyVaultEmulator(vault, () => context.EndpointOf(EntraEmulator.Name), new SystemRandom())),
    ];

    /// <summary>Adds the vaults, and lets Entra trust the role that the tool has in AWS.</summary>
    public void Seed(SandboxSeed seed)
    {
        foreach (var vault in Vaults(seed.Inventory))
        {
            if (seed.Once($"vault {vault}"))
                seed.State.KeyVaults.TryAdd(vault, new KeyVaultState());
        }

        if (AwsInventory.ToolRole(seed.Inventory) is var (_, role, place) && seed.Once("federation"))
            (seed.State.Entra.FederatedIssuer, seed.State.Entra.FederatedSubject) = (StsEmulator.IssuerOf(place.Number), role);
    }

    public ISeededVault? Vault(VaultDefinition vault, SandboxSeed seed) =>
        vault is AzureVaultDefinition ? new SeededKeyVault(seed.State.KeyVaults[vault.Name], seed.Random) : null;

    public string? SeedBackend(ManagedSecret secret, string content, SandboxSeed seed)
    {
        if (secret.Backend is not EntraDefinition definition)
            return null;
        var entra = seed.State.Entra;
        var application = entra.Applications.GetOrAdd(
            definition.Application, () => new EntraApplicationState { Tenant = definition.Tenant, Owners = { entra.ClientId } });
        var now = seed.Now.ToDateTimeOffset();
        var made = GraphEmulator.Add(
            application, seed.Random, "made by hand", now - AgeOfSecrets, now + AgeOfSecrets, worksFrom: null);
        return SeededContent.With(content, (definition.IdField, made.KeyId), (definition.SecretField, made.Text));
    }

    public IEnumerable<KeyValuePair<string, string>> Settings(ProviderContext context, SandboxState state, SandboxClock clock)
    {
        var entra = new EntraState();
        yield return new(Prefix + "ENDPOINTS__ENTRA", context.EndpointOf(EntraEmulator.Name).AbsoluteUri);
        yield return new(Prefix + "ENDPOINTS__GRAPH", context.EndpointOf(GraphEmulator.Name).AbsoluteUri);
        yield return new(Prefix + "AZURE__TENANTID", entra.Tenant);
        yield return new(Prefix + "AZURE__CLIENTID", entra.ClientId);
        yield return AwsInventory.ToolRole(context.Inventory) is var (awsVault, _, _)
            ? new(Prefix + "AZURE__FEDERATEDFROM", awsVault)
            : new(Prefix + "AZURE__CLIENTSECRET", entra.ClientSecret);
        foreach (var vault in Vaults(context.Inventory))
        {
            var endpoint = context.EndpointOf(KeyVaultEmulator.ListenerOf(vault));
            yield return new(Prefix + "ENDPOINTS__AZURE__" + vault.ToUpperInvariant(), endpoint.AbsoluteUri);
        }
    }

    public void WriteState(JsonObject document, SandboxState state)
    {
        document["azure"] = StateDocument.List(
            state.KeyVaults.SelectMany(
                vault => vault.Value.Secrets, (vault, secret) => (Vault: vault.Key, Name: secret.Key, Secret: secret.Value)),
            each => new JsonObject
            {
                ["vault"] = each.Vault,
                ["name"] = each.Name,
                ["current"] = each.Secret.Versions.LastOrDefault()?.Id,
                ["deleted"] = StateDocument.Time(each.Secret.DeletedDate),
                ["versions"] = StateDocument.List(each.Secret.Versions, version => new JsonObject
                {
                    ["id"] = version.Id,
                    ["value"] = version.Value,
                    ["enabled"] = version.Enabled,
                    ["contentType"] = version.ContentType,
                    ["created"] = StateDocument.Time(version.Created),
                    ["expires"] = StateDocument.Time(version.Expires),
                    ["tags"] = StateDocument.Tags(version.Tags),
                }),
            });
        document["entra"] = StateDocument.List(
            state.Entra.Applications.SelectMany(
                application => application.Value.Secrets, (application, secret) => (Application: application.Key, Secret: secret)),
            each => new JsonObject
            {
                ["application"] = each.Application,
                ["id"] = each.Secret.KeyId,
                ["name"] = each.Secret.DisplayName,
                ["value"] = each.Secret.Text,
                ["created"] = StateDocument.Time(each.Secret.Start),
                ["expires"] = StateDocument.Time(each.Secret.End),
            });
    }

    private static IEnumerable<string> Vaults(RotationInventory inventory) =>
        inventory.Vaults.Values.OfType<AzureVaultDefinition>().Select(vault => vault.Name);
}
