using System.Text.Json.Nodes;
using SecretRotator.Providers.HashiCorp;
using SecretRotator.Providers.Http;
using SecretRotator.Reliability.Fuzzing;
using SecretRotator.Reliability.Fuzzing.Targets;
using SecretRotator.Reliability.Processes;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.HashiCorp;

namespace SecretRotator.Reliability.World.Vaults;

/// <summary>A KV engine of HashiCorp Vault. Claims are in a document of marks beside the secret.</summary>
internal sealed class HashiCorpWorld : IVaultWorld
{
    private const string Companion = "-staged";
    private const string Marks = "-staged/marks";
    private const string Token = "token";
    private const string All = "all";

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    private static readonly HashiCorpVaultDefinition Vault =
        new("hashicorp", new Uri("https://vault.acme.example:8200/"), "secret", Namespace: null, new HashiCorpAuth.Token());

    public VaultDefinition Definition => Vault;

    public string Service => HashiCorpEmulator.Name;

    public ImmutableArray<string> Reads => ["ReadSecret", "ReadMetadata", "MountInfo"];

    public ImmutableArray<FuzzTarget> FuzzTargets => HashiCorpTargets.All;

    public bool ComparesOnPromotion => true;

    public string Yaml => """{ kind: hashicorp-vault, address: "https://vault.acme.example:8200", auth: token }""";

    public string ClaimCall => "hashicorp.WriteSecret";

    public IEnumerable<KeyValuePair<string, IEmulator>> Open(Cloud cloud, IRandomSource random)
    {
        cloud.State.HashiCorp[Vault.Name] = new HashiCorpState
        {
            Mounts = { [Vault.Mount] = new KvMountState() },
            Tokens = { [Token] = new HashiCorpTokenState { Policies = { All } } },
            Policies =
            {
                [All] = new(StringComparer.Ordinal)
                {
                    [$"{Vault.Mount}/data/*"] = ["create", "read", "update"],
                    [$"{Vault.Mount}/metadata/*"] = ["read"],
                    [$"{Vault.Mount}/delete/*"] = ["update"],
                },
            },
        };
        yield return new(Vault.Address.Host, new HashiCorpEmulator(Vault.Name, []));
    }

    public ISecretVault Connect(Machine machine, ILockStore locks)
    {
        var client = new HttpClient(new BufferedResponseHandler(new ModelHandler(machine), AnswerLimit, machine.Time))
        {
            BaseAddress = Vault.Address,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        return new HashiCorpVault(
            Vault, new HashiCorpCalls(client, new FixedToken(), Vault.Namespace, machine.Random, machine.Time),
            KvContent.FormsOf(machine.Inventory, Vault.Name), machine.Time, machine.Random, machine.Time);
    }

    public void Add(Cloud cloud, ManagedSecret secret, string content, Instant at, Func<VersionId, string> mark)
    {
        Write(cloud, secret.Path, Kept(secret, content), at);
        Write(cloud, secret.Path + Marks, new JsonObject { ["delivered"] = mark(new("1")) }, at);
    }

    public Shelf ShelfOf(Cloud cloud, ManagedSecret secret)
    {
        var own = Secrets(cloud)[secret.Path];
        var staged = Secrets(cloud).GetValueOrDefault(secret.Path + Companion)?.Versions ?? [];
        var claim = MarksOf(cloud, secret)["claim"];
        return new Shelf(
            $"{own.CurrentVersion}",
            ContentOf(own.Versions[own.CurrentVersion]),
            [.. own.Versions.Values.Concat(staged.Values).Where(IsReadable).Select(ContentOf)],
            [.. staged.Values.Select(ContentOf)],
            (string?)claim?["holder"],
            [
                .. staged.Where(version => IsReadable(version.Value)).Select(version => $"{version.Key} staged"),
                .. claim is null ? Array.Empty<string>() : [claim.ToJsonString()],
            ]);

        bool IsReadable(KvVersionState version) => version.IsReadable(cloud.Now);
    }

    public void Rotate(Cloud cloud, ManagedSecret secret, string content) =>
        Write(cloud, secret.Path, Kept(secret, content), cloud.Time.Now);

    public void Disown(Cloud cloud, ManagedSecret secret)
    {
        var marks = MarksOf(cloud, secret);
        marks.Remove("delivered");
        Write(cloud, secret.Path + Marks, marks, cloud.Time.Now);
    }

    public bool ShowsCurrent(Request request, ManagedSecret secret) =>
        request.Operation == "ReadMetadata" && request.Resource == secret.Path;

    public ImmutableArray<VersionPicture> VersionsIn(JsonElement state, ManagedSecret secret)
    {
        return [.. Of(secret.Path, companion: false), .. Of(secret.Path + Companion, companion: true)];

        IEnumerable<VersionPicture> Of(string path, bool companion) => Entries(state, path)
            .SelectMany(entry => entry.GetProperty("versions").EnumerateArray().Select(v =>
            {
                var number = v.GetProperty("number").GetInt64();
                var (isReadable, isCurrent) = (
                    Picture.Text(v, "deleted") is null && !v.GetProperty("destroyed").GetBoolean(),
                    !companion && number == entry.GetProperty("current").GetInt64());
                return new VersionPicture(
                    $"{(companion ? "staged/" : "")}{number}", ContentOf(v.GetProperty("data").GetRawText()), isCurrent, isReadable,
                    companion && isReadable, HoldsClaim: false, WasCurrent: !companion && !isCurrent);
            }));
    }

    public IEnumerable<string> ContentsIn(JsonElement state) => state.EnumerateArray()
        .SelectMany(entry => entry.GetProperty("versions").EnumerateArray()).Select(v => ContentOf(v.GetProperty("data").GetRawText()));

    public string? ClaimIn(JsonElement state, ManagedSecret secret) => Entries(state, secret.Path + Marks)
        .Select(entry => entry.GetProperty("versions").EnumerateArray().Last().GetProperty("data"))
        .Select(marks => marks.TryGetProperty("claim", out var claim) ? claim.GetRawText() : null).SingleOrDefault();

    private static IEnumerable<JsonElement> Entries(JsonElement state, string path) =>
        state.EnumerateArray().Where(entry => Picture.Text(entry, "path") == path);

    private static SortedDictionary<string, KvSecretState> Secrets(Cloud cloud) =>
        cloud.State.HashiCorp[Vault.Name].Mounts[Vault.Mount].Secrets;

    private static JsonObject MarksOf(Cloud cloud, ManagedSecret secret)
    {
        var marks = Secrets(cloud)[secret.Path + Marks];
        return JsonNode.Parse(marks.Versions[marks.CurrentVersion].Data!)!.AsObject();
    }

    private static void Write(Cloud cloud, string path, JsonNode data, Instant at) => HashiCorpEmulator.Add(
        cloud.State.HashiCorp[Vault.Name].Mounts[Vault.Mount], path, KvText.Of(data), at.ToDateTimeOffset());

    private static JsonNode Kept(ManagedSecret secret, string content) =>
        secret.Value is ValuePolicy.Plain ? new JsonObject { ["value"] = content } : JsonNode.Parse(content)!;

    private static string ContentOf(KvVersionState version) => ContentOf(version.Data!);

    // A plain secret is a member, a staged value a text, and an object may have been written in any order.
    private static string ContentOf(string data)
    {
        var kept = JsonNode.Parse(data)!;
        var content = (string?)kept["value"] ?? (string?)kept["content"];
        return content is null ? KvText.Of(kept) : content.StartsWith('{') ? KvText.Of(JsonNode.Parse(content)) : content;
    }

    private sealed class FixedToken : IHashiCorpToken
    {
        private readonly SecretValue _token = SecretValue.FromText(Token);

        public ValueTask<SecretValue> GetAsync(CancellationToken cancellation) => new(_token);
    }
}
