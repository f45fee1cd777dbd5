using Amazon.SecretsManager.Model;

namespace SecretRotator.Providers.Aws;

/// <summary>One contender's attempt to get the lock of a secret. It ends with the lock, or with nothing of its own left.</summary>
/// <param name="calls">The calls.</param>
/// <param name="path">The secret.</param>
/// <param name="mine">The version and the label of this contender.</param>
/// <param name="dead">The version and the label of the holder that is taken over, or null.</param>
/// <param name="deadHandle">The same as it was observed, or null.</param>
internal sealed class ClaimContest(SecretsManagerCalls calls, string path, ClaimHandle mine, ClaimHandle? dead, string? deadHandle)
{
    private const int Rounds = 3;

    // A move without an answer may still land, at any time. It must find this contender's label then, or the lock would
    // be no one's; the label of a contender without the lock holds nothing, and goes when it is old.
    private bool _moveMayLand;

    /// <summary>The label of the hold that goes with the version, or null.</summary>
    public string? Hold { get; init; }

    /// <summary>Null where the lock was won.</summary>
    /// <exception cref="RemoteFailureException">Rejected: nothing is left of the attempt. Unknown: something may be.</exception>
    public async Task<ClaimResult.Lost?> RunAsync(SecretValue candidate, CancellationToken cancellation)
    {
        await PutAsync(candidate, cancellation);
        try
        {
            return await ContendAsync(cancellation);
        }
        catch (Exception failure) when (failure is RemoteFailureException or OperationCanceledException)
        {
            await WithdrawAsync(failure);
            throw;
        }
    }

    private async Task PutAsync(SecretValue candidate, CancellationToken cancellation)
    {
        try
        {
            await calls.PutAsync(path, mine.Version, candidate, Hold is null ? [mine.Label] : [mine.Label, Hold], cancellation);
        }
        catch (RemoteFailureException unclear) when (unclear.Effect == Effect.Unknown || unclear.InnerException is ResourceExistsException)
        {
            // Looked up, not assumed: either the version exists with this contender's label, or the put failed.
            var seen = await LookAsync(unclear);
            if (!seen.OwnLabelsOf(mine.Version).Contains(mine.Label, StringComparer.Ordinal))
                throw;
        }
    }

    private async Task<ClaimResult.Lost?> ContendAsync(CancellationToken cancellation)
    {
        // A finished or resumed rotation's version must lose the lock in the same call; else no one may have it.
        var from = dead?.Version;
        RemoteFailureException? unclear = null;
        for (var round = 0; round < Rounds; round++)
        {
            try
            {
                await calls.MoveAsync(path, mine.Lock, mine.Version, from, cancellation);
                return null;
            }
            catch (RemoteFailureException refused)
                when (refused.Effect == Effect.Unknown || refused.InnerException is InvalidParameterException)
            {
                unclear = refused;
                _moveMayLand |= refused.Effect == Effect.Unknown;
            }

            var labels = await LookAsync(unclear);
            if (labels.HolderOf(mine.Lock) == mine.Version)
                return null;
            if (!IsFree(labels))
                return _moveMayLand ? throw LostAndUnclear(labels, unclear) : await LoseAsync(labels);
            from = labels.HolderOf(mine.Lock);
        }

        throw unclear!;
    }

    /// <summary>Whether the lock may be taken: no one has it, or a finished rotation, or still the holder that is taken over.</summary>
    private bool IsFree(StagingLabels labels) => dead is null
        ? labels.IsFree(mine.Lock)
        : labels.Open?.Handle == deadHandle && labels.ForeignPending is null;

    private async Task<ClaimResult.Lost> LoseAsync(StagingLabels labels)
    {
        await TakeLabelsOffAsync();
        return new ClaimResult.Lost(WhyLost(labels));
    }

    // The holder may release the lock before the move takes effect: then the lock is this contender's, which has left.
    private RemoteFailureException LostAndUnclear(StagingLabels labels, RemoteFailureException unclear) =>
        unclear.With(Effect.Unknown)
            .Telling($"{WhyLost(labels)} This run asked for it as well, and that request may still take effect: {unclear.Message}");

    private string WhyLost(StagingLabels labels) => labels switch
    {
        { Open: { } open } => $"{open.Holder} has held the claim on {path} since {MarkText.Format(open.StartedAt)}.",
        { ForeignPending: { } pending } => $"A rotation of {path} that isn't this tool's is open: AWSPENDING is on version {pending}.",
        _ => $"The rotation of {path} that was to be resumed has ended meanwhile.",
    };

    // Nothing may stay behind. Where that can't be seen to, the effect of the whole attempt is unknown.
    private async Task WithdrawAsync(Exception failure)
    {
        try
        {
            // A rotation that is taken over is open by the lock alone: where it may have been moved here, it must stay.
            if (dead is null || !_moveMayLand)
                await calls.TakeOffAsync(path, mine.Lock, mine.Version, CancellationToken.None);
            await TakeLabelsOffAsync();
        }
        catch (RemoteFailureException left)
        {
            var cause = (failure as RemoteFailureException)?.Failure ?? left.Failure with { Message = $"Claiming {path} was cancelled." };
            throw new RemoteFailureException(
                cause with
                {
                    Effect = Effect.Unknown,
                    Message = $"{cause.Message} What was staged could not be taken back.",
                    Hint = cause.Hint ?? left.Hint,
                },
                failure.InnerException);
        }

        if (_moveMayLand && failure is RemoteFailureException { Effect: Effect.Rejected } refused)
            throw refused.With(Effect.Unknown);
    }

    private async Task TakeLabelsOffAsync()
    {
        if (_moveMayLand)
            return;
        if (Hold is not null)
            await calls.TakeOffAsync(path, Hold, mine.Version, CancellationToken.None);
        await calls.TakeOffAsync(path, mine.Label, mine.Version, CancellationToken.None);
    }

    private async Task<StagingLabels> LookAsync(RemoteFailureException unclear)
    {
        try
        {
            return new StagingLabels(await calls.DescribeAsync(path, CancellationToken.None));
        }
        catch (RemoteFailureException blind)
        {
            // What can't be true says more to people than the refusal that it follows from.
            throw (blind.Kind == FailureKind.Garbled ? blind : unclear).With(Effect.Unknown);
        }
    }
}
