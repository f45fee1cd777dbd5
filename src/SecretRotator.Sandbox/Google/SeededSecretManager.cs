using System.Text;
using SecretRotator.Providers.Google;
using SecretRotator.Sandbox.Seeding;
using SecretRotator.Vaults;

namespace SecretRotator.Sandbox.Google;

/// <summary>A vault in Secret Manager while secrets are seeded in it.</summary>
internal sealed class SeededSecretManager(GoogleVaultDefinition vault, GoogleState google) : ISeededVault
{
    public string? Find(string path) => google.Secrets.GetValueOrDefault(vault.PlaceOf(path))?.Versions.LastOrDefault() is { } version
        ? Encoding.UTF8.GetString(Convert.FromBase64String(version.Data))
        : null;

    public VersionId Create(string path, SeededSecret secret)
    {
        var since = secret.Since.ToDateTimeOffset();
        var made = google.Secrets[vault.PlaceOf(path)] = new GoogleSecretState
        {
            Created = since,
            Etag = google.NewEtag(),
            Versions = { new GoogleVersionState { Created = since, Etag = google.NewEtag(), Data = DataOf(secret.Content) } },
        };
        if (vault.Location is not null)
            made.Replication = null;
        if (secret.Owner is { } owner)
            made.Labels["owner"] = owner;
        return new VersionId("1");
    }

    public void Replace(string path, string content) => google.Secrets[vault.PlaceOf(path)].Versions[^1].Data = DataOf(content);

    public void MarkDelivered(string path, string mark) =>
        google.Secrets[vault.PlaceOf(path)].Annotations["secret-rotator-delivered"] = mark;

    private static string DataOf(string content) => Convert.ToBase64String(Encoding.UTF8.GetBytes(content));
}
