using SecretRotator.Configuration;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Providers;

/// <summary>
/// One kind of vault, with all that the program knows of it. A provider is a folder with an implementation of this and
/// one line in <see cref="VaultProviders"/>; nothing outside the folder names its types.
/// </summary>
internal interface IVaultProvider : IVaultGrammar
{
    /// <summary>The settings that it reads.</summary>
    ImmutableArray<SettingKey> SettingKeys => [];

    /// <summary>
    /// Environment variables that hold its secrets, or lead its library to other credentials than the settings say.
    /// No program that a library starts inherits them.
    /// </summary>
    ImmutableArray<string> SecretVariables => [];

    /// <summary>
    /// Reads its settings into a record of its own type, which it finds again with <see cref="ConfiguredProviders.SettingsOf"/>;
    /// null where it has none.
    /// </summary>
    object? ReadSettings(SettingsValues values) => null;

    /// <summary>Settings that don't suit the inventory.</summary>
    IEnumerable<Problem> FindProblems(ConfiguredProviders settings, RotationInventory inventory) => [];

    /// <summary>What its credentials need of vaults of other kinds.</summary>
    BorrowedAccess Borrow(ConfiguredProviders settings, RotationInventory inventory) => BorrowedAccess.None;

    /// <summary>Makes its vaults. Nothing is called before a vault is.</summary>
    /// <param name="vaults">All vaults of the inventory, and what they are reached with.</param>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    IVaultFactory Connect(VaultConnections vaults);

    /// <summary>The services that its vaults of an inventory call, where the settings say they answer.</summary>
    IEnumerable<Endpoint> Endpoints(ConfiguredProviders settings, RotationInventory inventory);

    /// <summary>The checks of <c>doctor</c> for the tool's identity at this provider. Nothing is called yet.</summary>
    /// <param name="vaults">All vaults of the inventory.</param>
    /// <param name="token">The step's OIDC token, or null.</param>
    IEnumerable<ICheck> IdentityChecks(VaultConnections vaults, WebToken? token) => [];

    /// <summary>The words for the documents that <c>doctor trust --for</c> makes for this provider.</summary>
    ImmutableArray<string> TrustKinds => [];

    /// <summary>Makes the documents with which the provider trusts the pipeline. Nothing is called.</summary>
    /// <param name="kind">One of <see cref="TrustKinds"/>.</param>
    /// <param name="request">Whom to trust with what.</param>
    /// <exception cref="UsageException">The inventory has nothing that the provider would be asked for.</exception>
    TrustSet MakeTrust(string kind, TrustRequest request) => throw new NotSupportedException();

    /// <summary>How its vaults begin in an inventory of one's own; null where <c>init</c> doesn't offer them.</summary>
    VaultStart? Start => null;
}

/// <summary>Makes the vaults of one provider. They share identity and connections.</summary>
internal interface IVaultFactory : IDisposable
{
    /// <summary>A vault of the inventory. Nothing is called yet.</summary>
    ISecretVault Create(VaultDefinition definition);

    /// <summary>Sees more of a vault's secrets than a rotation does, for <c>doctor</c>.</summary>
    /// <param name="definition">The vault.</param>
    /// <param name="home">The repository that the inventory keeps its claims in.</param>
    ISecretInspector Inspect(VaultDefinition definition, VariableScope.Repository home);
}

/// <summary>What a provider's credentials need of vaults of other kinds, so that documents of trust allow it.</summary>
/// <param name="Secrets">The secrets that it reads there.</param>
/// <param name="Tokens">The tokens that it asks for there.</param>
/// <param name="Notes">What to know of it.</param>
internal sealed record BorrowedAccess(
    ImmutableArray<VaultReference> Secrets, ImmutableArray<BorrowedToken> Tokens, ImmutableArray<string> Notes)
{
    /// <summary>Nothing is needed.</summary>
    public static BorrowedAccess None { get; } = new([], [], []);
}

/// <summary>A token that a vault's identity gives to another provider.</summary>
/// <param name="Vault">The name of the vault whose identity gives it.</param>
/// <param name="Audience">Whom it is for (the claim <c>aud</c>).</param>
/// <param name="Service">What people call the provider that takes it, such as <c>Azure</c>.</param>
internal sealed record BorrowedToken(string Vault, string Audience, string Service);

/// <summary>How a vault of a kind begins in an inventory of one's own, for <c>init</c>.</summary>
/// <param name="Word">What <c>--cloud</c> calls it, such as <c>aws</c>.</param>
/// <param name="Vault">The lines of the vault in <c>rotation.yaml</c>, without indentation.</param>
/// <param name="Credential">The path of the secret with Bitbucket's credential.</param>
/// <param name="NextStep">How the vault comes to trust the pipelines; the repository's address in Bitbucket is
/// <c>{{repository}}</c>.</param>
internal sealed record VaultStart(string Word, string Vault, string Credential, string NextStep);
