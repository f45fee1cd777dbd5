using System.Collections.Concurrent;
using SecretRotator.Configuration;
using SecretRotator.Providers;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;

namespace SecretRotator.Tests.Providers.Toy;

/// <summary>
/// The whole of a provider, in one file: a vault in memory. It proves that nothing else in the program has to know a kind of vault, and
/// shows what a new one needs.
/// </summary>
/// <param name="store">What stands in all of its vaults.</param>
internal sealed class ToyProvider(ToyStore store) : IVaultProvider
{
    private static readonly Key Shelf = new("shelf", "shelf: upper", Required: true);

    public KeyTable Keys { get; } = new("a toy vault", "toy", Grammar.VaultKindKey, Shelf);

    public VaultDefinition? Read(string name, MappingReader mapping, ProblemList problems) =>
        mapping.Text(Shelf) is { } shelf ? new ToyVaultDefinition(name, shelf.Value) : null;

    public void CheckPath(PlacedText path, VaultDefinition vault, ProblemList problems)
    {
        if (path.Value.Contains(' ', StringComparison.Ordinal))
            problems.Add(path.At, $"{Quoted.Of(path.Value)} can't be the name of a toy", "Write it without blanks.");
    }

    public IVaultFactory Connect(VaultConnections vaults) => new Factory(store);

    public IEnumerable<Endpoint> Endpoints(ConfiguredProviders settings, RotationInventory inventory) => [];

    private sealed class Factory(ToyStore store) : IVaultFactory
    {
        public ISecretVault Create(VaultDefinition definition) => new ToyVault(store);

        public ISecretInspector Inspect(VaultDefinition definition, VariableScope.Repository home) => new ToyInspector(new ToyVault(store));

        public void Dispose()
        {
        }
    }

    private sealed class ToyInspector(ToyVault vault) : ISecretInspector
    {
        public string Writing => "nothing";

        public async Task<SecretSight> LookAsync(ManagedSecret secret, CancellationToken cancellation) =>
            new((await vault.DescribeAsync(secret.Path, cancellation)).Current, [], Key: null);

        public Task<SecretVersion> ReadAsync(ManagedSecret secret, VersionId version, CancellationToken cancellation) =>
            vault.ReadAsync(secret.Path, version, cancellation);

        public string Fix(RemoteFailureException failure, bool reads) => failure.Hint ?? "Put the toy there.";

        public bool IsOfIdentity(RemoteFailureException failure) => false;
    }
}

internal sealed record ToyVaultDefinition(string Name, string Shelf) : VaultDefinition(Name)
{
    public override string Kind => "toy";

    public override string Product => "the toy box";

    public override int LargestSecretBytes => 10_000;

    public override ImmutableArray<string?> Canonical => ["toy", Shelf];

    public override string PlaceOf(string path) => $"toy/{Shelf}/{path}";
}

/// <summary>Secrets, and what is done to the calls that ask for them.</summary>
internal sealed class ToyStore
{
    private readonly List<(string Call, int First, int Last, string Effect)> _faults = [];
    private readonly Dictionary<int, int> _met = [];

    public Dictionary<string, ToySecret> Secrets { get; } = new(StringComparer.Ordinal);

    public ConcurrentQueue<string> Calls { get; } = new();

    public Lock Gate { get; } = new();

    /// <summary>Adds a fault: <c>CALL[#N or #N..]=EFFECT</c>.</summary>
    public void Fault(string spec)
    {
        var (call, effect) = spec.Split('=') is [var left, var right] ? (left, right) : throw new FormatException(spec);
        var (name, count) = call.Split('#') is [var before, var number] ? (before, number) : (call, "1..");
        var first = int.Parse(count.TrimEnd('.'), CultureInfo.InvariantCulture);
        lock (Gate)
            _faults.Add((name, first, count.EndsWith('.') ? int.MaxValue : first, effect));
    }

    public void Heal()
    {
        lock (Gate)
        {
            _faults.Clear();
            _met.Clear();
        }
    }

    /// <summary>Counts a try, and answers what happens to it, or null.</summary>
    public string? Meet(string call)
    {
        lock (Gate)
        {
            Calls.Enqueue(call);
            string? hit = null;
            for (var i = 0; i < _faults.Count; i++)
            {
                if (_faults[i].Call != call)
                    continue;
                var count = _met[i] = _met.GetValueOrDefault(i) + 1;
                if (hit is null && count >= _faults[i].First && count <= _faults[i].Last)
                    hit = _faults[i].Effect;
            }

            return hit;
        }
    }
}

/// <summary>One secret: its versions, the newest last, and the marks of the tool.</summary>
internal sealed class ToySecret
{
    public List<ToyVersion> Versions { get; } = [];

    public ToyVersion? Staged { get; set; }

    public OpenRotation? Open { get; set; }

    public DeliveryMark? Delivered { get; set; }

    public Dictionary<RotationId, DeliveringMark> Deliveries { get; } = [];

    public GraceMark? Grace { get; set; }

    public HashSet<VersionId> Retired { get; } = [];

    public ToyVersion Current => Versions[^1];

    public ToyVersion Add(string value, Instant now)
    {
        Versions.Add(new ToyVersion(new VersionId($"{Versions.Count + 1}"), value, now, null, null));
        return Current;
    }
}

internal sealed record ToyVersion(VersionId Id, string Value, Instant Created, RotationId? Rotation, HoldMark? Hold);

/// <summary>The vault: each call looks at one secret or changes it, all at once.</summary>
internal sealed class ToyVault(ToyStore store) : ISecretVault
{
    private const int Tries = 4;

    public VaultCosts Costs => new(Describe: 1, Rotate: 7, Deliver: 5, Resume: 8, ClaimBitbucketCalls: 0)
    {
        Retire = 1,
        MarkDelivering = 1,
    };

    public Task<SecretDescription> DescribeAsync(string path, CancellationToken cancellation) =>
        CallAsync("toy.describe", path, null, Describe, cancellation);

    public Task<ImmutableArray<ListedVersion>> ListVersionsAsync(string path, CancellationToken cancellation) =>
        CallAsync("toy.list", path, null, secret => List(secret).Reverse().ToImmutableArray(), cancellation);

    public Task<SecretVersion> ReadAsync(string path, VersionId version, CancellationToken cancellation) =>
        CallAsync("toy.read", path, null, secret =>
            secret.Versions.Find(each => each.Id == version) is { } found && !secret.Retired.Contains(version)
                ? Read(found)
                : throw Missing($"{path} has no version {version}."), cancellation);

    public Task<ClaimResult> ClaimAsync(string path, ClaimRequest request, CancellationToken cancellation) =>
        CallAsync("toy.claim", path, null, secret => Take(secret, path, request), cancellation);

    public Task StageAsync(Claim claim, SecretValue candidate, CancellationToken cancellation) =>
        ChangeAsync("toy.stage", claim, secret =>
        {
#pragma warning disable RS0030 // A toy keeps worthless values.
            secret.Staged ??= new ToyVersion(
                new VersionId(claim.Rotation.Value), candidate.RevealText(), claim.At, claim.Rotation, claim.Hold);
#pragma warning restore RS0030
            secret.Open = secret.Open! with { Staged = true };
        }, cancellation);

    public Task<SecretVersion?> ReadStagedAsync(Claim claim, CancellationToken cancellation) =>
        CallAsync("toy.read", claim.Path, null, secret => secret.Staged is { } staged ? Read(staged) : null, cancellation);

    public Task MarkDeliveringAsync(Claim claim, DeliveringMark mark, CancellationToken cancellation) =>
        ChangeAsync("toy.mark", claim, secret => secret.Deliveries[mark.Rotation] = mark, cancellation);

    public Task<VersionId> PromoteAsync(Claim claim, DeliveryMark mark, CancellationToken cancellation) =>
        CallAsync("toy.promote", claim.Path, claim, secret =>
        {
            if (secret.Current.Rotation == claim.Rotation)
                return secret.Current.Id;
            if (secret.Current.Id != claim.Base)
                throw new RemoteFailureException(FailureKind.Superseded, Effect.Rejected, $"{claim.Path} has moved on.");
            secret.Versions.Add(secret.Staged!);
            secret.Staged = null;
            return secret.Current.Id;
        }, cancellation);

    public Task FinishAsync(Claim claim, DeliveryMark mark, bool promoted, CancellationToken cancellation) =>
        ChangeAsync("toy.finish", claim, secret =>
        {
            secret.Delivered = mark with { InGrace = null, EndsDelivering = false };
            secret.Grace = GraceMark.Of(mark) ?? secret.Grace;
            if (mark.EndsDelivering)
                secret.Deliveries.Clear();
            Release(secret, claim);
        }, cancellation);

    public Task MarkDisabledAsync(Claim claim, GraceMark mark, CancellationToken cancellation) =>
        ChangeAsync("toy.mark-disabled", claim, secret => secret.Grace = mark, cancellation);

    public Task RetireAsync(Claim claim, VersionId version, CancellationToken cancellation) =>
        ChangeAsync("toy.retire", claim, secret =>
        {
            if (secret.Current.Id == version)
                throw new RemoteFailureException(
                    FailureKind.Conflict, Effect.Rejected, $"{version} is the current version of {claim.Path}.");
            if (secret.Versions.Exists(each => each.Id == version))
                secret.Retired.Add(version);
            secret.Grace = secret.Grace?.Version == version ? null : secret.Grace;
        }, cancellation);

    public Task DiscardAsync(Claim claim, CancellationToken cancellation) =>
        ChangeAsync("toy.discard", claim, secret => Release(secret, claim), cancellation);

    private static SecretDescription Describe(ToySecret secret) =>
        new(secret.Current.Id, secret.Current.Rotation, secret.Delivered, secret.Open, new ForeignRotation.None())
        {
            Grace = secret.Grace,
            Delivering = DeliveringMark.Together(secret.Deliveries.Values),
            Hold = secret.Current.Hold,
        };

    private static IEnumerable<ListedVersion> List(ToySecret secret) =>
        secret.Versions.Select((version, index) => new ListedVersion(version.Id, version.Created, PlaceOf(secret, index)));

    private ClaimResult Take(ToySecret secret, string path, ClaimRequest request)
    {
        if (secret.Open?.Handle != request.TakeOver?.Handle)
            return new ClaimResult.Lost(secret.Open is { } other ? $"{other.Holder} holds {path}." : $"The rotation of {path} has ended.");
        var handle = $"{request.Rotation} {request.Holder} {store.Calls.Count}";
        secret.Open = new OpenRotation(request.Rotation, request.Base, request.Holder, request.At, secret.Staged is not null, handle);
        return new ClaimResult.Won(new Claim(path, request.Rotation, request.Base, request.Holder, request.At, handle)
        {
            Lease = request.Lease,
            Hold = request.Hold,
        });
    }

    private static void Release(ToySecret secret, Claim claim)
    {
        if (secret.Open?.Handle == claim.Handle)
            (secret.Open, secret.Staged) = (null, null);
    }

    private static VersionPlace PlaceOf(ToySecret secret, int index) =>
        index == secret.Versions.Count - 1 ? VersionPlace.Current
        : secret.Retired.Contains(secret.Versions[index].Id) ? VersionPlace.Disabled
        : index == secret.Versions.Count - 2 ? VersionPlace.Previous
        : VersionPlace.Older;

    private static SecretVersion Read(ToyVersion version) => new(version.Id, SecretValue.FromText(version.Value), version.Created);

    private static RemoteFailureException Missing(string message) => new(FailureKind.NotFound, Effect.Rejected, message);

    private Task ChangeAsync(string call, Claim claim, Action<ToySecret> act, CancellationToken cancellation) =>
        CallAsync(call, claim.Path, claim, secret =>
        {
            act(secret);
            return true;
        }, cancellation);

    private async Task<T> CallAsync<T>(string call, string path, Claim? claim, Func<ToySecret, T> act, CancellationToken cancellation)
    {
        await Task.Yield();
        for (var tried = 1; ; tried++)
        {
            cancellation.ThrowIfCancellationRequested();
            claim?.Lease.ThrowIfOver();
            var fault = store.Meet(call);
            if (fault is "429" or "503" && tried < Tries)
                continue;
            if (fault is not (null or "lost"))
                throw Failure(call, path, fault, tried);
            lock (store.Gate)
            {
                var done = act(store.Secrets.GetValueOrDefault(path) ?? throw Missing($"{path} is in no toy box."));
                return fault is null
                    ? done
                    : throw new RemoteFailureException(FailureKind.Unavailable, Effect.Unknown, $"No answer about {path}.");
            }
        }
    }

    private static RemoteFailureException Failure(string call, string path, string fault, int tried) => new(
        fault switch
        {
            "403" => FailureKind.AccessDenied,
            "429" => FailureKind.Throttled,
            "garbage" => FailureKind.Garbled,
            _ => FailureKind.Unavailable,
        },
        Effect.Rejected,
        $"{call} of {path} failed ({fault}){(tried > 1 ? $", {TriedText.Of(tried, TimeSpan.Zero)}" : "")}.");
}
