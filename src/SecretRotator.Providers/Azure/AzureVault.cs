using System.Collections.Concurrent;
using System.Security.Cryptography;
using Azure.Security.KeyVault.Secrets;

namespace SecretRotator.Providers.Azure;

/// <summary>
/// One Azure Key Vault. Key Vault has neither staging nor a compare-and-set: the staged value is in a companion
/// secret <c>NAME-staged</c>, and claims live on a board in Bitbucket.
/// </summary>
/// <remarks>
/// What this object remembers only spares calls: which staged version it wrote itself, and what it recorded. Another
/// machine finds the same in the vault.
/// </remarks>
/// <param name="definition">The vault as the inventory defines it. Its address names claims, whatever endpoint the client calls.</param>
/// <param name="client">The client, made by <see cref="AzureVaultFactory"/>.</param>
/// <param name="board">Where claims are kept.</param>
/// <param name="clock">The time that a new version's end counts from.</param>
/// <param name="time">Waits between looks.</param>
internal sealed partial class AzureVault(
    AzureVaultDefinition definition, SecretClient client, ILockStore board, IClock clock, TimeProvider time) : ISecretVault
{
    /// <summary>What the companion's content type says, for people who come across it.</summary>
    private const string StagedContentType = "staged by secret-rotator";

    /// <summary>What the companion's name ends in.</summary>
    internal const string Companion = AzureVaultDefinition.Companion;

    private const int StageAttempts = 3;
    private const int Looks = 4;
    private const string Guide = "docs/azure.md tells how to clean up by hand.";
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReleaseLimit = TimeSpan.FromSeconds(30);

    private readonly KeyVaultSecrets _secrets = new(client, definition.Name);
    private readonly ConcurrentDictionary<(string Path, RotationId Rotation), Known> _known = new();

    /// <inheritdoc />
    /// <remarks>For secrets of up to 25 versions; each further 25 cost one call more in every listing.</remarks>
    public VaultCosts Costs =>
        new(Describe: 2, Rotate: 9, Deliver: 5, Resume: 10, ClaimBitbucketCalls: board.Calls)
        {
            Retire = 2,
            MarkDelivering = 1,
            EndDelivering = 2,
        };

    /// <inheritdoc />
    /// <remarks>
    /// One exception to "never reads a value": where two versions were made in the same second by someone else, only
    /// a read of the newest tells which one is current. The value is dropped.
    /// </remarks>
    public async Task<SecretDescription> DescribeAsync(string path, CancellationToken cancellation)
    {
        var finding = board.FindAsync(ClaimKey(path), cancellation);
        var listing = HistoriesAsync(path, cancellation);
        await Task.WhenAll(listing, finding);
        return await DescribedAsync(path, await listing, await finding, cancellation);
    }

    /// <inheritdoc />
    public async Task<ImmutableArray<ListedVersion>> ListVersionsAsync(string path, CancellationToken cancellation)
    {
        var history = await HistoryAsync(path, cancellation);
        return history.Listed(await CurrentAsync(path, history, cancellation));
    }

    /// <inheritdoc />
    public Task<SecretVersion> ReadAsync(string path, VersionId version, CancellationToken cancellation) =>
        _secrets.GetAsync(Checked(path), version, cancellation);

    /// <inheritdoc />
    public async Task<ClaimResult> ClaimAsync(string path, ClaimRequest request, CancellationToken cancellation)
    {
        var key = ClaimKey(Checked(path));
        var removes = request.TakeOver is { Handle.Length: > 0 };
        if (removes)
            await board.RemoveAsync(request.TakeOver!.Handle, null, cancellation);
        PostResult post;
        try
        {
            post = await board.PostAsync(key, new ClaimText(request.Rotation, request.Base, request.At, request.Holder), cancellation);
        }
        catch (RemoteFailureException refused) when (removes)
        {
            // The dead holder's claim is gone, so this is no attempt that changed nothing.
            throw refused.With(Effect.Unknown);
        }

        if (!post.Mine)
            return new ClaimResult.Lost(post.Standing.Text is { } text
                ? $"{text.Holder} holds it since {MarkText.Format(text.At)} for rotation {text.Rotation}"
                : $"the variable {key} in the home repository holds something that SecretRotator didn't write");

        var claim = request.Granted(path, post.Standing.Uuid);
        string? lost;
        SecretDescription? seen;
        try
        {
            // What was seen before the claim proves nothing; what is seen here needn't be asked for again.
            var found = await HistoriesAsync(path, cancellation);
            lost = FindObjection(claim, request.TakeOver, found.Staged, found.Secret.Find(claim.Base));
            seen = lost is null ? await TryDescribeAsync(path, found, post.Standing, cancellation) : null;
            if (lost is null && found.Staged.Of(request.Rotation) is { } staged)
                claim = claim with { Hold = ReadableHold(() => AzureMarks.HoldOn(staged), path + Companion, staged) };
        }
        catch (Exception e) when (e is RemoteFailureException or OperationCanceledException)
        {
            await ReleaseAsync(claim, e);
            throw;
        }

        if (lost is null)
            return new ClaimResult.Won(claim) { Seen = seen };
        await ReleaseAsync(claim, cause: null);
        return new ClaimResult.Lost(lost);
    }

    /// <inheritdoc />
    public async Task StageAsync(Claim claim, SecretValue candidate, CancellationToken cancellation)
    {
        var name = claim.Path + Companion;
        for (var attempt = 1; ; attempt++)
        {
            if (!KnownOf(claim).NothingStaged && (await StagedHistoryAsync(claim.Path, cancellation)).Of(claim.Rotation) is { } existing)
            {
                Remember(claim, known => known with { Staged = existing.Id });
                return;
            }

            var alone = KnownOf(claim).NothingStaged;
            Remember(claim, known => known with { NothingStaged = false });
            var times = await TimesOfNextAsync(claim, cancellation);
            try
            {
                var id = await _secrets.Under(claim.Lease)
                    .PutAsync(name, candidate, StagedContentType, times, AzureMarks.OfStaged(claim, board.Home), cancellation);
                Remember(claim, known => known with { Staged = id, IsAlone = alone });
                return;
            }
            catch (RemoteFailureException e) when (e.Effect == Effect.Unknown && attempt < StageAttempts)
            {
                // It may have landed: look first. A second version of one rotation does no harm in the companion.
                await Task.Delay(FirstPause * attempt, time, cancellation);
            }
        }
    }

    // The times that the promoted version will have: what a policy refuses is refused before any target is touched.
    private async Task<VersionTimes> TimesOfNextAsync(Claim claim, CancellationToken cancellation) =>
        (KnownOf(claim).Base ?? (await HistoryAsync(claim.Path, cancellation)).Find(claim.Base))
            ?.TimesOfNext(clock.GetCurrentInstant()) ?? VersionTimes.None;

    /// <inheritdoc />
    public async Task<SecretVersion?> ReadStagedAsync(Claim claim, CancellationToken cancellation)
    {
        var name = claim.Path + Companion;
        if (KnownOf(claim).Staged is not { } own)
            return (await StagedHistoryAsync(claim.Path, cancellation)).Of(claim.Rotation) is { } found
                ? await _secrets.GetAsync(name, found.Id, cancellation)
                : null;
        for (var look = 1; ; look++)
        {
            try
            {
                return await _secrets.GetAsync(name, own, cancellation);
            }
            catch (RemoteFailureException e) when (e.Kind == FailureKind.NotFound && look < Looks)
            {
                // A read may lag behind one's own write.
                await Task.Delay(FirstPause * look, time, cancellation);
            }
        }
    }

    /// <inheritdoc />
    /// <remarks>
    /// A disabled version of its own in the companion: a request of another delivery, however late, doesn't overwrite it, as a PATCH of the
    /// tags of a version would.
    /// </remarks>
    public async Task MarkDeliveringAsync(Claim claim, DeliveringMark mark, CancellationToken cancellation)
    {
        using var nothing = SecretValue.FromText("none");
        await _secrets.Under(claim.Lease).PutAsync(
            claim.Path + Companion, nothing, StagedContentType, await TimesOfNextAsync(claim, cancellation),
            AzureMarks.OfDelivering(mark), cancellation, enabled: false);
    }

    /// <inheritdoc />
    /// <remarks>
    /// One PUT carries value, content type, times, foreign tags and marks. The end of the version before is carried on
    /// as a span: a version that was to end 90 days after it was made is followed by one that ends 90 days from now.
    /// </remarks>
    public async Task<VersionId> PromoteAsync(Claim claim, DeliveryMark mark, CancellationToken cancellation)
    {
        // Asked for together. A run that took the claim over and undid the rotation has disabled its value, so that it can't be read.
        var listing = HistoryAsync(claim.Path, cancellation);
        using var staged = await ReadStagedAsync(claim, cancellation);
        var history = await listing;
        var current = await CurrentAsync(claim.Path, history, cancellation);
        if (history.RotationOf(current) == claim.Rotation)
            return current.Id;
        if (current.Id != claim.Base)
            throw Superseded(
                $"{claim.Path} in vault {definition.Name} was changed by someone else: version {current.Id} is current, not {claim.Base}",
                "Nothing was promoted. The next run delivers the version that is current.");
        if (staged is null)
            throw Conflict(
                $"No value is staged for {claim.Path} in vault {definition.Name}", "Nothing was promoted. The next run starts again.");

        VersionId promoted;
        try
        {
            var times = current.TimesOfNext(clock.GetCurrentInstant());
            promoted = await _secrets.Under(claim.Lease)
                .PutAsync(claim.Path, staged.Value, current.ContentType, times, AzureMarks.OfPromoted(current, claim, mark), cancellation);
        }
        catch (RemoteFailureException e) when (e.Effect == Effect.Unknown)
        {
            // Never put twice: look whether it landed.
            if (await PromotedAsync(claim, cancellation) is not { } landed)
                throw;
            promoted = landed;
        }

        Remember(claim, known => known with { Recorded = mark with { Version = promoted } });
        return promoted;
    }

    /// <inheritdoc />
    public async Task FinishAsync(Claim claim, DeliveryMark mark, bool promoted, CancellationToken cancellation)
    {
        try
        {
            if (!promoted || mark.EndsDelivering || KnownOf(claim).Recorded is not { } recorded
                || recorded != mark with { Version = recorded.Version })
                await RecordAsync(claim, mark, promoted, cancellation);
            await DropStagedAsync(claim, cancellation);
            await board.RemoveAsync(claim.Handle, claim.Lease, cancellation);
        }
        catch (RemoteFailureException e)
        {
            // Some of it may be done, and the rotation itself took place: that is never "nothing was changed".
            throw new RemoteFailureException(e.Failure with { Effect = Effect.Unknown }, e);
        }

        _known.TryRemove((claim.Path, claim.Rotation), out _);
    }

    /// <inheritdoc />
    /// <remarks>It is disabled: no one reads it until someone enables it again, and nothing of it is lost.</remarks>
    public async Task MarkDisabledAsync(Claim claim, GraceMark mark, CancellationToken cancellation)
    {
        // Of a mark on two versions, as a late promotion leaves it, one counts: the one that a description tells.
        var history = await HistoryAsync(claim.Path, cancellation);
        var marked = history.GraceBefore(await CurrentAsync(claim.Path, history, cancellation)) is var (version, found)
            && (found.Version, found.Rotation) == (mark.Version, mark.Rotation)
            ? version
            : throw Conflict(
                $"No version of {claim.Path} in vault {definition.Name} has the mark that {mark.Version} is in its grace",
                "Run again: the next plan sees what is there.");
        await _secrets.Under(claim.Lease)
            .TagAsync(claim.Path, marked.Id, marked.Tags.SetItem(AzureMarks.Grace, mark.Format()), cancellation);
    }

    /// <inheritdoc />
    public async Task RetireAsync(Claim claim, VersionId version, CancellationToken cancellation)
    {
        var history = await HistoryAsync(claim.Path, cancellation);
        if ((await CurrentAsync(claim.Path, history, cancellation)).Id == version)
            throw Conflict(
                $"Version {version} of {claim.Path} in vault {definition.Name} is the current one, so it is not retired",
                "Run again: the next plan sees what is current.");
        if (history.Find(version) is { Enabled: true })
            await _secrets.Under(claim.Lease).DisableAsync(claim.Path, version, cancellation);
    }

    /// <inheritdoc />
    public async Task DiscardAsync(Claim claim, CancellationToken cancellation)
    {
        await DropStagedAsync(claim, cancellation);
        await board.RemoveAsync(claim.Handle, claim.Lease, cancellation);
        _known.TryRemove((claim.Path, claim.Rotation), out _);
    }

    /// <summary>The key of a secret's claim: the same on every machine, different for every secret of every vault.</summary>
    internal string ClaimKey(string path)
    {
        // Key Vault ignores case in addresses and names.
        var text = $"{definition.Uri.GetLeftPart(UriPartial.Authority)}/{path}".ToUpperInvariant();
        return "SECRET_ROTATOR_CLAIM_" + Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
    }
}
