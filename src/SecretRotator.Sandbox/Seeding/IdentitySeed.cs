using SecretRotator.Inventory;
using SecretRotator.Providers.Aws;
using SecretRotator.Sandbox.Identity;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>Furnishes who may do what in AWS: the roles that the inventory names, and keys for vaults that name none.</summary>
internal sealed class IdentitySeed(SandboxState state, SeedValues values)
{
    /// <summary>The id of an access key of <see cref="AwsPlace.AmbientAccount"/>.</summary>
    public const string AccessKeyId = "AKIASANDBOXROTATOR00";

    /// <summary>That key's secret: no secret at all, since only a sandbox knows the key.</summary>
    public const string SecretAccessKey = "sandbox-aws-secret-access-key";

    // Making one takes a while, so the sandboxes of one process share it.
    private static readonly Lazy<string> SigningKey = new(() =>
    {
        var made = new IdentityState();
        SandboxIssuer.Key(made).Dispose();
        return made.SigningKey!;
    });

    /// <summary>Adds what is missing. Workspace and home repository exist already.</summary>
    public void Furnish(RotationInventory inventory)
    {
        if (state.Seeded.Add("identities"))
        {
            state.Identity.SigningKey ??= SigningKey.Value;
            state.Identity.AwsCredentials[AccessKeyId] = new AwsCredentialState
            {
                SecretAccessKey = SecretAccessKey,
                Account = AwsPlace.AmbientAccount,
                Arn = $"arn:aws:iam::{AwsPlace.AmbientAccount}:user/sandbox",
            };
        }

        foreach (var role in inventory.Vaults.Values.OfType<AwsVaultDefinition>().Select(vault => vault.Role).OfType<string>())
        {
            if (state.Seeded.Add($"role {role}"))
                state.Identity.AwsRoles.TryAdd(role, StepOf(inventory).Trust());
        }

        if (VaultWithRole(inventory) is { Role: { } trusted } vault && state.Seeded.Add("federation"))
        {
            state.Identity.Entra.FederatedIssuer = SandboxIssuer.OfAccount(AwsPlace.Of(vault).Number);
            state.Identity.Entra.FederatedSubject = trusted;
        }
    }

    /// <summary>
    /// The vault whose role stands for the tool where no vault is meant: Entra trusts it, and it writes evidence to the
    /// bucket. Null where no vault of AWS has a role.
    /// </summary>
    public static AwsVaultDefinition? VaultWithRole(RotationInventory inventory) =>
        inventory.Vaults.Values.OfType<AwsVaultDefinition>().Where(vault => vault.Role is not null).OrderBy(vault => vault.Name, StringComparer.Ordinal).FirstOrDefault();

    /// <summary>Whether something of an inventory can only be reached with an access key: a vault without a role, or the bucket where no vault has one.</summary>
    public static bool NeedsKey(RotationInventory inventory) =>
        VaultWithRole(inventory) is null || inventory.Vaults.Values.OfType<AwsVaultDefinition>().Any(vault => vault.Role is null);

    /// <summary>A step of a pipeline in the tool's home repository.</summary>
    public StepToken StepOf(RotationInventory inventory)
    {
        var workspace = state.Bitbucket.Workspaces[inventory.Workspace];
        return new StepToken(
            inventory.Workspace,
            workspace.Uuid.Trim('{', '}'),
            workspace.Repositories[inventory.Home.Slug].Uuid.Trim('{', '}'),
            PipelineUuid: values.Uuid(),
            StepUuid: values.Uuid(),
            EnvironmentUuid: null,
            Branch: "main");
    }
}
