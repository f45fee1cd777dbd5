namespace SecretRotator.Providers.Aws;

/// <summary>How the tool reaches AWS, and as whom. Whoever reads the settings makes one; nothing here looks at the environment.</summary>
internal sealed record AwsSettings
{
    /// <summary>Names the session in CloudTrail, such as <c>acme.payments-api.417</c>: repository and build. What AWS doesn't allow in it is replaced.</summary>
    public required string SessionName { get; init; }

    /// <summary>The step's own token (<c>BITBUCKET_STEP_OIDC_TOKEN</c>), with which a role is taken on; null outside pipelines.</summary>
    public SecretValue? StepToken { get; init; }

    /// <summary>Keys to use instead of those that the SDK finds on the machine, or null.</summary>
    public AwsKeys? Keys { get; init; }

    /// <summary>Whether a profile may get its credentials from a program that it names (<c>credential_process</c>).</summary>
    public bool UseCredentialProcess { get; init; }

    /// <summary>Where Secrets Manager answers, instead of its address in the vault's region. <c>https</c>, or <c>http</c> on loopback.</summary>
    public Uri? SecretsManagerEndpoint { get; init; }

    /// <summary>Where STS answers, instead of its address in the vault's region. <c>https</c>, or <c>http</c> on loopback.</summary>
    public Uri? StsEndpoint { get; init; }

    /// <summary>How long one try of one call may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a call is repeated at most, 0 or more. Only throttling, 5xx and lost connections are repeated.</summary>
    public int Retries { get; init; } = 2;
}

/// <summary>An access key.</summary>
/// <param name="AccessKeyId">Its id.</param>
/// <param name="SecretAccessKey">Its secret.</param>
/// <param name="SessionToken">The token of a temporary key, or null.</param>
internal sealed record AwsKeys(string AccessKeyId, SecretValue SecretAccessKey, SecretValue? SessionToken);
