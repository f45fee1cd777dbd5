using SecretRotator.Providers.Google;
using SecretRotator.Providers.Google.Identity;
using SecretRotator.Reliability.Fuzzing;
using SecretRotator.Reliability.Fuzzing.Targets;
using SecretRotator.Reliability.Matrix;
using SecretRotator.Reliability.Processes;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Google;

namespace SecretRotator.Reliability.World.Vaults;

/// <summary>Google Secret Manager. Claims are annotations of the secret.</summary>
internal sealed class GoogleWorld : IVaultWorld
{
    private const string Claim = "secret-rotator-claim";
    private const string CompanionMark = "secret-rotator-companion";
    private const string Delivered = "secret-rotator-delivered";
    private const string Staged = "secret-rotator-staged";
    private const string Enabled = "ENABLED";

    private static readonly GoogleVaultDefinition Vault = new("google", "acme-prod", Location: null);

    public VaultDefinition Definition => Vault;

    public string Service => SecretManagerEmulator.Name;

    public ImmutableArray<string> Reads => ["GetSecret", "ListVersions", "GetVersion", "AccessVersion"];

    public ImmutableArray<FuzzTarget> FuzzTargets => GoogleTargets.All;

    public bool ComparesOnPromotion => false;

    public string Yaml => "{ kind: google-secret-manager, project: acme-prod }";

    public string ClaimCall => "google.PatchSecret";

    public IEnumerable<Situation> Situations
    {
        get
        {
            // Once in its life a secret gets a companion, which no plan announces.
            var two = SimulatedInventory.Secret("db", Vault.Name, 2);
            yield return new("google-2-first", [two], Situation.Later(cloud => Forget(cloud, two)), PlanRequest.Everything)
            { IsDecidedAnew = true };
        }
    }

    public IEnumerable<KeyValuePair<string, IEmulator>> Open(Cloud cloud, IRandomSource random) =>
        [new("secretmanager.googleapis.com", new SecretManagerEmulator())];

    public ISecretVault Connect(Machine machine, ILockStore locks) =>
        new GoogleVaultFactory(null, new FixedToken(), () => new ModelHandler(machine), machine.Random, machine.Time).Create(Vault);

    public void Add(Cloud cloud, ManagedSecret secret, string content, Instant at, Func<VersionId, string> mark)
    {
        Secrets(cloud)[Vault.PlaceOf(secret.Path)] = new GoogleSecretState
        {
            Etag = cloud.State.Google.NewEtag(),
            Created = at.ToDateTimeOffset(),
            Annotations = { [Delivered] = mark(new("1")) },
            Versions = { NewVersion(cloud, content, at) },
        };
        if (cloud.Seed % 2 == 0)
            return;

        // It was rotated before, so it has its companion.
        Secrets(cloud)[Vault.PlaceOf(secret.Path)].Annotations[CompanionMark] = "0";
        Secrets(cloud)[Vault.PlaceOf(secret.Path) + "-staged"] = new GoogleSecretState
        {
            Etag = cloud.State.Google.NewEtag(),
            Annotations = { ["secret-rotator-companion-of"] = secret.Path },
        };
    }

    public Shelf ShelfOf(Cloud cloud, ManagedSecret secret)
    {
        var own = Secrets(cloud)[Vault.PlaceOf(secret.Path)];
        var staged = Secrets(cloud).GetValueOrDefault(Vault.PlaceOf(secret.Path) + "-staged")?.Versions ?? [];
        var claim = own.Annotations.GetValueOrDefault(Claim);

        // What is in the companion counts where the annotations name it; whoever ends the rotation disables the rest.
        var counts = own.Annotations.GetValueOrDefault(Staged)?.Split(' ')[0]["v=".Length..];
        return new Shelf(
            $"{own.Versions.Count}",
            ContentOf(own.Versions[^1]),
            [.. own.Versions.Concat(staged.Where((_, i) => $"{i + 1}" == counts)).Where(v => v.State == Enabled).Select(ContentOf)],
            [.. staged.Select(ContentOf)],
            claim?.Split(' ')[3],
            [
                .. Enumerable.Range(0, staged.Count).Where(i => staged[i].State == Enabled).Select(i => $"{i + 1} staged"),
                .. own.Annotations.Where(mark => mark.Key is Claim or Staged).Select(mark => $"{mark.Key} {mark.Value}"),
            ]);
    }

    public void Rotate(Cloud cloud, ManagedSecret secret, string content) =>
        Secrets(cloud)[Vault.PlaceOf(secret.Path)].Versions.Add(NewVersion(cloud, content, cloud.Time.Now));

    public void Disown(Cloud cloud, ManagedSecret secret)
    {
        var own = Secrets(cloud)[Vault.PlaceOf(secret.Path)];
        own.Annotations.Remove(Delivered);
        own.Etag = cloud.State.Google.NewEtag();
    }

    public bool ShowsCurrent(Request request, ManagedSecret secret) =>
        request.Operation == "ListVersions" && request.Resource == secret.Path;

    public ImmutableArray<VersionPicture> VersionsIn(JsonElement state, ManagedSecret secret)
    {
        return [.. Of(secret.Path, companion: false), .. Of(secret.Path + "-staged", companion: true)];

        IEnumerable<VersionPicture> Of(string name, bool companion) => Entries(state, name)
            .SelectMany(entry => entry.GetProperty("versions").EnumerateArray().Select(v =>
            {
                var number = v.GetProperty("id").GetInt32();
                var (isEnabled, isCurrent) = (
                    Picture.Text(v, "state") == Enabled, !companion && number == entry.GetProperty("current").GetInt32());
                return new VersionPicture(
                    $"{(companion ? "staged/" : "")}{number}", Picture.Text(v, "value")!, isCurrent, isEnabled, companion && isEnabled,
                    HoldsClaim: false, WasCurrent: !companion && !isCurrent);
            }));
    }

    public string? ClaimIn(JsonElement state, ManagedSecret secret) =>
        Entries(state, secret.Path).Select(entry => Picture.Text(entry.GetProperty("annotations"), Claim)).Single();

    private static void Forget(Cloud cloud, ManagedSecret secret)
    {
        Secrets(cloud)[Vault.PlaceOf(secret.Path)].Annotations.Remove(CompanionMark);
        Secrets(cloud).Remove(Vault.PlaceOf(secret.Path) + "-staged");
    }

    private static IEnumerable<JsonElement> Entries(JsonElement state, string name) =>
        state.EnumerateArray().Where(entry => Picture.Text(entry, "name")!.EndsWith($"/secrets/{name}", StringComparison.Ordinal));

    private static SortedDictionary<string, GoogleSecretState> Secrets(Cloud cloud) => cloud.State.Google.Secrets;

    private static GoogleVersionState NewVersion(Cloud cloud, string content, Instant at) => new()
    {
        Etag = cloud.State.Google.NewEtag(),
        Created = at.ToDateTimeOffset(),
        Data = Convert.ToBase64String(Encoding.UTF8.GetBytes(content)),
    };

    private static string ContentOf(GoogleVersionState version) => Encoding.UTF8.GetString(Convert.FromBase64String(version.Data));

    private sealed class FixedToken : IGoogleAccessTokens
    {
        public Task<string> GetAsync(string? refused, CancellationToken cancellation) => Task.FromResult(GoogleState.AccessToken);
    }
}
