namespace SecretRotator.Sandbox.Aws;

/// <summary>What the Secrets Manager stand-in remembers.</summary>
internal sealed class SecretsManagerState
{
    /// <summary>Secrets by <c>account/region/name</c>.</summary>
    public SortedDictionary<string, AwsSecretState> Secrets { get; set; } = new(StringComparer.Ordinal);
}

internal sealed class AwsSecretState
{
    public string Arn { get; set; } = "";

    public string Name { get; set; } = "";

    public string? Description { get; set; }

    public DateTimeOffset CreatedDate { get; set; }

    public DateTimeOffset LastChangedDate { get; set; }

    public DateTimeOffset? DeletedDate { get; set; }

    public string? OwningService { get; set; }

    public bool RotationEnabled { get; set; }

    public string? RotationLambdaArn { get; set; }

    public SortedDictionary<string, string> Tags { get; set; } = new(StringComparer.Ordinal);

    public List<AwsVersionState> Versions { get; set; } = [];
}

internal sealed class AwsVersionState
{
    public string Id { get; set; } = "";

    public string? SecretString { get; set; }

    public string? SecretBinary { get; set; }

    public DateTimeOffset CreatedDate { get; set; }

    public List<string> Stages { get; set; } = [];
}
