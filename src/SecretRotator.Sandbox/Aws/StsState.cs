using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Sandbox.Aws;

/// <summary>The identities of all accounts: their credentials, and the roles that can be assumed.</summary>
internal sealed class StsState
{
    /// <summary>Credentials by access key id.</summary>
    public SortedDictionary<string, AwsCredentialState> Credentials { get; set; } = new(StringComparer.Ordinal);

    /// <summary>Roles by ARN.</summary>
    public SortedDictionary<string, AwsRoleState> Roles { get; set; } = new(StringComparer.Ordinal);
}

internal sealed class AwsCredentialState
{
    public string SecretAccessKey { get; set; } = "";
    public string? SessionToken { get; set; }
    public string Account { get; set; } = "";
    public string Arn { get; set; } = "";
    public DateTimeOffset? Expires { get; set; }

    /// <summary>From when on it is accepted, in the sandbox's time; null for always.</summary>
    public DateTimeOffset? WorksFrom { get; set; }

    /// <summary>Whether a user's key was deactivated.</summary>
    public bool Inactive { get; set; }
}

/// <summary>What the trust policy of a role says, and the identity provider that it rests on.</summary>
internal sealed class AwsRoleState
{
    /// <summary>The issuer that is registered as an identity provider in the role's account, or null where none is.</summary>
    public string? Issuer { get; set; }

    /// <summary>The client ids of that provider: a token's audience must be one of them.</summary>
    public List<string> Audiences { get; set; } = [];

    /// <summary>The subject that is admitted, as in StringLike: <c>*</c> matches anything.</summary>
    public string Subject { get; set; } = "*";

    /// <summary>Whether identities of the same account may assume it by themselves.</summary>
    public bool AdmitsOwnAccount { get; set; } = true;

    /// <summary>A role that steps like this one may assume: any step of the same repository and environment.</summary>
    public static AwsRoleState Trusting(StepToken step) =>
        new() { Issuer = step.Issuer, Audiences = [step.Audience], Subject = $"{step.Subject}:*" };
}
