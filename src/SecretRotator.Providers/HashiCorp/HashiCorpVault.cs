using System.Collections.Concurrent;

namespace SecretRotator.Providers.HashiCorp;

/// <summary>
/// One KV engine, version 2. Every write of a version is a check-and-set, so the claim, PROMOTE and FINISH are decided by the server. The
/// staged value is in <c>NAME-staged</c>, and all marks, which hold no value, are in <c>NAME-staged/marks</c>.
/// </summary>
/// <remarks>
/// What this object remembers only spares calls: the marks that it saw last, which the next write must follow, and what is certain of
/// its own staged values. Another machine finds the same in the vault.
/// </remarks>
/// <param name="definition">The engine.</param>
/// <param name="calls">Reach it.</param>
/// <param name="formOf">The form of a secret's content, by its path.</param>
/// <param name="clock">Tells which versions have deleted themselves.</param>
/// <param name="random">Where the names of claims come from.</param>
/// <param name="time">Waits between looks.</param>
internal sealed partial class HashiCorpVault(
    HashiCorpVaultDefinition definition, HashiCorpCalls calls, Func<string, KvForm> formOf, IClock clock, IRandomSource random,
    TimeProvider time) : ISecretVault, ISelfRotatingVault
{
    private const int ClaimAttempts = 4;
    private const int StageAttempts = 4;
    private const int Looks = 4;
    private const int HandleBytes = 12;
    private const int DefaultMaxVersions = 10;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(30);

    private readonly KvEngine _engine = new(calls, definition);
    private readonly DatabaseEngine _database = new(calls, definition);
    private readonly ConcurrentDictionary<string, SeenMarks> _seen = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StageState> _stages = new(StringComparer.Ordinal);

    // Whether a secret's version holds what a rotation has staged: versions don't change.
    private readonly ConcurrentDictionary<(string Path, RotationId Rotation, long Stage, long Number), bool> _compared = new();

    /// <inheritdoc />
    /// <remarks>A description of another's open rotation costs one call more, and two more where only the values tell whether it is
    /// promoted: those count as calls of resuming it.</remarks>
    public VaultCosts Costs => new(Describe: 2, Rotate: 9, Deliver: 5, Resume: 11, ClaimBitbucketCalls: 0)
    {
        RotateByVault = 11,
        Retire = 1,
        MarkDelivering = 1,
        ListVersions = 2,
    };

    /// <inheritdoc />
    /// <remarks>
    /// One exception to "never reads a value": where a rotation is open, and the version after its base is current, only a comparison with
    /// the staged value tells whose version that is. A token that may not read values is told that it isn't known.
    /// </remarks>
    public async Task<SecretDescription> DescribeAsync(string path, CancellationToken cancellation)
    {
        var finding = MetadataAsync(path, cancellation);
        var reading = ReadMarksAsync(path, cancellation);
        await Task.WhenAll(finding, reading);
        var seen = await reading;
        var staged = seen.Marks.Open is { } open ? await StagedOfAsync(path, open, cancellation) : StagedPlace.Nowhere;
        return await DescribedAsync(path, await finding, seen, staged, cancellation);
    }

    /// <inheritdoc />
    public async Task<ImmutableArray<ListedVersion>> ListVersionsAsync(string path, CancellationToken cancellation)
    {
        // What the marks tell of a version is for people: those that a description has just shown will do.
        var finding = MetadataAsync(path, cancellation);
        var reading = _seen.TryGetValue(path, out var seen) ? Task.FromResult(seen) : ReadMarksAsync(path, cancellation);
        await Task.WhenAll(finding, reading);
        var (metadata, marks, now) = (await finding, (await reading).Marks, clock.GetCurrentInstant());
        var previous = metadata.Versions.Where(version => version.Number < metadata.Current).MaxBy(version => version.Number)?.Number;
        return
        [
            .. metadata.Versions.OrderByDescending(version => version.Number).Select(version => new ListedVersion(
                IdOf(version.Number),
                version.Created,
                !version.IsReadable(now) ? VersionPlace.Disabled
                    : version.Number == metadata.Current ? VersionPlace.Current
                    : version.Number == previous ? VersionPlace.Previous
                    : VersionPlace.Older)
            {
                Rotation = marks.Made is { } made && made.Version == IdOf(version.Number) ? made.Rotation : null,
                DeliveredAt = marks.Delivered is { } delivered && delivered.Version == IdOf(version.Number) ? delivered.DeliveredAt : null,
            }),
        ];
    }

    /// <inheritdoc />
    public Task<SecretVersion> ReadAsync(string path, VersionId version, CancellationToken cancellation) =>
        NumberOf(version) is { } number
            ? StaticRole.In(Checked(path)) is { } role
                ? _database.ReadAsync(role, number, cancellation)
                : _engine.ReadAsync(path, number, formOf(path), cancellation)
            : throw Failed(
                FailureKind.NotFound, $"{path} in vault {definition.Name} has no version {version}.",
                "Versions are numbers here: vault kv metadata get lists them.");

    /// <inheritdoc />
    public async Task<ClaimResult> ClaimAsync(string path, ClaimRequest request, CancellationToken cancellation)
    {
        var handle = NewHandle();
        if (await TakeAsync(Checked(path), request, handle, cancellation) is var (marks, lost) && lost is not null)
            return new ClaimResult.Lost(lost);
        var claim = request.Granted(path, handle) with { Hold = marks.Open!.Hold };
        try
        {
            // What was seen of the secret before the claim proves nothing.
            var finding = MetadataAsync(path, cancellation);
            var staged = request.TakeOver is null ? StagedPlace.Nowhere : await StagedOfAsync(path, marks.Open, cancellation);
            _stages[handle] = request.TakeOver is null ? StageState.Nothing
                : staged == StagedPlace.Readable ? StageState.There
                : StageState.Unknown;
            return new ClaimResult.Won(claim)
            {
                Seen = await DescribedAsync(path, await finding, _seen[path], staged, cancellation),
            };
        }
        catch (Exception e) when (e is RemoteFailureException or OperationCanceledException)
        {
            if (request.TakeOver is not null || !await TryReleaseAsync(claim))
                throw Unreleased(claim, e);
            throw;
        }
    }

    /// <inheritdoc />
    public async Task StageAsync(Claim claim, SecretValue candidate, CancellationToken cancellation)
    {
        if (!KvContent.Fits(candidate, formOf(claim.Path)))
            throw Failed(
                FailureKind.InvalidContent,
                $"The new content of {claim.Path} isn't {(formOf(claim.Path) == KvForm.Fields ? "a JSON object" : "text")}, so vault "
                    + $"{definition.Name} can't keep it in the form that the inventory says.",
                "Correct the secret in the inventory. A version of another form can't be brought back: write it by hand.");
        for (var attempt = 1; ; attempt++)
        {
            var open = (await HeldAsync(claim, cancellation)).Open!;
            var before = _stages.GetValueOrDefault(claim.Handle);
            _stages[claim.Handle] = StageState.Unknown;
            try
            {
                await _engine.Under(claim.Lease).StageAsync(claim.Path, candidate, claim.Rotation, open.Stage - 1, cancellation);
                _stages[claim.Handle] = StageState.There;
                return;
            }
            catch (RemoteFailureException refused) when (refused.Effect == Effect.Rejected)
            {
                _stages[claim.Handle] = before;
                throw;
            }
            catch (OtherVersionException) when (attempt < StageAttempts)
            {
                // An earlier try or call may be what it met.
                using var there = await _engine.ReadStagedAsync(claim.Path, open.Stage, claim.Rotation, cancellation);
                if (there is not null)
                {
                    _stages[claim.Handle] = StageState.There;
                    return;
                }

                await MoveStageAsync(claim, cancellation);
            }
            catch (OtherVersionException)
            {
                throw Conflict(
                    $"{claim.Path}{HashiCorpVaultDefinition.Companion} in vault {definition.Name} is written to by someone else",
                    "That path is where SecretRotator stages the next value. See what writes there, and choose another path for it.");
            }
        }
    }

    /// <inheritdoc />
    public async Task<SecretVersion?> ReadStagedAsync(Claim claim, CancellationToken cancellation)
    {
        if (await OwnAsync(claim, cancellation) is not { } open)
            return null;
        for (var look = 1; ; look++)
        {
            if (await _engine.ReadStagedAsync(claim.Path, open.Stage, claim.Rotation, cancellation) is { } staged)
                return staged;

            // A read may lag behind one's own write.
            if (look == Looks || _stages.GetValueOrDefault(claim.Handle) != StageState.There)
                return null;
            await Task.Delay(FirstPause * look, time, cancellation);
        }
    }

    /// <inheritdoc />
    public async Task MarkDeliveringAsync(Claim claim, DeliveringMark mark, CancellationToken cancellation) => await ChangeAsync(
        claim,
        marks => marks with
        {
            Delivering = DeliveringMark.Together([mark, .. marks.Delivering is { } before ? new[] { before } : []]),
        },
        cancellation);

    /// <inheritdoc />
    public async Task<VersionId> PromoteAsync(Claim claim, DeliveryMark mark, CancellationToken cancellation)
    {
        // A run that took the claim over and undid the rotation has deleted what was staged.
        using var staged = await ReadStagedAsync(claim, cancellation) ?? throw Conflict(
            $"No value is staged for {claim.Path} in vault {definition.Name}", "Nothing was promoted. The next run starts again.");
        var follows = NumberOf(claim.Base) ?? throw new ArgumentException("No version of this vault.", nameof(claim));
        try
        {
            return IdOf(await _engine.Under(claim.Lease)
                .PutAsync(claim.Path, staged.Value, formOf(claim.Path), follows, cancellation));
        }
        catch (OtherVersionException other)
        {
            // An earlier try or another run of the same rotation may have promoted it.
            var (metadata, isStaged) = await LostAnswer.LookAfterAsync(
                other.MayBeOwn,
                async () =>
                {
                    var seen = await MetadataAsync(claim.Path, cancellation);
                    return (seen, seen.Current == follows + 1 && await IsValueAsync(claim.Path, seen.Current, staged.Value, cancellation));
                });
            if (isStaged)
                return IdOf(metadata.Current);
            throw Failed(
                FailureKind.Superseded,
                $"{claim.Path} in vault {definition.Name} was changed by someone else: version {metadata.Current} is current, not "
                    + $"{claim.Base}.",
                "Nothing was promoted. The next run delivers the version that is current.");
        }
    }

    /// <inheritdoc />
    public async Task FinishAsync(Claim claim, DeliveryMark mark, bool promoted, CancellationToken cancellation)
    {
        try
        {
            if (await OwnAsync(claim, cancellation) is null)
            {
                if (_seen[claim.Path].Marks.Delivered?.Format() == mark.Format())
                    return;
                throw TakenOver(claim);
            }

            await EndAsync(
                claim, isPromoted: promoted,
                marks => marks with
                {
                    Made = promoted ? new MadeVersion(mark.Version, claim.Rotation, marks.Open!.Hold) : marks.Made,
                    Delivered = mark,
                    Grace = GraceMark.Of(mark) ?? marks.Grace,
                    Delivering = mark.EndsDelivering ? null : marks.Delivering,
                },
                cancellation);
        }
        catch (RemoteFailureException e)
        {
            // Some of it may be done, and the rotation itself took place: that is never "nothing was changed".
            throw e.With(Effect.Unknown);
        }
    }

    /// <inheritdoc />
    public async Task MarkDisabledAsync(Claim claim, GraceMark mark, CancellationToken cancellation) =>
        await ChangeAsync(claim, marks => marks with { Grace = mark }, cancellation);

    /// <inheritdoc />
    /// <remarks>It is deleted, and not destroyed: <c>vault kv undelete</c> brings it back. A number below that of the base is never current
    /// again.</remarks>
    public async Task RetireAsync(Claim claim, VersionId version, CancellationToken cancellation)
    {
        if (NumberOf(version) is not { } number)
            return;
        if (number >= NumberOf(claim.Base))
            throw Conflict(
                $"Version {version} of {claim.Path} in vault {definition.Name} is the current one, so it is not retired",
                "Run again: the next plan sees what is current.");
        await _engine.Under(claim.Lease).DeleteAsync(
            claim.Path, $"Version {version} of {claim.Path} in vault {definition.Name} could not be deleted", [number], cancellation);
    }

    /// <inheritdoc />
    public async Task DiscardAsync(Claim claim, CancellationToken cancellation)
    {
        if (await OwnAsync(claim, cancellation) is not null)
            await EndAsync(claim, isPromoted: false, marks => marks, cancellation);
    }

    private static VersionId IdOf(long number) => new(number.ToString(CultureInfo.InvariantCulture));

    private static long? NumberOf(VersionId version) =>
        long.TryParse(version.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            && IdOf(number) == version
            ? number
            : null;

    private string NewHandle()
    {
        Span<byte> bytes = stackalloc byte[HandleBytes];
        random.Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    private static string Checked(string path) => HashiCorpGrammar.IsPath(path)
        ? path
        : throw Failed(
            FailureKind.Other, $"'{path}' can't be the path of a secret in HashiCorp Vault.",
            "Letters, digits and any of -_.@+=~ between slashes can.");

    private static RemoteFailureException Failed(FailureKind kind, string what, string hint) => new(kind, Effect.Rejected, what, hint);

    private static RemoteFailureException Conflict(string what, string hint) => Failed(FailureKind.Conflict, what + ".", hint);

    private RemoteFailureException TakenOver(Claim claim) => Conflict(
        $"The claim on {claim.Path} in vault {definition.Name} was taken over or released by someone else",
        "Run again: the next plan sees what is there.");

    private RemoteFailureException Unreleased(Claim claim, Exception cause) => new(
        ((cause as RemoteFailureException)?.Failure ?? new Failure(FailureKind.Unavailable, cause.Message)) with
        {
            Effect = Effect.Unknown,
            Message = $"{claim.Path} in vault {definition.Name} was claimed, and then could not be described: {cause.Message}",
            Hint = "The next run takes the claim over once this one has ended.",
        },
        cause);

    /// <summary>What is certain of a claim's staged value without asking.</summary>
    private enum StageState
    {
        /// <summary>Nothing: another machine, or a write without an answer.</summary>
        Unknown,

        /// <summary>None was ever sent.</summary>
        Nothing,

        /// <summary>It is there.</summary>
        There,
    }
}
