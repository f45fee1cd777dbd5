namespace SecretRotator.Providers.Google;

/// <summary>The secrets of one project in Google Secret Manager, or those that it keeps in one region.</summary>
/// <param name="Name">The name that the inventory gives it.</param>
/// <param name="Project">The project's id, such as <c>acme-prod</c>; not its number.</param>
/// <param name="Location">The region of regional secrets, such as <c>europe-west1</c>; null for the others.</param>
public sealed record GoogleVaultDefinition(string Name, string Project, string? Location) : VaultDefinition(Name)
{
    /// <summary>The word for this kind of vault in <c>rotation.yaml</c>.</summary>
    public const string KindWord = "google-secret-manager";

    /// <summary>What the name of the secret that holds staged values ends in.</summary>
    internal const string Companion = "-staged";

    /// <inheritdoc />
    public override string Kind => KindWord;

    /// <inheritdoc />
    public override string Product => "Google Secret Manager";

    /// <summary>65,536 ("Quotas and limits" of Secret Manager: a secret payload has at most 64 KiB).</summary>
    public override int LargestSecretBytes => 65_536;

    /// <inheritdoc />
    public override string? StagedSuffix => Companion;

    /// <inheritdoc />
    public override ImmutableArray<string?> Canonical => ["google", Project, Location];

    /// <inheritdoc />
    public override string PlaceOf(string path) => $"{Parent}/secrets/{path}";

    /// <summary>What the names of its secrets begin with.</summary>
    internal string Parent => Location is null ? $"projects/{Project}" : $"projects/{Project}/locations/{Location}";

    /// <summary>Where it answers: a region has an address of its own
    /// (https://cloud.google.com/secret-manager/regional-secrets/create-regional-secret).</summary>
    internal Uri Address => new(Location is null
        ? "https://secretmanager.googleapis.com/"
        : $"https://secretmanager.{Location}.rep.googleapis.com/");
}
