namespace SecretRotator.Providers.Aws.Doctor;

/// <summary>Bitbucket's identity provider in the account of a role.</summary>
internal static class AwsOidcProvider
{
    /// <summary>Its ARN: <c>arn:PARTITION:iam::ACCOUNT:oidc-provider/ISSUER-WITHOUT-SCHEME</c>.</summary>
    /// <param name="role">The ARN of a role in that account.</param>
    /// <param name="issuer">The issuer with its scheme, or null where it isn't known.</param>
    public static string Arn(string role, string? issuer)
    {
        var (partition, account) = PlaceOf(role);
        return $"arn:{partition}:iam::{account}:oidc-provider/{(issuer is { } known && known.StartsWith("https://", StringComparison.Ordinal) ? known["https://".Length..] : "ISSUER")}";
    }

    /// <summary>The partition and the account of an ARN.</summary>
    public static (string Partition, string Account) PlaceOf(string arn) =>
        arn.Split(':') is [_, var partition, _, _, var account, ..] ? (partition, account) : ("aws", "ACCOUNT");
}
