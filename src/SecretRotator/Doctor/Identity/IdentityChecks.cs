using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Settings;

namespace SecretRotator.Doctor.Identity;

/// <summary>The checks of the area <see cref="CheckArea.Identity"/>: who the tool is in AWS, in Azure and in Bitbucket, and how it proves that.</summary>
internal static class IdentityChecks
{
    /// <summary>All of them, in the order in which they are told. Nothing is called yet.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="inventory">The inventory.</param>
    /// <param name="handler">Makes the HTTP handlers of all calls.</param>
    /// <param name="credential">Finds the Bitbucket credential; its owner wipes it.</param>
    /// <param name="clock">The time in which credentials end.</param>
    /// <param name="machine">The machine's time, in which tokens end and calls are tried again.</param>
    public static IReadOnlyList<ICheck> For(
        RotatorSettings settings,
        RotationInventory inventory,
        Func<HttpMessageHandler> handler,
        Func<CancellationToken, Task<BitbucketCredential>> credential,
        IClock clock,
        TimeProvider machine)
    {
        var token = settings.StepToken is { } text ? WebToken.Read(text) : null;
        return
        [
            new StepTokenCheck(settings, inventory, token, machine),
            new TokenSignatureCheck(inventory.Workspace, token, settings.Endpoints.Oidc, handler),
            new AwsExchangeCheck(settings, inventory, token, handler),
            new AzureExchangeCheck(settings, inventory, handler, clock, machine),
            new CredentialEndCheck(inventory, callsVault: settings.Bitbucket is null, credential, clock),
        ];
    }

    /// <summary>Whether anything of an inventory is reached by the step's token.</summary>
    public static bool NeedToken(RotationInventory inventory) => inventory.Vaults.Values.OfType<VaultDefinition.AwsSecretsManager>().Any(vault => vault.Role is not null);
}
