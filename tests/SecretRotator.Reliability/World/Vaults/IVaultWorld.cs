using SecretRotator.Reliability.Fuzzing;
using SecretRotator.Reliability.Matrix;
using SecretRotator.Reliability.Processes;
using SecretRotator.Sandbox;

namespace SecretRotator.Reliability.World.Vaults;

/// <summary>One kind of vault in a cloud: the one vault of it that simulated inventories have, what the sandbox's emulator keeps of
/// secrets in it, and a hand that changes that past all machines.</summary>
/// <remarks>It has no state of its own. <see cref="VaultWorlds"/> registers it, and nothing else names it.</remarks>
internal interface IVaultWorld
{
    /// <summary>The vault.</summary>
    VaultDefinition Definition { get; }

    /// <summary>Its name in inventories.</summary>
    string Name => Definition.Name;

    /// <summary>The name of its service in requests.</summary>
    string Service { get; }

    /// <summary>The operations that change nothing.</summary>
    ImmutableArray<string> Reads { get; }

    /// <summary>Whether PROMOTE fails where the base isn't current. Else what comes between its last look and its write is
    /// covered.</summary>
    bool ComparesOnPromotion { get; }

    /// <summary>Whether a claim is taken over in two calls: a death between them loses what the first holder wrote down.</summary>
    bool TakesOverInTwoCalls => false;

    /// <summary>How far what it says of a secret lags behind what was written.</summary>
    Duration Lag(Cloud cloud) => Duration.Zero;

    /// <summary>Adds what there is beside secrets.</summary>
    /// <param name="cloud">The cloud.</param>
    /// <param name="random">Makes ids.</param>
    /// <returns>What answers to HTTP, by host.</returns>
    IEnumerable<KeyValuePair<string, IEmulator>> Open(Cloud cloud, IRandomSource random) => [];

    /// <summary>The vault as a machine has it, with the product's own adapter.</summary>
    /// <param name="machine">Who asks.</param>
    /// <param name="locks">Where claims are kept that the vault can't keep.</param>
    ISecretVault Connect(Machine machine, ILockStore locks);

    /// <summary>Adds a secret with one version.</summary>
    /// <param name="cloud">The cloud.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="content">What the version holds.</param>
    /// <param name="at">When it was made.</param>
    /// <param name="mark">Makes the mark of its delivery.</param>
    void Add(Cloud cloud, ManagedSecret secret, string content, Instant at, Func<VersionId, string> mark);

    /// <summary>What it holds of a secret.</summary>
    Shelf ShelfOf(Cloud cloud, ManagedSecret secret);

    /// <summary>Makes a new current version, as a colleague in the vault's own console would.</summary>
    void Rotate(Cloud cloud, ManagedSecret secret, string content);

    /// <summary>Takes every mark of a delivery away.</summary>
    void Disown(Cloud cloud, ManagedSecret secret);

    /// <summary>The variable of the home repository that a claim on a secret is; null where the vault keeps claims.</summary>
    string? ClaimKey(ManagedSecret secret) => null;

    /// <summary>Whether a request shows which version of the secret is current.</summary>
    bool ShowsCurrent(Request request, ManagedSecret secret);

    /// <summary>What <c>rotation.yaml</c> says of the vault.</summary>
    string Yaml { get; }

    /// <summary>How the calls begin that take a claim, as the sandbox lists calls.</summary>
    string ClaimCall { get; }

    /// <summary>Whether a contender that dies between its two calls leaves marks, which hold nothing and are swept later.</summary>
    bool ContendersLeaveMarks => false;

    /// <summary>All versions of a secret, those of its companion last.</summary>
    /// <param name="state">What the sandbox's state page says of the service.</param>
    /// <param name="secret">The secret.</param>
    ImmutableArray<VersionPicture> VersionsIn(JsonElement state, ManagedSecret secret);

    /// <summary>What all versions of all secrets hold.</summary>
    /// <param name="state">What the sandbox's state page says of the service.</param>
    IEnumerable<string> ContentsIn(JsonElement state) => state.EnumerateArray()
        .SelectMany(entry => entry.GetProperty("versions").EnumerateArray()).Select(version => Picture.Text(version, "value")!);

    /// <summary>The claim on a secret, where the vault keeps claims and not on versions; or null.</summary>
    /// <param name="state">What the sandbox's state page says of the service.</param>
    /// <param name="secret">The secret.</param>
    string? ClaimIn(JsonElement state, ManagedSecret secret) => null;

    /// <summary>What the matrix tries with no other kind of vault.</summary>
    IEnumerable<Situation> Situations => [];

    /// <summary>What is fuzzed of it.</summary>
    ImmutableArray<FuzzTarget> FuzzTargets { get; }
}

/// <summary>The one list of kinds.</summary>
internal static class VaultWorlds
{
    /// <summary>All of them, in the order of the product.</summary>
    public static ImmutableArray<IVaultWorld> All { get; } = [new AwsWorld(), new AzureWorld(), new GoogleWorld(), new HashiCorpWorld()];

    /// <summary>The kind of a secret's vault.</summary>
    public static IVaultWorld Of(ManagedSecret secret) => All.Single(world => world.Name == secret.Vault);

    /// <summary>The kind of a vault of any name.</summary>
    public static IVaultWorld Of(VaultDefinition vault) => All.Single(world => world.Definition.Kind == vault.Kind);
}
