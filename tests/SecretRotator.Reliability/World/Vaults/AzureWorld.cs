using System.Security.Cryptography;
using Azure.Core;
using Azure.Core.Pipeline;
using SecretRotator.Providers.Azure;
using SecretRotator.Reliability.Fuzzing;
using SecretRotator.Reliability.Fuzzing.Targets;
using SecretRotator.Reliability.Processes;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Azure;

namespace SecretRotator.Reliability.World.Vaults;

/// <summary>Azure Key Vault. Claims are variables in the home repository.</summary>
internal sealed class AzureWorld : IVaultWorld
{
    private const string Delivered = "secret-rotator-delivered";
    private const string Token = "token";

    private static readonly Duration Patience = Duration.FromSeconds(30);

    private static readonly AzureVaultDefinition Vault = new("grid", new Uri("https://grid.vault.azure.net/"));

    public VaultDefinition Definition => Vault;

    public string Service => KeyVaultEmulator.Name;

    public ImmutableArray<string> Reads => ["GetSecret", "ListVersions"];

    public ImmutableArray<FuzzTarget> FuzzTargets => AzureTargets.All;

    public bool ComparesOnPromotion => false;

    public string Yaml => $$"""{ kind: azure-key-vault, uri: "{{Vault.Uri}}" }""";

    public string ClaimCall => "bitbucket.post secret-rotator:SECRET_ROTATOR_CLAIM";

    public bool TakesOverInTwoCalls => true;

    public IEnumerable<KeyValuePair<string, IEmulator>> Open(Cloud cloud, IRandomSource random)
    {
        cloud.State.Entra.Tokens[Token] = DateTimeOffset.MaxValue;
        cloud.State.KeyVaults[Vault.Name] = new KeyVaultState();
        yield return new(
            Vault.Uri.Host, new KeyVaultEmulator(Vault.Name, () => new Uri("https://login.microsoftonline.com/"), random));
    }

    public ISecretVault Connect(Machine machine, ILockStore locks) => new AzureVault(
        Vault,
        AzureVaultFactory.Client(
            Vault.Uri, new FixedToken(), new HttpClientTransport(new ModelHandler(machine) { Patience = Patience, IsChallenged = true }), machine.Random, machine.Time),
        locks, machine.Time, machine.Time);

    public void Add(Cloud cloud, ManagedSecret secret, string content, Instant at, Func<VersionId, string> mark)
    {
        var version = NewVersion(cloud, content, at.ToDateTimeOffset());
        version.Tags[Delivered] = mark(new(version.Id));
        Secrets(cloud)[secret.Path] = new AzureSecretState { Versions = [version] };
    }

    public Shelf ShelfOf(Cloud cloud, ManagedSecret secret)
    {
        var versions = Secrets(cloud)[secret.Path].Versions;
        var staged = Secrets(cloud).GetValueOrDefault(secret.Path + "-staged")?.Versions ?? [];
        var claim = cloud.Variables(cloud.Inventory.Home).Find(v => v.Key == ClaimKey(secret))?.Value;
        return new Shelf(
            versions[^1].Id,
            versions[^1].Value,
            [.. versions.Concat(staged).Where(v => v.Enabled).Select(v => v.Value)],
            [.. staged.DistinctBy(v => v.Tags["secret-rotator-rotation"]).Select(v => v.Value)],
            claim?.Split(' ')[3],
            [.. staged.Where(v => v.Enabled).Select(v => $"{v.Id} staged"), .. claim is null ? Array.Empty<string>() : [claim]]);
    }

    public void Rotate(Cloud cloud, ManagedSecret secret, string content) =>
        Secrets(cloud)[secret.Path].Versions.Add(NewVersion(cloud, content, cloud.Now));

    public void Disown(Cloud cloud, ManagedSecret secret) =>
        Secrets(cloud)[secret.Path].Versions.ForEach(version => version.Tags.Remove(Delivered));

    /// <summary>As docs/azure.md gives it.</summary>
    public string ClaimKey(ManagedSecret secret) => "SECRET_ROTATOR_CLAIM_" + Convert.ToHexString(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{Vault.Uri.GetLeftPart(UriPartial.Authority)}/{secret.Path}".ToUpperInvariant())))[..32];

    public bool ShowsCurrent(Request request, ManagedSecret secret) =>
        request.Operation == "ListVersions" && request.Resource == secret.Path;

    public ImmutableArray<VersionPicture> VersionsIn(JsonElement state, ManagedSecret secret)
    {
        return [.. Of(secret.Path, companion: false), .. Of(secret.Path + "-staged", companion: true)];

        IEnumerable<VersionPicture> Of(string name, bool companion) => state.EnumerateArray()
            .Where(entry => Picture.Text(entry, "name") == name)
            .SelectMany(entry => entry.GetProperty("versions").EnumerateArray().Select(v =>
            {
                var enabled = v.GetProperty("enabled").GetBoolean();
                var isCurrent = !companion && Picture.Text(v, "id") == Picture.Text(entry, "current");
                return new VersionPicture(
                    Picture.Text(v, "id")!, Picture.Text(v, "value") ?? "", isCurrent, enabled, companion && enabled, HoldsClaim: false,
                    WasCurrent: !companion && !isCurrent);
            }));
    }

    private static SortedDictionary<string, AzureSecretState> Secrets(Cloud cloud) => cloud.State.KeyVaults[Vault.Name].Secrets;

    private static AzureVersionState NewVersion(Cloud cloud, string content, DateTimeOffset at) => new()
    {
        Id = KeyVaultEmulator.NewVersionId(cloud.Random),
        Value = content,
        Created = DateTimeOffset.FromUnixTimeSeconds(at.ToUnixTimeSeconds()),
    };

    private sealed class FixedToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            new(Token, DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
