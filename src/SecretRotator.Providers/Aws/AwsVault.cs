using System.Collections.Concurrent;
using Amazon.SecretsManager;
using Amazon.SecretsManager.Model;

namespace SecretRotator.Providers.Aws;

/// <summary>
/// AWS Secrets Manager. A staged version is one without AWSCURRENT; its id is the rotation's id; what a later run
/// needs to know is in staging labels and in one tag.
/// </summary>
/// <remarks>
/// <para><b>The claim.</b> AWSPENDING is the lock. Every contender first puts a version of its own, with a label that
/// names it (<see cref="OwnLabel"/>), and then moves AWSPENDING to that version. The move fails where another version
/// has the label, and a move away from a named version fails where that one hasn't: so of any number of contenders
/// exactly one gets it, and its label names it. AWS's own rotations use the same lock; where there are any, the tool only
/// delivers, and its lock is a label of its own: AWS would take a version with AWSPENDING for the one to rotate to.</para>
/// <para><b>Taking over.</b> A run that resumes a dead holder's rotation does the same: it puts a version of its own,
/// whose label names the rotation that it resumes, and moves AWSPENDING from the dead holder's version to it. That one
/// call is the compare-and-set, and at no instant is it unclear who holds the claim. The version of the dead holder
/// keeps its label and so its value; promoting it has the same effect as if its first holder had not died.
/// <c>docs/decisions/0018-an-aws-take-over-puts-its-own-version.md</c> tells why nothing simpler does.</para>
/// <para><b>Left-overs.</b> A contender that dies between its two calls leaves a version with a label and without the
/// lock. It holds nothing, and is ignored; the next holder takes such labels off once they are old, so that AWS can
/// remove the versions.</para>
/// </remarks>
/// <param name="client">Amazon's client for the vault's account and region; it must not repeat calls by itself.</param>
/// <param name="clock">Tells what is old.</param>
/// <param name="random">Where ids and jitter come from.</param>
/// <param name="time">Waits between tries and looks.</param>
internal sealed class AwsVault(IAmazonSecretsManager client, IClock clock, IRandomSource random, TimeProvider time)
    : ISecretVault, ISelfRotatingVault
{
    // A contender's two calls, with all their retries, take minutes at most: after an hour it is dead for certain.
    private static readonly Duration OrphanAge = Duration.FromHours(1);

    // A read may lag behind one's own write: about six seconds of patience.
    private static readonly ImmutableArray<TimeSpan> Patience = [.. new[] { 0.1, 0.2, 0.4, 0.8, 1.6, 3.2 }.Select(TimeSpan.FromSeconds)];

    private readonly SecretsManagerCalls _calls = new(client, random, time);

    // Only saves calls: what is forgotten here is seen again by the next run.
    private readonly ConcurrentDictionary<string, ImmutableArray<VersionLabel>> _orphans = new(StringComparer.Ordinal);

    // The same: the label that holds the current version, to be taken off once another one is current.
    private readonly ConcurrentDictionary<string, VersionLabel?> _holds = new(StringComparer.Ordinal);

    // The same: the labels of deliveries, to be taken off once one is recorded.
    private readonly ConcurrentDictionary<string, ImmutableArray<VersionLabel>> _deliveries = new(StringComparer.Ordinal);

    /// <summary>
    /// Rotate: read current, put, lock, describe, read staged, promote, tag, unlock, label off. Deliver: the same
    /// without reading the staged version and without promoting.
    /// </summary>
    public VaultCosts Costs { get; } =
        new(Describe: 1, Rotate: 9, Deliver: 7, Resume: 13, ClaimBitbucketCalls: 0)
        {
            Retire = 1,
            MarkDelivering = 1,
            EndDelivering = 1,
            Lift = 1,
            StagesLater = 3,
        };

    public async Task<SecretDescription> DescribeAsync(string path, CancellationToken cancellation)
    {
        var answer = await _calls.DescribeAsync(path, cancellation);
        if (answer.DeletedDate is not null)
            throw Refusal(
                FailureKind.Conflict, $"{path} is scheduled for deletion.",
                $"Restore it (aws secretsmanager restore-secret --secret-id {path}), or remove its entry from the inventory.");
        var labels = new StagingLabels(answer);
        if (labels.Current is not { } current)
            throw Refusal(
                FailureKind.NotFound, $"{path} has no current version.",
                $"Give it a first value: aws secretsmanager put-secret-value --secret-id {path} --secret-string …");
        _orphans[path] = labels.OrphansBefore(clock.GetCurrentInstant() - OrphanAge);
        _holds[path] = labels.Hold;
        _deliveries[path] = labels.Deliveries;
        ForeignRotation foreign = answer.OwningService is { Length: > 0 } service ? new ForeignRotation.ByService(service)
            : labels.ForeignPending is { } pending ? new ForeignRotation.Pending(new VersionId(pending))
            : answer.RotationEnabled == true ? new ForeignRotation.ByVault()
            : new ForeignRotation.None();
        var marks = new AwsMarks(path, answer.Tags ?? [], labels);

        // Whether this tool made it or not: a version's id is the id of the rotation that made it.
        return new SecretDescription(new VersionId(current), new RotationId(current), marks.Delivered, labels.Open, foreign)
        {
            Grace = marks.Grace,
            Delivering = marks.Delivering,
            Hold = marks.Hold,
            LastTrace = labels.LastTrace,
        };
    }

    public async Task<ImmutableArray<ListedVersion>> ListVersionsAsync(string path, CancellationToken cancellation)
    {
        var entries = await _calls.ListVersionsAsync(path, cancellation);
        return
        [
            .. entries
                .Select(entry => new ListedVersion(
                    new VersionId(entry.VersionId), CreatedAt(entry.CreatedDate), StagingLabels.PlaceOf(entry.VersionStages ?? []))
                {
                    Rotation = RotationId.IsOwn(entry.VersionId) ? new RotationId(entry.VersionId) : null,
                })
                .OrderByDescending(version => version.CreatedAt)
                .ThenBy(version => version.Id.Value, StringComparer.Ordinal),
        ];
    }

    public async Task<SecretVersion> ReadAsync(string path, VersionId version, CancellationToken cancellation) =>
        Version(path, version, await _calls.ReadAsync(path, version.Value, cancellation));

    public async Task<ClaimResult> ClaimAsync(string path, ClaimRequest request, CancellationToken cancellation)
    {
        var dead = request.TakeOver is { } open ? ClaimHandle.Parse(open.Handle) : null;
        // A version is made either way. It is the staged one, which saves a call, or a copy that only carries the claim.
        var stages = dead is null && !request.StagesLater;
        LabelPurpose purpose = stages ? new LabelPurpose.Stages(request.Base.Value) : new LabelPurpose.Carries(request.Rotation);
        var label = new OwnLabel(request.At, purpose, request.Holder).Format();
        // A claim is taken over with the lock that it has: no other lock can be moved from it in one call.
        var mine = new ClaimHandle(
            stages ? request.Rotation.Value : RotationId.New(random).Value, label,
            dead?.Lock ?? (request.VaultRotates ? StagingLabels.OwnLockLabel : StagingLabels.PendingLabel));
        var hold = stages && request.Hold is { } mark ? HoldLabel.Format(mark) : null;
        var contest = new ClaimContest(_calls, path, mine, dead, request.TakeOver?.Handle) { Hold = hold };

        if (await contest.RunAsync(request.Candidate, cancellation) is { } lost)
            return lost;
        if (dead is not null && dead.Carries(request.Rotation))
            await _calls.TryTakeOffAsync(path, dead.Label, dead.Version, CancellationToken.None);
        return new ClaimResult.Won(request.Granted(path, mine.Format()));
    }

    /// <summary>Puts the version, unless the claim itself has. A version never changes: one that is there already wins.</summary>
    public async Task StageAsync(Claim claim, SecretValue candidate, CancellationToken cancellation)
    {
        if (!ClaimHandle.Parse(claim.Handle).Carries(claim.Rotation))
            return;
        var label = new OwnLabel(claim.At, new LabelPurpose.Stages(claim.Base.Value), claim.Holder).Format();
        string[] labels = claim.Hold is { } hold ? [label, HoldLabel.Format(hold)] : [label];
        try
        {
            await _calls.Under(claim.Lease).PutAsync(claim.Path, claim.Rotation.Value, candidate, labels, cancellation);
        }
        catch (RemoteFailureException failure) when (failure.InnerException is ResourceExistsException)
        {
        }
    }

    /// <summary>A version whose labels are gone, except for that of a hold, was dropped: nothing may be delivered from it.</summary>
    public async Task<SecretVersion?> ReadStagedAsync(Claim claim, CancellationToken cancellation)
    {
        for (var round = 0; ; round++)
        {
            try
            {
                var answer = await _calls.ReadAsync(claim.Path, claim.Rotation.Value, cancellation);
                return answer.VersionStages?.Any(label => !HoldLabel.Is(label)) == true
                    ? Version(claim.Path, new VersionId(claim.Rotation.Value), answer)
                    : null;
            }
            catch (RemoteFailureException missing) when (missing.Kind == FailureKind.NotFound)
            {
                if (round == Patience.Length)
                    return null;
            }

            await Task.Delay(Patience[round], time, cancellation);
        }
    }

    public async Task MarkDeliveringAsync(Claim claim, DeliveringMark mark, CancellationToken cancellation)
    {
        var own = new VersionLabel(claim.Base.Value, DeliveryLabel.Format(mark));
        await _calls.Under(claim.Lease).MoveAsync(claim.Path, own.Label, to: own.Version, from: null, cancellation);
        _deliveries.AddOrUpdate(claim.Path, [own], (_, seen) => seen.Add(own));
    }

    public async Task<VersionId> PromoteAsync(Claim claim, DeliveryMark mark, CancellationToken cancellation)
    {
        var staged = claim.Rotation.Value;
        try
        {
            await _calls.Under(claim.Lease).MoveAsync(claim.Path, StagingLabels.CurrentLabel, staged, claim.Base.Value, cancellation);
        }
        catch (RemoteFailureException refused) when (refused.InnerException is InvalidParameterException)
        {
            // Either someone else's version is current, or this call took effect before and only its answer was lost.
            var labels = await LookAsync(claim.Path, cancellation);

            // AWS has just said that base isn't current: a look that shows it lags behind, and so proves nothing.
            if (labels.Current == claim.Base.Value)
                throw refused.With(Effect.Unknown);
            if (labels.Current != staged)
            {
                throw new RemoteFailureException(
                    FailureKind.Superseded, Effect.Rejected,
                    $"The current version of {claim.Path} changed while it was being rotated: it is {labels.Current} now, not "
                        + $"{claim.Base}. The new version was not promoted.",
                    "Someone else changed the secret. The next run sees their version and delivers it.", refused);
            }
        }

        return new VersionId(staged);
    }

    public async Task FinishAsync(Claim claim, DeliveryMark mark, bool promoted, CancellationToken cancellation)
    {
        // One call writes both: an old version is never left valid without the mark that it is to be retired by.
        var recording = _calls.Under(claim.Lease).TagAsync(claim.Path, AwsMarks.TagsOf(mark), cancellation);

        // The own label on the version that became current keeps the rotation open without the lock. Any other claim has the lock alone.
        if (!promoted || ClaimHandle.Parse(claim.Handle).Carries(claim.Rotation))
            await recording;
        await Task.WhenAll(recording, UnlockAsync(claim, cancellation));
        if (!_deliveries.TryRemove(claim.Path, out var deliveries))
            deliveries = mark.EndsDelivering ? (await LookAsync(claim.Path, cancellation)).Deliveries : [];
        foreach (var ended in deliveries)
            await _calls.Under(claim.Lease).TryTakeOffAsync(claim.Path, ended.Label, ended.Version, cancellation);
        await TakeOwnLabelOffAsync(claim, cancellation);
        if (promoted && _holds.TryRemove(claim.Path, out var lifted) && lifted is not null && lifted.Version == claim.Base.Value)
            await _calls.Under(claim.Lease).TryTakeOffAsync(claim.Path, lifted.Label, lifted.Version, cancellation);
    }

    /// <summary>
    /// Takes AWSPREVIOUS off, which leaves the version without a label: deprecated, in AWS's word. AWS itself refuses where
    /// another version has that label, so neither the current version nor any other can be hit.
    /// </summary>
    public Task MarkDisabledAsync(Claim claim, GraceMark mark, CancellationToken cancellation) =>
        _calls.Under(claim.Lease).TagAsync(claim.Path, [AwsMarks.TagOf(mark)], cancellation);

    /// <inheritdoc />
    public Task RetireAsync(Claim claim, VersionId version, CancellationToken cancellation) =>
        _calls.Under(claim.Lease).TakeOffAsync(claim.Path, StagingLabels.PreviousLabel, version.Value, cancellation);

    public async Task DiscardAsync(Claim claim, CancellationToken cancellation)
    {
        await UnlockAsync(claim, cancellation);
        await TakeOwnLabelOffAsync(claim, cancellation);

        // Last: as long as the rotation may be resumed, it is with its hold.
        if (claim.Hold is { } hold)
            await _calls.Under(claim.Lease).TryTakeOffAsync(claim.Path, HoldLabel.Format(hold), claim.Rotation.Value, cancellation);
    }

    public async Task RequestRotationAsync(string path, RotationId rotation, CancellationToken cancellation)
    {
        try
        {
            await _calls.RotateAsync(path, rotation.Value, cancellation);
        }
        catch (RemoteFailureException refused)
            when (refused.InnerException is InvalidRequestException { Message: { } said } && refused.Kind == FailureKind.Conflict)
        {
            throw said.Contains("previous rotation", StringComparison.OrdinalIgnoreCase)
                ? Refusal(
                    FailureKind.Conflict, $"An earlier rotation of {path} isn't complete: AWSPENDING is on a version that isn't current.",
                    PendingHint(path))
                : Refusal(
                    FailureKind.Other, $"{path} can't rotate itself: AWS Secrets Manager refused with InvalidRequestException.",
                    "Configure its rotation function in AWS, or give its inventory entry another value kind than vault-managed.");
        }
        catch (RemoteFailureException refused) when (refused.Kind == FailureKind.AccessDenied)
        {
            throw new RemoteFailureException(
                refused.Failure with
                {
                    Effect = Effect.Rejected,
                    Message = $"AWS Secrets Manager could not start the rotation function of {path}, or this role may not ask for it.",
                    Hint = "Allow secretsmanager:RotateSecret and lambda:InvokeFunction, and let the function's policy admit "
                        + "secretsmanager.amazonaws.com.",
                },
                refused.InnerException);
        }
    }

    /// <summary>How to clear an AWSPENDING that a failed rotation left behind.</summary>
    internal static string PendingHint(string path) =>
        $"If that rotation is dead: aws secretsmanager update-secret-version-stage --secret-id {path} --version-stage AWSPENDING "
            + "--remove-from-version-id VERSION";

    private async Task UnlockAsync(Claim claim, CancellationToken cancellation)
    {
        var (path, handle, calls) = (claim.Path, ClaimHandle.Parse(claim.Handle), _calls.Under(claim.Lease));
        if (handle.Carries(claim.Rotation))
        {
            var labels = await LookAsync(path, cancellation);
            foreach (var label in labels.OwnLabelsOf(claim.Rotation.Value))
                await calls.TakeOffAsync(path, label, claim.Rotation.Value, cancellation);
        }

        if (_orphans.TryRemove(path, out var orphans))
        {
            foreach (var orphan in orphans)
                await calls.TryTakeOffAsync(path, orphan.Label, orphan.Version, cancellation);
        }

        await calls.TakeOffAsync(path, handle.Lock, handle.Version, cancellation);
    }

    // The lock goes before the label: a version that has the lock but no label would look like someone else's.
    private Task TakeOwnLabelOffAsync(Claim claim, CancellationToken cancellation)
    {
        var handle = ClaimHandle.Parse(claim.Handle);
        return _calls.Under(claim.Lease).TakeOffAsync(claim.Path, handle.Label, handle.Version, cancellation);
    }

    // The call before was answered, or may have taken effect.
    private async Task<StagingLabels> LookAsync(string path, CancellationToken cancellation) =>
        new(await LostAnswer.LookAfterAsync(mayHaveHappened: true, () => _calls.DescribeAsync(path, cancellation)));

    private static SecretVersion Version(string path, VersionId version, GetSecretValueResponse answer)
    {
        if (answer.SecretString is null)
            throw Refusal(
                FailureKind.Other, $"Version {version} of {path} is binary; a Bitbucket variable is text.",
                "Store its value as SecretString.");
        return new SecretVersion(version, SecretValue.FromText(answer.SecretString), CreatedAt(answer.CreatedDate));
    }

    private static Instant CreatedAt(DateTime? created) =>
        created is { } at ? Instant.FromDateTimeUtc(DateTime.SpecifyKind(at.ToUniversalTime(), DateTimeKind.Utc)) : Instant.MinValue;

    private static RemoteFailureException Refusal(FailureKind kind, string message, string hint) =>
        new(kind, Effect.Rejected, message, hint);
}
