using SecretRotator.Inventory;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>The account and region that a vault of the inventory means.</summary>
/// <param name="Partition">Such as <c>aws</c> or <c>aws-cn</c>.</param>
/// <param name="Number">The account's 12 digits.</param>
/// <param name="Region">The region's system name.</param>
internal sealed record AwsPlace(string Partition, string Number, string Region)
{
    /// <summary>The account of a vault that names no role: that of the sandbox's own credentials.</summary>
    public const string AmbientAccount = "000000000000";

    /// <summary>Reads it from the vault's role: <c>arn:PARTITION:iam::ACCOUNT:role/NAME</c>.</summary>
    public static AwsPlace Of(VaultDefinition.AwsSecretsManager vault)
    {
        var parts = vault.Role?.Split(':');
        return parts is { Length: >= 6 } ? new(parts[1], parts[4], vault.Region) : new("aws", AmbientAccount, vault.Region);
    }

    /// <summary>The key under which the state keeps a secret.</summary>
    public string KeyOf(string path) => $"{Number}/{Region}/{path}";
}
