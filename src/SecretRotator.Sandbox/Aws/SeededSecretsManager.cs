using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.Aws;

/// <summary>Secrets Manager in one account and region while secrets are seeded in it.</summary>
/// <param name="ofVault">Account and region of the vault; a path that is an ARN names its own.</param>
/// <param name="seed">The seed that it is a part of.</param>
internal sealed class SeededSecretsManager(AwsPlace ofVault, SandboxSeed seed) : ISeededVault
{
    /// <summary>The tag of a secret that holds what was delivered.</summary>
    internal const string DeliveredTag = "secret-rotator:delivered";

    public string? Find(string path) => Secrets.GetValueOrDefault(AwsAddress.Of(ofVault, path).Key)?.Current?.SecretString;

    public VersionId Create(string path, SeededSecret secret)
    {
        var (place, name, arn) = AwsAddress.Of(ofVault, path);
        var since = secret.Since.ToDateTimeOffset();
        var version = new AwsVersionState
        {
            Id = seed.Random.Uuid(),
            SecretString = secret.Content,
            CreatedDate = since,
            Stages = { "AWSCURRENT" },
        };
        var made = Secrets[place.KeyOf(name)] = new AwsSecretState
        {
            Arn = arn ?? $"arn:{place.Partition}:secretsmanager:{place.Region}:{place.Number}:secret:{name}-{seed.Random.Hex(3)}",
            Name = name,
            Description = secret.Description,
            CreatedDate = since,
            LastChangedDate = since,
            Versions = { version },
        };
        if (secret.Owner is { } owner)
            made.Tags["owner"] = owner;
        if (secret.RotationFunction is { } function)
        {
            made.RotationEnabled = true;
            made.RotationLambdaArn = $"arn:{place.Partition}:lambda:{place.Region}:{place.Number}:function:{function}";
        }

        return new VersionId(version.Id);
    }

    public void Replace(string path, string content) => Secrets[AwsAddress.Of(ofVault, path).Key].Current!.SecretString = content;

    public void MarkDelivered(string path, string mark) => Secrets[AwsAddress.Of(ofVault, path).Key].Tags[DeliveredTag] = mark;

    private SortedDictionary<string, AwsSecretState> Secrets => seed.State.SecretsManager.Secrets;
}
