using SecretRotator.Providers;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Doctor;
using SecretRotator.Settings;

namespace SecretRotator.Doctor.Identity;

/// <summary>
/// The checks of the area <see cref="CheckArea.Identity"/>: the tool's identity at the vaults and at Bitbucket, and how it proves it.
/// </summary>
internal static class IdentityChecks
{
    /// <summary>All of them, in the order in which they are told. Nothing is called yet.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="vaults">The vaults of the inventory.</param>
    /// <param name="credential">Finds the Bitbucket credential; its owner wipes it.</param>
    public static IReadOnlyList<ICheck> For(
        RotatorSettings settings, VaultConnections vaults, Func<CancellationToken, Task<BitbucketCredential>> credential)
    {
        var inventory = vaults.Inventory;
        var token = WebToken.Read(settings.StepToken);
        return
        [
            new StepTokenCheck(settings, inventory, token, vaults.Time),
            new TokenSignatureCheck(inventory.Workspace, token, settings.Endpoints.Oidc, vaults.Handler),
            .. settings.Providers.Registered.SelectMany(provider => provider.IdentityChecks(vaults, token)),
            new CredentialEndCheck(inventory, callsVault: settings.Bitbucket is null, credential, vaults.Clock),
        ];
    }
}
