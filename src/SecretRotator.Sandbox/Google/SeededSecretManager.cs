using SecretRotator.Providers.Google;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.Google;

/// <summary>A vault in Secret Manager while secrets are seeded in it.</summary>
internal sealed class SeededSecretManager(GoogleVaultDefinition vault, GoogleState google) : ISeededVault
{
    public string? Find(string path) => google.Secrets.GetValueOrDefault(vault.PlaceOf(path))?.Versions.LastOrDefault() is { } version
        ? Encoding.UTF8.GetString(Convert.FromBase64String(version.Data))
        : null;

    /// <summary>Makes it with its companion, as any rotation but the first one finds it.</summary>
    public VersionId Create(string path, SeededSecret secret)
    {
        var since = secret.Since.ToDateTimeOffset();
        var made = google.Secrets[vault.PlaceOf(path)] = new GoogleSecretState
        {
            Created = since,
            Etag = google.NewEtag(),
            Versions = { new GoogleVersionState { Created = since, Etag = google.NewEtag(), Data = DataOf(secret.Content) } },
        };
        made.Annotations[GoogleMarks.CompanionKey] = "0";
        var companion = google.Secrets[vault.PlaceOf(path + GoogleVaultDefinition.Companion)] = new GoogleSecretState
        {
            Created = since,
            Etag = google.NewEtag(),
            Annotations = { [GoogleMarks.CompanionOf] = path },
        };
        if (vault.Location is not null)
            (made.Replication, companion.Replication) = (null, null);
        if (secret.Owner is { } owner)
            made.Labels["owner"] = owner;
        return new VersionId("1");
    }

    public void Replace(string path, string content) => google.Secrets[vault.PlaceOf(path)].Versions[^1].Data = DataOf(content);

    public void MarkDelivered(string path, string mark) =>
        google.Secrets[vault.PlaceOf(path)].Annotations[GoogleMarks.DeliveredKey] = mark;

    private static string DataOf(string content) => Convert.ToBase64String(Encoding.UTF8.GetBytes(content));
}
