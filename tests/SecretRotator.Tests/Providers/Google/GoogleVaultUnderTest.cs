using SecretRotator.Providers.Google;
using SecretRotator.Providers.Google.Identity;
using SecretRotator.Sandbox;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Google;
using SecretRotator.Tests.Contracts;

namespace SecretRotator.Tests.Providers.Google;

/// <summary>Secret Manager's emulator behind a socket.</summary>
internal sealed class GoogleVaultUnderTest : VaultUnderTest
{
    public static readonly GoogleVaultDefinition Definition = new("google", "acme-prod", Location: null);

    private readonly List<GoogleVaultFactory> _factories = [];
    private readonly SandboxHost _host;

    private GoogleVaultUnderTest(SandboxHost host) => _host = host;

    public static async Task<GoogleVaultUnderTest> OpenAsync(int largestPage = 25_000) => new(
        await SandboxHost.StartAsync(
            new SandboxOptions { RealClock = SystemClock.Instance, RealTime = true }, [new SecretManagerEmulator(largestPage)]));

    public Tokens Given { get; } = new();

    public override ISecretVault Connect() => Connect(Definition);

    public ISecretVault Connect(GoogleVaultDefinition definition, Func<HttpMessageHandler, HttpMessageHandler>? through = null) =>
        Factory(through).Create(definition);

    public GoogleVaultFactory Factory(Func<HttpMessageHandler, HttpMessageHandler>? through = null)
    {
        var factory = new GoogleVaultFactory(
            _host.EndpointOf("google"), Given, () => through is null ? new SocketsHttpHandler() : through(new SocketsHttpHandler()),
            new SystemRandom(), new SkippingTime());
        lock (_factories)
            _factories.Add(factory);
        return factory;
    }

    /// <summary>Looks at what Google remembers, or changes it.</summary>
    public T Use<T>(Func<GoogleState, T> use) =>
        _host.Store.UseAsync(state => (use(state.Google), true)).GetAwaiter().GetResult();

    /// <summary>A secret by its name.</summary>
    public static string Whole(string path) => Definition.PlaceOf(path);

    /// <summary>Adds a version as someone else's program would.</summary>
    public VersionId Add(string path, string value) => Use(google =>
    {
        if (!google.Secrets.TryGetValue(Whole(path), out var secret))
            google.Secrets[Whole(path)] = secret = new GoogleSecretState { Etag = google.NewEtag() };
        secret.Versions.Add(new GoogleVersionState
        {
            Created = SystemClock.Instance.GetCurrentInstant().ToDateTimeOffset(),
            Etag = google.NewEtag(),
            Data = Convert.ToBase64String(Encoding.UTF8.GetBytes(value)),
        });
        return GoogleVersion.IdOf(secret.Versions.Count);
    });

    /// <summary>The operations so far, with their resources.</summary>
    public IReadOnlyList<string> Operations => [.. _host.Calls.Snapshot().Select(call => $"{call.Operation} {call.Resource}")];

    public override VersionId Seed(string path, string value)
    {
        Use(google => google.Secrets.Remove(Whole(path)) | google.Secrets.Remove(Whole(path) + "-staged"));
        var version = Add(path, value);

        // As any rotation but the first one finds it.
        Use(google => google.Secrets[Whole(path) + "-staged"] = new GoogleSecretState
        {
            Etag = google.NewEtag(),
            Annotations = { [GoogleMarks.CompanionOf] = path },
        });
        Annotate(path, "secret-rotator-companion", "0");
        return version;
    }

    /// <summary>Writes an annotation, as someone else's program would.</summary>
    public void Annotate(string path, string key, string value) => Use(google =>
    {
        google.Secrets[Whole(path)].Etag = google.NewEtag();
        return google.Secrets[Whole(path)].Annotations[key] = value;
    });

    public override void Mark(string path, DeliveryMark mark) => Annotate(path, "secret-rotator-delivered", mark.Format());

    public override VersionId RotateElsewhere(string path, string value) => Add(path, value);

    public override void Delete(string path) =>
        Use(google => google.Secrets.Remove(Whole(path)) | google.Secrets.Remove(Whole(path) + "-staged"));

    public override VaultView Look(string path) => Use(google =>
    {
        var secret = google.Secrets[Whole(path)];
        var marks = GoogleMarks.Read(secret.Annotations);
        var staged = google.Secrets.TryGetValue(Whole(path) + "-staged", out var companion)
            ? companion.Versions.Where(version => version.State == "ENABLED").ToList()
            : [];
        return new VaultView(
            TextOf(secret.Versions[^1]),
            GoogleVersion.IdOf(secret.Versions.Count),
            secret.Versions.Count,
            [.. staged.Select(TextOf)],
            marks.Claim is not null,
            marks.Delivered,
            [
                .. staged.Select(version => $"{path}-staged/{companion!.Versions.IndexOf(version) + 1}"),
                .. secret.Annotations.Keys.Where(key => key is "secret-rotator-claim" or "secret-rotator-staged"),
                .. marks.Holds.Where(hold => hold.Rotation != marks.Made?.Rotation).Select(hold => $"hold of {hold.Rotation}"),
            ]);
    });

    public static string TextOf(GoogleVersionState version) => Encoding.UTF8.GetString(Convert.FromBase64String(version.Data));

    public override bool IsRetired(string path, VersionId version) =>
        Use(google => google.Secrets[Whole(path)].Versions[GoogleVersion.NumberOf(version)!.Value - 1].State != "ENABLED");

    public override string RetireOperation => "google.DisableVersion";

    public override string MarkOperation => "google.PatchSecret";

    public override void Fault(string spec) => _host.Faults.Add([FaultSpec.Parse(spec)]);

    public override void Heal() => _host.Faults.Clear();

    public override int ValueReads => Count("AccessVersion");

    public override int Calls => _host.Calls.Snapshot().Length;

    public override int Writes => Count("PatchSecret") + Count("AddVersion") + Count("DisableVersion") + Count("CreateSecret");

    public override string DescribeOperation => "google.GetSecret";

    public override string ReadOperation => "google.AccessVersion";

    public override ImmutableArray<string> WriteOperations =>
        ["google.PatchSecret", "google.AddVersion@-staged", "google.AddVersion", "google.DisableVersion"];

    public override async ValueTask DisposeAsync()
    {
        foreach (var factory in _factories)
            factory.Dispose();
        await _host.DisposeAsync();
    }

    private int Count(string operation) => _host.Calls.Snapshot().Count(call => call.Operation == operation);

    /// <summary>Gives the sandbox's token, unless it is told another one.</summary>
    internal sealed class Tokens : IGoogleAccessTokens
    {
        public string First { get; set; } = GoogleState.AccessToken;

        public List<string?> Refused { get; } = [];

        public Task<string> GetAsync(string? refused, CancellationToken cancellation)
        {
            lock (Refused)
                Refused.Add(refused);
            return Task.FromResult(refused is null ? First : GoogleState.AccessToken);
        }
    }
}
