using System.Collections.Immutable;
using System.Diagnostics;
using SecretRotator.Doctor.Identity;
using SecretRotator.Inventory;
using SecretRotator.Settings;

namespace SecretRotator.Doctor.Trust;

/// <summary>Makes the documents for a cloud, of the inventory, the settings and the step's token.</summary>
internal static class TrustDocuments
{
    /// <summary>The clouds and forms that there are documents for.</summary>
    public static ImmutableArray<string> Kinds { get; } = ["aws", "aws-terraform", "azure", "gcp"];

    /// <summary>Makes them. Nothing is called.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="inventory">The inventory.</param>
    /// <param name="facts">Whom to trust.</param>
    /// <exception cref="UsageException">The inventory has nothing that the cloud would be asked for.</exception>
    public static TrustSet Of(string kind, RotatorSettings settings, RotationInventory inventory, TrustFacts facts)
    {
        var vaults = inventory.Vaults.Values.OfType<VaultDefinition.AwsSecretsManager>().Where(vault => vault.Role is not null).ToImmutableArray();
        var trusted = vaults.FirstOrDefault(vault => vault.Name == settings.Azure.FederatedFrom) ?? (vaults is [var only] ? only : null);
        var hasAzure = inventory.Vaults.Values.Any(vault => vault is VaultDefinition.AzureKeyVault);
        var permissions = new AwsPermissions(inventory, settings.Azure.ClientSecretAt, hasAzure && settings.Azure.ClientSecretAt is null ? trusted?.Name : null);
        return kind switch
        {
            "aws" => Aws().Json(),
            "aws-terraform" => Aws().Terraform(),
            "azure" when !hasAzure => throw new UsageException("The inventory has no Key Vault, so there is nothing that Azure would be asked for.", "Name one below vaults, with `kind: azure-key-vault`."),
            "azure" => new AzureTrust(inventory, settings.Azure.ClientId, trusted?.Role).Documents(),
            "gcp" => new GcpTrust(facts).Documents(),
            _ => throw new UnreachableException("A new kind of document needs a maker."),
        };

        AwsTrust Aws() => vaults.IsEmpty
            ? throw new UsageException(
                "No vault of the inventory has a role, so there is nothing that AWS could trust the pipeline with.",
                "Give the vault a role that is yet to be made: `role: arn:aws:iam::ACCOUNT:role/secret-rotator`.")
            : new AwsTrust(facts, permissions, [.. vaults.Select(vault => vault.Role!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Whom to trust: what the command line says, or else the step's token.</summary>
    public static TrustFacts Facts(RotatorSettings settings, RotationInventory inventory, Guid? workspace, Guid? repository, Guid? environment)
    {
        var token = settings.StepToken is { } text ? WebToken.Read(text) : null;
        return new TrustFacts(
            inventory.Workspace,
            workspace?.ToString("D") ?? token?.Uuid("workspaceUuid"),
            repository?.ToString("D") ?? token?.Uuid("repositoryUuid"),
            environment?.ToString("D") ?? token?.Uuid("deploymentEnvironmentUuid"));
    }
}
