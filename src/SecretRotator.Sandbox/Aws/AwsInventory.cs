using SecretRotator.Providers.Aws;
using SecretRotator.Providers.Backends.AwsIam;

namespace SecretRotator.Sandbox.Aws;

/// <summary>What an inventory says of AWS.</summary>
internal static class AwsInventory
{
    private const string UsualRegion = "us-west-2";

    /// <summary>The vaults in AWS, by name.</summary>
    public static IEnumerable<AwsVaultDefinition> Vaults(RotationInventory inventory) =>
        inventory.Vaults.Values.OfType<AwsVaultDefinition>().OrderBy(vault => vault.Name, StringComparer.Ordinal);

    /// <summary>
    /// Name and role of the first vault with a role, which the tool assumes where no vault is meant: Entra trusts that role, and it writes
    /// evidence to the bucket. Null where no vault in AWS has a role.
    /// </summary>
    public static (string Vault, string Role, AwsPlace Place)? ToolRole(RotationInventory inventory) =>
        Vaults(inventory).FirstOrDefault(vault => vault.Role is not null) is { Role: { } role } found
            ? (found.Name, role, AwsPlace.Of(found))
            : null;

    /// <summary>The roles of vaults and backends.</summary>
    public static IEnumerable<string> Roles(RotationInventory inventory) =>
        Vaults(inventory).Select(vault => vault.Role).Concat(AwsIamDefinition.In(inventory).Select(user => user.Role)).OfType<string>()
            .Distinct(StringComparer.Ordinal);

    /// <summary>Whether something needs an access key: a vault or backend without a role, or the bucket where no vault has one.</summary>
    public static bool NeedsKey(RotationInventory inventory) =>
        ToolRole(inventory) is null || Vaults(inventory).Any(vault => vault.Role is null)
        || AwsIamDefinition.In(inventory).Any(user => user.Role is null);

    /// <summary>The region of the bucket: that of the first vault.</summary>
    public static string BucketRegion(RotationInventory inventory) => Vaults(inventory).FirstOrDefault()?.Region ?? UsualRegion;
}
