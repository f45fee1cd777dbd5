using System.Collections.Concurrent;

namespace SecretRotator.Providers.Google;

/// <summary>
/// The secrets of a project in Google Secret Manager. The newest version is current, so a value is staged in a companion secret
/// <c>NAME-staged</c>. All marks are annotations of the secret, written together by a compare-and-set.
/// </summary>
/// <remarks>
/// What this object remembers only spares calls: a change that rests on something outdated is refused by the service, and then the secret
/// is looked at again. Another machine finds the same in the vault.
/// </remarks>
/// <param name="definition">The vault.</param>
/// <param name="calls">Reach it.</param>
/// <param name="time">Waits between looks.</param>
internal sealed partial class GoogleVault(GoogleVaultDefinition definition, SecretManagerCalls calls, TimeProvider time) : ISecretVault
{
    private const string Companion = GoogleVaultDefinition.Companion;
    private const int Tries = 3;
    private const int Looks = 4;
    private const string Guide = "docs/google.md tells how to clean up by hand.";
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, Seen> _seen = new(StringComparer.Ordinal);

    // The claims, by their handles, of which it is certain that they have put nothing into the companion.
    private readonly ConcurrentDictionary<string, bool> _clean = new(StringComparer.Ordinal);

    /// <summary>
    /// Rotate: read current, claim, list, stage and record that, read staged, read staged and look for a newer version, promote and record
    /// that, disable staged, finish. Deliver: read current, claim, list, finish; and one more where it is a retirement.
    /// </summary>
    /// <remarks>For secrets of up to 500 versions; each further 500 cost one call more in every listing.</remarks>
    public VaultCosts Costs { get; } = new(Describe: 2, Rotate: 12, Deliver: 5, Resume: 13, ClaimBitbucketCalls: 0)
    {
        Retire = 1,
        MarkDelivering = 1,
        ListVersions = 2,
    };

    /// <inheritdoc />
    public async Task<SecretDescription> DescribeAsync(string path, CancellationToken cancellation) =>
        Described(path, await LookAsync(path, cancellation));

    /// <inheritdoc />
    public async Task<ImmutableArray<ListedVersion>> ListVersionsAsync(string path, CancellationToken cancellation)
    {
        var seen = await LookAsync(path, cancellation);
        var (marks, versions) = (seen.Marks, seen.Versions);
        var current = versions[0].Id;
        var previous = marks.Made is { } made && made.Version == current ? made.Base : versions is [_, var next, ..] ? next.Id : current;
        return
        [
            .. versions.Select(version => new ListedVersion(
                version.Id,
                version.Created,
                !version.Enabled ? VersionPlace.Disabled
                : version.Id == current ? VersionPlace.Current
                : version.Id == previous ? VersionPlace.Previous
                : VersionPlace.Older)
            {
                Rotation = marks.Made?.Version == version.Id ? marks.Made.Rotation : null,
                DeliveredAt = marks.Delivered?.Version == version.Id ? marks.Delivered.DeliveredAt : null,
            }),
        ];
    }

    /// <inheritdoc />
    public async Task<SecretVersion> ReadAsync(string path, VersionId version, CancellationToken cancellation)
    {
        var number = GoogleVersion.NumberOf(version)
            ?? throw NoVersion(path, version);
        var known = _seen.GetValueOrDefault(Checked(path)) is { Versions.IsDefault: false } seen
            ? seen.Versions.FirstOrDefault(each => each.Number == number)
            : null;
        var value = await calls.AccessAsync(path, number, cancellation);
        try
        {
            known ??= (await VersionsAsync(path, cancellation)).FirstOrDefault(each => each.Number == number);
            return known is not null ? new SecretVersion(version, value, known.Created) : throw NoVersion(path, version);
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<ClaimResult> ClaimAsync(string path, ClaimRequest request, CancellationToken cancellation)
    {
        var asked = new ClaimText(request.Rotation, request.Base, request.At, request.Holder);
        var claim = request.Granted(path, asked.Format());
        Seen taken;
        try
        {
            taken = await ChangeAsync(
                path,
                lease: null,
                marks => marks.IsHeldBy(claim) || marks.Claim?.Format() == request.TakeOver?.Handle
                    ? marks with { Claim = asked }
                    : throw new LostException(marks.Claim is { } other
                        ? $"{other.Holder} holds it since {MarkText.Format(other.At)} for rotation {other.Rotation}"
                        : $"rotation {request.Rotation} has ended meanwhile"),
                cancellation);
        }
        catch (LostException lost)
        {
            return new ClaimResult.Lost(lost.Message);
        }

        if (request.TakeOver is null)
            _clean[claim.Handle] = true;
        else
            claim = claim with { Hold = taken.Marks.Holds.FirstOrDefault(hold => hold.Rotation == request.Rotation) };
        try
        {
            // What was seen before the claim proves nothing; what is seen here needn't be asked for again.
            taken = Remember(path, taken with { Versions = await VersionsAsync(path, cancellation) });
            if (taken.Marks.Staged is not null && taken.Marks.Made?.Rotation != request.Rotation)
                taken = await SettlePromotionAsync(claim, taken, cancellation);
            return new ClaimResult.Won(claim) { Seen = Described(path, taken) };
        }
        catch (RemoteFailureException) when (request.TakeOver is null)
        {
            // The holder asks again, and is told why.
            return new ClaimResult.Won(claim);
        }
        catch (RemoteFailureException unsettled)
        {
            throw unsettled.With(Effect.Unknown);
        }
    }

    /// <inheritdoc />
    /// <remarks>The value counts from the moment at which the secret's annotations name its version. What was added without that, by a
    /// request that had no answer or came too late, counts for nothing, and is disabled in the end.</remarks>
    public async Task StageAsync(Claim claim, SecretValue candidate, CancellationToken cancellation)
    {
        var seen = await KnownAsync(claim.Path, cancellation);
        if (seen.Marks.IsHeldBy(claim) && seen.Marks.Staged is not null)
            return;
        _clean.TryRemove(claim.Handle, out _);
        if (seen.Marks.Companion is null)
            await MakeSureOfCompanionAsync(claim, cancellation);
        var added = await AddStagedAsync(claim, candidate, cancellation);
        await ChangeAsync(
            claim.Path,
            claim.Lease,
            marks => !marks.IsHeldBy(claim) ? throw Gone(claim)
                : marks.Staged is not null ? marks
                : marks with
                {
                    Staged = new StagedMark(added.Number, added.Created),
                    Companion = marks.Companion ?? 0,
                    Holds = claim.Hold is { } hold ? marks.Holds.RemoveAll(each => each.Rotation == hold.Rotation).Add(hold) : marks.Holds,
                },
            cancellation);
    }

    /// <inheritdoc />
    public async Task<SecretVersion?> ReadStagedAsync(Claim claim, CancellationToken cancellation)
    {
        var marks = (await KnownAsync(claim.Path, cancellation)).Marks;
        return marks is { Claim: { } held, Staged: { } staged } && held.Rotation == claim.Rotation
            ? await ReadStagedAsync(claim.Path, staged, cancellation)
            : null;
    }

    /// <inheritdoc />
    public Task MarkDeliveringAsync(Claim claim, DeliveringMark mark, CancellationToken cancellation) =>
        ChangeAsync(claim.Path, claim.Lease, marks => marks.Beginning(mark), cancellation);

    /// <inheritdoc />
    /// <remarks>
    /// Adding a version is no compare-and-set, so it is preceded by a look at the number that the next version would have: reading a
    /// version by its number shows it as soon as it exists, which a listing needn't
    /// (https://cloud.google.com/secret-manager/docs/reference/consistency).
    /// </remarks>
    public async Task<VersionId> PromoteAsync(Claim claim, DeliveryMark mark, CancellationToken cancellation)
    {
        var seen = await KnownAsync(claim.Path, cancellation);
        if (seen.Marks.Made is { } before && before.Rotation == claim.Rotation)
            return before.Version;
        if (seen.Marks is not { Claim: { } held, Staged: { } stagedMark } || held.Rotation != claim.Rotation)
            throw NothingStaged(claim);
        var from = NumberOf(claim.Base);

        // A run that took the claim over and undid the rotation has disabled its value, so that it can't be read.
        using var staged = await ReadStagedAsync(claim.Path, stagedMark, cancellation) ?? throw NothingStaged(claim);
        var newer = await NewestAsync(claim.Path, from + 1, staged.Value, cancellation);
        if (newer is { IsStaged: false, Number: var foreign })
            throw Failed(
                FailureKind.Superseded,
                $"{claim.Path} in vault {definition.Name} was changed by someone else: version {foreign} is current, not {from}.",
                "Nothing was promoted. The next run delivers the version that is current.");
        var promoted = newer?.Number ?? await AddCurrentAsync(claim, from, staged.Value, cancellation);
        try
        {
            await RecordAsync(claim, promoted, cancellation);
        }
        catch (Exception e) when (e is RemoteFailureException or LeaseOverException)
        {
            // It is current. FINISH records that, or the run that takes this claim over.
        }

        return GoogleVersion.IdOf(promoted);
    }

    /// <inheritdoc />
    /// <remarks>One write records the delivery, and releases the claim.</remarks>
    public async Task FinishAsync(Claim claim, DeliveryMark mark, bool promoted, CancellationToken cancellation)
    {
        try
        {
            // Before the staged value is gone: it tells whose version is current, should nothing else.
            if (promoted && (await KnownAsync(claim.Path, cancellation)).Marks is var known && known.IsHeldBy(claim)
                && known.Made?.Rotation != claim.Rotation)
                await RecordAsync(claim, NumberOf(mark.Version), cancellation);
            var swept = await DropStagedAsync(claim, cancellation);
            await ChangeAsync(
                claim.Path,
                claim.Lease,
                marks => marks.IsHeldBy(claim)
                    ? marks.Finished(claim, mark, VersionsOf(claim.Path)) with { Companion = swept ?? marks.Companion }
                    : marks.Delivered?.Rotation == claim.Rotation ? marks : throw Gone(claim),
                cancellation);
        }
        catch (RemoteFailureException e)
        {
            // Some of it may be done, and the rotation itself took place: that is never "nothing was changed".
            throw e.With(Effect.Unknown);
        }
    }

    /// <inheritdoc />
    public Task MarkDisabledAsync(Claim claim, GraceMark mark, CancellationToken cancellation) => ChangeAsync(
        claim.Path,
        claim.Lease,
        marks => marks.Graces.FirstOrDefault(each => (each.Version, each.Rotation) == (mark.Version, mark.Rotation)) is { } old
            ? marks with { Graces = marks.Graces.Replace(old, mark) }
            : throw Failed(
                FailureKind.Conflict,
                $"{claim.Path} in vault {definition.Name} has no mark that {mark.Version} is in its grace.",
                "Run again: the next plan sees what is there."),
        cancellation);

    /// <inheritdoc />
    /// <remarks>It is disabled: no one reads it until someone enables it again, and nothing of it is lost.</remarks>
    public async Task RetireAsync(Claim claim, VersionId version, CancellationToken cancellation)
    {
        for (var look = 1; ; look++)
        {
            var versions = look == 1 ? VersionsOf(claim.Path) : default;
            if (versions.IsDefault)
                versions = await VersionsAsync(claim.Path, cancellation);

            // An older version never becomes current again, however old the listing is.
            if (versions[0].Id == version)
                throw Failed(
                    FailureKind.Conflict,
                    $"Version {version} of {claim.Path} in vault {definition.Name} is the current one, so it is not retired.",
                    "Run again: the next plan sees what is current.");
            if (versions.FirstOrDefault(each => each.Id == version) is not { Enabled: true } old)
                return;
            try
            {
                await calls.Under(claim.Lease).DisableAsync(claim.Path, old.Number, old.Etag, cancellation);
                if (_seen.TryGetValue(claim.Path, out var seen))
                    Remember(claim.Path, seen with { Versions = versions.Replace(old, old with { Enabled = false }) });
                return;
            }
            catch (RemoteFailureException e) when (GoogleFailures.TellsState(e) && look < Looks)
            {
                // It was changed since it was listed, perhaps by this very call.
            }
        }
    }

    /// <inheritdoc />
    public async Task DiscardAsync(Claim claim, CancellationToken cancellation)
    {
        var swept = await DropStagedAsync(claim, cancellation);
        await ChangeAsync(
            claim.Path,
            claim.Lease,
            marks => marks.IsHeldBy(claim)
                ? marks.Released(claim, VersionsOf(claim.Path)) with { Companion = swept ?? marks.Companion }
                : marks,
            cancellation);
    }
}
