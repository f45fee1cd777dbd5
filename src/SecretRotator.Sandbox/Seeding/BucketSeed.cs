using SecretRotator.Inventory;
using SecretRotator.Providers.Aws;
using SecretRotator.Sandbox.Aws;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>Furnishes a bucket for evidence, as <c>docs/evidence-s3.md</c> tells people to make theirs.</summary>
internal sealed class BucketSeed(SandboxState state)
{
    private const string UsualRegion = "us-west-2";

    /// <summary>The region of the bucket: that of the inventory's first vault in AWS.</summary>
    public static string RegionOf(RotationInventory inventory) =>
        inventory.Vaults.Values.OfType<AwsVaultDefinition>().OrderBy(vault => vault.Name, StringComparer.Ordinal).FirstOrDefault()?.Region ?? UsualRegion;

    /// <summary>The bucket's name, such as <c>acme-evidence</c>.</summary>
    public static string NameOf(RotationInventory inventory) => $"{inventory.Workspace.Replace('_', '-')}-evidence";

    /// <summary>Adds the bucket where it is missing. Every account of the inventory may use it.</summary>
    public void Furnish(RotationInventory inventory)
    {
        var name = NameOf(inventory);
        if (!state.Seeded.Add($"bucket {name}"))
            return;
        state.S3.Buckets[name] = new S3BucketState
        {
            Region = RegionOf(inventory),
            Accounts = { AwsPlace.AmbientAccount },
            ObjectLock = true,
            RetentionMode = "GOVERNANCE",
            RetentionDays = 30,
        };
        state.S3.Buckets[name].Accounts.UnionWith(inventory.Vaults.Values.OfType<AwsVaultDefinition>().Select(vault => AwsPlace.Of(vault).Number));
    }
}
