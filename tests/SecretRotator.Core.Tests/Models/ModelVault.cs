namespace SecretRotator.Tests.Models;

/// <summary>A vault in memory that keeps the promises of the contract: staged values, claims, compare-and-set.</summary>
internal sealed class ModelVault(ModelCloud cloud, ModelMachine machine) : ISecretVault, ISelfRotatingVault
{
    public VaultCosts Costs =>
        new(Describe: 1, Rotate: 9, Deliver: 6, Resume: 10, ClaimBitbucketCalls: 0) { Retire = 1, MarkDelivering = 1 };

    public Task<SecretDescription> DescribeAsync(string path, CancellationToken cancellation) =>
        machine.CallAsync($"describe {path}", () =>
        {
            var secret = Secret(path);
            if (secret.LooksUntilRotated > 0 && --secret.LooksUntilRotated == 0)
                Rotate(secret, new(cloud.NewUuid()));
            if (secret.Lagging is not (var old, > 0 and var looks))
                return secret.Describe();
            secret.Lagging = (old, looks - 1);
            return old;
        });

    public Task<ImmutableArray<ListedVersion>> ListVersionsAsync(string path, CancellationToken cancellation) =>
        machine.CallAsync($"list-versions {path}", () =>
        {
            var secret = Secret(path);
            return secret.Versions.OrderByDescending(v => v.Value.Created).Select(v => new ListedVersion(
                new(v.Key),
                v.Value.Created,
                v.Key == secret.Current ? VersionPlace.Current
                : v.Key == secret.Open?.Id.Value ? VersionPlace.Staged
                : v.Key == secret.Previous ? VersionPlace.Previous
                : secret.Retired.Contains(v.Key) ? VersionPlace.Disabled
                : VersionPlace.Older)).ToImmutableArray();
        });

    public async Task<SecretVersion> ReadAsync(string path, VersionId version, CancellationToken cancellation)
    {
        var read = await machine.CallAsync($"read {path}", () => Version(path, version.Value));
        machine.Values.Add(read.Value);
        return read;
    }

    public Task<ClaimResult> ClaimAsync(string path, ClaimRequest request, CancellationToken cancellation) =>
        machine.CallAsync($"claim {path}", ClaimResult () =>
        {
            var secret = Secret(path);
            cloud.Claims.Add(request);
            var mine = request.Holder.Format() + "/" + request.Rotation;
            if (secret.Open is { } open && open.Handle != request.TakeOver?.Handle)
                return new ClaimResult.Lost($"{open.Holder} holds {path}.");
            if (secret.Open is null && request.TakeOver is not null)
                return new ClaimResult.Lost($"The open rotation of {path} has ended meanwhile.");
            machine.Values.Add(request.Candidate);
            if (request.TakeOver is null && cloud.ClaimStages && !request.StagesLater)
                Stage(secret, request.Rotation, request.Candidate, request.At, request.Hold);
            var staged = request.TakeOver?.Staged ?? secret.Versions.ContainsKey(request.Rotation.Value);
            secret.Open = new OpenRotation(request.Rotation, request.Base, request.Holder, request.At, staged, mine);
            return new ClaimResult.Won(request.Granted(path, mine));
        });

    public Task StageAsync(Claim claim, SecretValue candidate, CancellationToken cancellation) =>
        ChangeAsync(claim, $"stage {claim.Path}", () => Stage(Secret(claim.Path), claim.Rotation, candidate, claim.At, claim.Hold));

    public async Task<SecretVersion?> ReadStagedAsync(Claim claim, CancellationToken cancellation)
    {
        var read = await machine.CallAsync($"read-staged {claim.Path}", SecretVersion? () =>
            Secret(claim.Path).Versions.ContainsKey(claim.Rotation.Value) ? Version(claim.Path, claim.Rotation.Value) : null);
        if (read is not null)
            machine.Values.Add(read.Value);
        return read;
    }

    public Task MarkDeliveringAsync(Claim claim, DeliveringMark mark, CancellationToken cancellation) =>
        ChangeAsync(claim, $"mark {claim.Path}", () => Secret(claim.Path).Delivering = mark);

    public Task<VersionId> PromoteAsync(Claim claim, DeliveryMark mark, CancellationToken cancellation) =>
        ChangeAsync(claim, $"promote {claim.Path}", () =>
        {
            var secret = Secret(claim.Path);
            if (secret.Current != claim.Base.Value)
                throw new RemoteFailureException(FailureKind.Superseded, Effect.Rejected, $"{claim.Path} has moved on.");
            (secret.Previous, secret.Current) = (secret.Current, claim.Rotation.Value);
            return new VersionId(secret.Current);
        });

    public Task FinishAsync(Claim claim, DeliveryMark mark, bool promoted, CancellationToken cancellation) =>
        ChangeAsync(claim, $"finish {claim.Path}", () =>
        {
            var secret = Secret(claim.Path);
            secret.Delivered = mark;
            secret.Finished.Add((mark, promoted));
            secret.Grace = GraceMark.Of(mark) ?? secret.Grace;
            secret.Delivering = mark.EndsDelivering ? null : secret.Delivering;
            Release(secret, claim);
            return 0;
        });

    public Task MarkDisabledAsync(Claim claim, GraceMark mark, CancellationToken cancellation) =>
        ChangeAsync(claim, $"mark disabled {claim.Path}", () =>
        {
            Secret(claim.Path).Grace = mark;
            return 0;
        });

    public Task RetireAsync(Claim claim, VersionId version, CancellationToken cancellation) =>
        ChangeAsync(claim, $"retire {claim.Path}", () =>
        {
            var secret = Secret(claim.Path);
            if (secret.Current == version.Value)
                throw new RemoteFailureException(
                    FailureKind.Conflict, Effect.Rejected, $"{version} is the current version of {claim.Path}.");
            return secret.Retired.Add(version.Value);
        });

    public Task DiscardAsync(Claim claim, CancellationToken cancellation) =>
        ChangeAsync(claim, $"discard {claim.Path}", () =>
        {
            Release(Secret(claim.Path), claim);
            return 0;
        });

    public Task RequestRotationAsync(string path, RotationId rotation, CancellationToken cancellation) =>
        machine.CallAsync($"rotate {path}", () =>
        {
            var secret = Secret(path);
            if (secret.LooksUntilRotated == 0)
                Rotate(secret, rotation);
            return 0;
        });

    private Task<T> ChangeAsync<T>(Claim claim, string call, Func<T> act)
    {
        claim.Lease.ThrowIfOver();
        return machine.CallAsync(call, act);
    }

    // In one effect: there is never a staged version without its hold.
    private static bool Stage(ModelSecret secret, RotationId rotation, SecretValue candidate, NodaTime.Instant at, HoldMark? hold)
    {
        if (!secret.Versions.TryAdd(rotation.Value, (candidate.RevealText(), at)))
            return false;
        if (hold is not null)
            secret.Holds[rotation.Value] = hold;
        secret.Open = secret.Open is { } open ? open with { Staged = true } : null;
        return true;
    }

    private void Rotate(ModelSecret secret, RotationId rotation)
    {
        if (secret.Versions.TryAdd(
            rotation.Value, ($"{{\"password\":\"made-by-vault-{secret.Versions.Count}\"}}", cloud.Clock.GetCurrentInstant())))
            (secret.Previous, secret.Current) = (secret.Current, rotation.Value);
    }

    private static void Release(ModelSecret secret, Claim claim)
    {
        if (secret.Open?.Handle == claim.Handle)
            secret.Open = null;
    }

    private ModelSecret Secret(string path) => cloud.Secrets.GetValueOrDefault(path)
        ?? throw new RemoteFailureException(FailureKind.NotFound, Effect.Rejected, $"{path} doesn't exist.");

    private SecretVersion Version(string path, string version)
    {
        if (!Secret(path).Versions.TryGetValue(version, out var found))
            throw new RemoteFailureException(FailureKind.NotFound, Effect.Rejected, $"{path} has no version {version}.");
        var (content, created) = found;
        return new SecretVersion(new(version), SecretValue.FromText(content), created);
    }
}
