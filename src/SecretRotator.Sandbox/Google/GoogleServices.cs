using SecretRotator.Providers.Google;
using SecretRotator.Providers.Google.Doctor;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Seeding;
using static SecretRotator.Sandbox.SandboxSettings;

namespace SecretRotator.Sandbox.Google;

/// <summary>Google Cloud: Secret Manager of the projects that an inventory names, and what gives the tokens for it.</summary>
internal sealed class GoogleServices : IEmulatedProvider
{
    private const string Project = "400300200100";
    private const string Pool = "bitbucket";
    private const string Provider = $"projects/{Project}/locations/global/workloadIdentityPools/{Pool}/providers/bitbucket";

    public IEnumerable<KeyValuePair<string, ImmutableArray<string>>> Operations =>
    [
        new(SecretManagerEmulator.Name, SecretManagerEmulator.Operations),
        new(GoogleStsEmulator.Name, GoogleStsEmulator.Operations),
        new(IamCredentialsEmulator.Name, IamCredentialsEmulator.Operations),
        new(GoogleOAuthEmulator.Name, GoogleOAuthEmulator.Operations),
        new(MetadataEmulator.Name, MetadataEmulator.Operations),
    ];

    public IEnumerable<IEmulator> Emulators(ProviderContext context) => IsNamed(context.Inventory)
        ?
        [
            new SecretManagerEmulator(), new GoogleStsEmulator(context.Conditions), new IamCredentialsEmulator(), new GoogleOAuthEmulator(),
            new MetadataEmulator(),
        ]
        : [];

    /// <summary>Adds a provider that trusts the pipeline, and a service account in each project that its steps may act as.</summary>
    public void Seed(SandboxSeed seed)
    {
        foreach (var project in seed.Inventory.Vaults.Values.OfType<GoogleVaultDefinition>().Select(vault => vault.Project))
        {
            if (!seed.Once($"google {project}"))
                continue;
            var step = BitbucketServices.StepOf(seed.State, seed.Inventory, seed.Random);
            seed.State.GoogleIdentity.Providers.TryAdd(Provider, GooglePoolProviderState.Trusting(step));
            seed.State.GoogleIdentity.Accounts.TryAdd(
                $"secret-rotator@{project}.iam.gserviceaccount.com",
                new GoogleAccountState { ActedAsBy = [GoogleTrust.Member(Project, Pool, $"{{{step.RepositoryUuid}}}")] });
        }
    }

    public ISeededVault? Vault(VaultDefinition vault, SandboxSeed seed) =>
        vault is GoogleVaultDefinition google ? new SeededSecretManager(google, seed.State.Google) : null;

    public IEnumerable<KeyValuePair<string, string>> Settings(ProviderContext context, SandboxState state, SandboxClock clock) =>
        IsNamed(context.Inventory)
            ?
            [
                new(Prefix + "ENDPOINTS__GOOGLE", context.EndpointOf(SecretManagerEmulator.Name).AbsoluteUri),
                new(Prefix + "ENDPOINTS__GOOGLESTS", context.EndpointOf(GoogleStsEmulator.Name).AbsoluteUri),
                new(Prefix + "ENDPOINTS__GOOGLEIAMCREDENTIALS", context.EndpointOf(IamCredentialsEmulator.Name).AbsoluteUri),
                new(Prefix + "ENDPOINTS__GOOGLEOAUTH", new Uri(context.EndpointOf(GoogleOAuthEmulator.Name), "token").AbsoluteUri),
                new("GCE_METADATA_HOST", context.EndpointOf(MetadataEmulator.Name).Authority),
                new(Prefix + "GOOGLE__WORKLOADIDENTITYPROVIDER", Provider),
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
