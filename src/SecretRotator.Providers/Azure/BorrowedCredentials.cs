using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Backends.Entra;

namespace SecretRotator.Providers.Azure;

/// <summary>
/// What Entra is shown that another vault of the inventory keeps or gives: a client secret, or a token of an AWS role.
/// Entra can't trust a step's token, whose subject changes in every run; it can trust the role that the token admits.
/// </summary>
internal static class BorrowedCredentials
{
    /// <summary>The audience of a token that Entra exchanges.</summary>
    public const string ExchangeAudience = "api://AzureADTokenExchange";

    /// <summary>What of it the policies of the other vaults must allow.</summary>
    public static BorrowedAccess Of(AzureSettings settings, RotationInventory inventory)
    {
        if (settings.ClientSecretAt is { } reference)
            return new BorrowedAccess([reference], [], []);
        if (!inventory.Vaults.Values.Any(vault => vault is AzureVaultDefinition)
            && !inventory.Secrets.Any(secret => secret.Backend is EntraDefinition))
            return BorrowedAccess.None;
        return TrustedVault(settings, inventory) is { } trusted
            ? new BorrowedAccess([], [new BorrowedToken(trusted.Name, ExchangeAudience, "Azure")], [])
            : new BorrowedAccess([], [],
            [
                "For a Key Vault without a stored secret, name the AWS vault whose role Entra trusts in azure.federatedFrom: "
                + "that role then also asks for tokens for Azure.",
            ]);
    }

    /// <summary>The vault whose role Entra is to trust; null where it isn't clear which.</summary>
    public static AwsVaultDefinition? TrustedVault(AzureSettings settings, RotationInventory inventory)
    {
        var vaults = WithRoles(inventory).ToList();
        return vaults.Find(vault => vault.Name == settings.FederatedFrom) ?? (vaults is [var only] ? only : null);
    }

    /// <summary>Whether there is a role that Entra could trust.</summary>
    public static bool HasRoles(RotationInventory inventory) => WithRoles(inventory).Any();

    private static IEnumerable<AwsVaultDefinition> WithRoles(RotationInventory inventory) =>
        inventory.Vaults.Values.OfType<AwsVaultDefinition>().Where(vault => vault.Role is not null);

    /// <summary>The settings, with the ways to what other vaults keep or give. Nothing is called yet.</summary>
    /// <exception cref="UsageException">They don't suffice.</exception>
    public static AzureSettings Add(AzureSettings settings, VaultConnections vaults)
    {
        if (settings.HasCredential && (settings.TenantId is null || settings.ClientId is null))
            throw new UsageException(
                "A credential for Azure is set without its tenant or client.", "Set AZURE_TENANT_ID and AZURE_CLIENT_ID too.");
        return settings with
        {
            ClientSecretSource = settings.ClientSecretAt is { } reference ? Secret(reference, vaults) : null,
            ClientAssertion = settings.FederatedFrom is { } vault ? Assertion(vault, vaults) : null,
        };
    }

    private static Func<CancellationToken, Task<string>> Assertion(string name, VaultConnections vaults) =>
        vaults.Inventory.Vaults.GetValueOrDefault(name) is AwsVaultDefinition vault && vaults.FactoryOf(vault) is AwsVaultFactory aws
            ? cancellation => aws.TokenForAsync(vault, ExchangeAudience, "a token that Entra trusts", cancellation)
            : throw new UsageException(
                $"azure:federatedFrom names no AWS vault of the inventory: {name}.", "Name the AWS vault whose role Entra trusts.");

    // A Key Vault is opened with the very secret that is looked for.
    private static Func<CancellationToken, Task<SecretValue>> Secret(VaultReference reference, VaultConnections vaults)
    {
        var vault = vaults.Inventory.Vaults.GetValueOrDefault(reference.Vault)
            ?? throw new UsageException(
                $"azure:clientSecret leads to the vault {reference.Vault}, which the inventory doesn't have.",
                $"Name one of: {string.Join(", ", vaults.Inventory.Vaults.Keys)}.");
        if (vault is AzureVaultDefinition)
            throw new UsageException(
                $"azure:clientSecret leads to {reference}, which is in a Key Vault: it can't be opened without that very secret.",
                "Keep the secret in a vault that needs no credential for Azure, or use azure:federatedFrom, which needs no secret.");
        return async cancellation =>
        {
            try
            {
                var (secret, end) = await ReferencedSecret.ReadWithEndAsync(
                    vaults.Create(vault), reference, "The client secret for Azure", cancellation);
                var now = vaults.Clock.GetCurrentInstant();
                if (!end.HasPassed(now))
                    return secret;
                secret.Dispose();
                throw new RemoteFailureException(FailureKind.Unauthenticated, Effect.Rejected, end.Tell(now), CredentialEnd.Renewal);
            }
            catch (UsageException wrong)
            {
                throw new RemoteFailureException(
                    FailureKind.Unauthenticated, Effect.Rejected, wrong.Message, wrong.Problems[0].Hint, wrong);
            }
        };
    }
}
