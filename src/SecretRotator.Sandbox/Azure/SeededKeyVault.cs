using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.Azure;

/// <summary>A Key Vault while secrets are seeded in it.</summary>
/// <param name="vault">Its state.</param>
/// <param name="random">Where the ids of versions come from.</param>
internal sealed class SeededKeyVault(KeyVaultState vault, IRandomSource random) : ISeededVault
{
    /// <summary>The tag of a version that holds what was delivered.</summary>
    internal const string DeliveredTag = "secret-rotator-delivered";

    public string? Find(string path) => vault.Secrets.GetValueOrDefault(path)?.Versions.LastOrDefault()?.Value;

    public VersionId Create(string path, SeededSecret secret)
    {
        var since = secret.Since.ToDateTimeOffset();
        var version = new AzureVersionState
        {
            Id = KeyVaultEmulator.NewVersionId(random),
            Value = secret.Content,
            Created = since,
            Updated = since,
        };
        if (secret.Owner is { } owner)
            version.Tags["owner"] = owner;
        vault.Secrets[path] = new AzureSecretState { Versions = { version } };
        return new VersionId(version.Id);
    }

    public void Replace(string path, string content) => vault.Secrets[path].Versions[^1].Value = content;

    public void MarkDelivered(string path, string mark) => vault.Secrets[path].Versions[^1].Tags[DeliveredTag] = mark;
}
