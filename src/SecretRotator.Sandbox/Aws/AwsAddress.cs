using SecretRotator.Providers.Aws;

namespace SecretRotator.Sandbox.Aws;

/// <summary>An account and region.</summary>
/// <param name="Partition">Such as <c>aws</c> or <c>aws-cn</c>.</param>
/// <param name="Number">The account's 12 digits.</param>
/// <param name="Region">The region's system name.</param>
internal sealed record AwsPlace(string Partition, string Number, string Region)
{
    /// <summary>The account of a vault that names no role: that of the sandbox's own credentials.</summary>
    public const string AmbientAccount = "000000000000";

    /// <summary>The account of the vault's role: <c>arn:PARTITION:iam::ACCOUNT:role/NAME</c>.</summary>
    public static AwsPlace Of(AwsVaultDefinition vault) =>
        vault.Role?.Split(':') is [_, var partition, _, _, var account, ..]
        ? new(partition, account, vault.Region)
        : new("aws", AmbientAccount, vault.Region);

    /// <summary>The key under which the state keeps a secret.</summary>
    public string KeyOf(string name) => $"{Number}/{Region}/{name}";
}

/// <summary>Where a secret of AWS is, and what it is called.</summary>
/// <param name="Place">Account and region.</param>
/// <param name="Name">Its name.</param>
/// <param name="Arn">Its ARN, where the inventory gives it.</param>
internal sealed record AwsAddress(AwsPlace Place, string Name, string? Arn)
{
    private const int SuffixLength = 7;

    /// <summary>The key under which the state keeps it.</summary>
    public string Key => Place.KeyOf(Name);

    /// <summary>Reads a path of the inventory: a name, or <c>arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:NAME-SUFFIX</c>.</summary>
    public static AwsAddress Of(AwsPlace ofVault, string path) =>
        path.Split(':', 7) is ["arn", var partition, "secretsmanager", var region, var account, "secret", { Length: > SuffixLength } name]
            ? new(new AwsPlace(partition, account, region), name[..^SuffixLength], path)
            : new(ofVault, path, Arn: null);
}
