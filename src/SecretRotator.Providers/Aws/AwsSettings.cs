namespace SecretRotator.Providers.Aws;

/// <summary>How the tool reaches AWS, and as whom.</summary>
internal sealed record AwsSettings
{
    /// <summary>Names the session in CloudTrail, such as <c>acme.payments-api.417</c>: repository and build. What AWS doesn't allow in it
    /// is replaced.</summary>
    public required string SessionName { get; init; }

    /// <summary>Whether the program runs in a pipeline: advice about the identity is for a step then, and not for a person's
    /// machine.</summary>
    public bool InPipeline { get; init; }

    /// <summary>The step's own token (<c>BITBUCKET_STEP_OIDC_TOKEN</c>), with which a role is assumed; null outside pipelines.</summary>
    public SecretValue? StepToken { get; init; }

    /// <summary>Keys to use instead of those that the SDK finds on the machine, or null.</summary>
    public AwsKeys? Keys { get; init; }

    /// <summary>Whether a profile may get its credentials from a program that it names (<c>credential_process</c>).</summary>
    public bool UseCredentialProcess { get; init; }

    /// <summary>Where Secrets Manager answers, instead of its address in the vault's region. <c>https</c>, or <c>http</c> on
    /// loopback.</summary>
    public Uri? SecretsManagerEndpoint { get; init; }

    /// <summary>Where STS answers, instead of its address in the vault's region. <c>https</c>, or <c>http</c> on loopback.</summary>
    public Uri? StsEndpoint { get; init; }

    /// <summary>Where IAM answers, instead of its address in the partition of a region. <c>https</c>, or <c>http</c> on loopback.</summary>
    public Uri? IamEndpoint { get; init; }

    /// <summary>How long one try of one call may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a call is repeated at most, 0 or more. Only throttling, 5xx and lost connections are repeated.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>The settings that are read.</summary>
    public static ImmutableArray<SettingKey> SettingKeys { get; } =
        [new("endpoints:aws"), new("endpoints:sts"), new("endpoints:iam"), new("aws:useCredentialProcess")];

    /// <summary>Reads them.</summary>
    public static AwsSettings Read(SettingsValues values) => new()
    {
        SessionName = values.Pipeline is { } pipeline
            ? $"{pipeline.Workspace}.{pipeline.Repository}.{pipeline.Build}"
            : "secret-rotator",
        InPipeline = values.Pipeline is not null,
        StepToken = values.StepToken,
        Keys = values.OfSandbox ? AwsKeys.Read(values) : null,
        UseCredentialProcess = values.OneOf("aws:useCredentialProcess", false, ("true", true), ("false", false)),
        SecretsManagerEndpoint = values.Endpoint("endpoints:aws"),
        StsEndpoint = values.Endpoint("endpoints:sts"),
        IamEndpoint = values.Endpoint("endpoints:iam"),
    };
}

/// <summary>An access key.</summary>
/// <param name="AccessKeyId">Its id.</param>
/// <param name="SecretAccessKey">Its secret.</param>
/// <param name="SessionToken">The token of a temporary key, or null.</param>
internal sealed record AwsKeys(string AccessKeyId, SecretValue SecretAccessKey, SecretValue? SessionToken)
{
    /// <summary>The key in AWS's own variables, or null.</summary>
    public static AwsKeys? Read(SettingsValues values) =>
        values.Variable("AWS_ACCESS_KEY_ID") is { } id && values.Variable("AWS_SECRET_ACCESS_KEY") is { } key
            ? new(id, SecretValue.FromText(key), values.Variable("AWS_SESSION_TOKEN") is { } token ? SecretValue.FromText(token) : null)
            : null;
}
