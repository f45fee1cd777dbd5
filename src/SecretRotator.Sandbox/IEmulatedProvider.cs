using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox;

/// <summary>One provider: the emulators of its services, and what the rest of the sandbox must know of them.</summary>
/// <remarks>
/// A provider is a folder with one implementation of this, its emulators, and their state as a part of <see cref="SandboxState"/>.
/// It has no state of its own. <see cref="EmulatedProviders.All"/> registers it.
/// </remarks>
internal interface IEmulatedProvider
{
    /// <summary>The operations that a fault can name, by the name of their service.</summary>
    IEnumerable<KeyValuePair<string, ImmutableArray<string>>> Operations { get; }

    /// <summary>The conditions that it knows.</summary>
    ImmutableArray<Condition> Conditions => [];

    /// <summary>The pages that it adds to the control listener.</summary>
    ImmutableArray<ControlPage> Pages => [];

    /// <summary>The emulators that an inventory needs.</summary>
    IEnumerable<IEmulator> Emulators(ProviderContext context) => [];

    /// <summary>The servers that an inventory needs which speak no HTTP, one for each address.</summary>
    IEnumerable<ISocketEmulator> SocketEmulators(ProviderContext context) => [];

    /// <summary>Those of them that can be started for real where they are installed, in place of the emulator.</summary>
    IEnumerable<IRealServer> RealServers(ProviderContext context) => [];

    /// <summary>Adds what the inventory takes for granted: accounts, roles, repositories. Secrets and targets are added later.</summary>
    void Seed(SandboxSeed seed)
    {
    }

    /// <summary>A vault in which secrets are seeded; null where it is not a vault of this provider.</summary>
    ISeededVault? Vault(VaultDefinition vault, SandboxSeed seed) => null;

    /// <summary>Makes the backend of a secret accept the secret's old content.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="content">The old content, as the inventory alone would have it.</param>
    /// <param name="seed">Takes what the backend keeps, and the secrets that it is administered with.</param>
    /// <returns>The content with what the backend decides in it, such as a user's name; null where the backend isn't this
    /// provider's.</returns>
    string? SeedBackend(ManagedSecret secret, string content, SandboxSeed seed) => null;

    /// <summary>The settings that point a rotator at its emulators.</summary>
    IEnumerable<KeyValuePair<string, string>> Settings(ProviderContext context, SandboxState state, SandboxClock clock) => [];

    /// <summary>Adds its members to the document of <c>GET /_sandbox/state</c>.</summary>
    void WriteState(JsonObject document, SandboxState state);
}

/// <summary>What a provider is started for.</summary>
/// <param name="Inventory">What the rotator works with.</param>
/// <param name="Conditions">What is wrong all the time.</param>
/// <param name="EndpointOf">The address of a listener by its name; known once the sandbox listens.</param>
internal sealed record ProviderContext(RotationInventory Inventory, ImmutableHashSet<Condition> Conditions, Func<string, Uri> EndpointOf);

/// <summary>A page of the control listener that takes a POST.</summary>
/// <param name="Path">Such as <c>/_sandbox/pipelines</c>.</param>
/// <param name="Expected">What its body must be, for the answer to one that is something else.</param>
/// <param name="Change">Changes the state where it answers 200; an exception of JSON or of its values means a wrong body.</param>
internal sealed record ControlPage(
    string Path, string Expected, Func<JsonElement, SandboxState, SandboxClock, (int Status, JsonObject Answer)> Change);
