namespace SecretRotator.Providers.Http;

/// <summary>Repeats calls where that is safe: the only loop of its kind, in place of those of the clouds' libraries.</summary>
/// <remarks>
/// <para>A try that may have had its effect is repeated only where doing the call twice is as good as once.</para>
/// <para>A call that may have happened in its first try isn't rejected because its last one was: <see cref="Tries.MayHaveHappened"/>
/// keeps what the last answer doesn't tell.</para>
/// <para>The lease is asked before every try, so after every wait.</para>
/// </remarks>
/// <param name="patience">How often a call is tried, and how long the pauses are.</param>
/// <param name="random">For jitter.</param>
/// <param name="time">For pauses.</param>
internal sealed class Retry(RetryPatience patience, IRandomSource random, TimeProvider time)
{
    /// <summary>Makes a call. A call without an answer ends with what its last try tells, see <see cref="JudgedTry.Tell"/>.</summary>
    /// <param name="call">What is known of the call.</param>
    /// <param name="send">One try of it.</param>
    /// <param name="cancellation">Stops tries and pauses.</param>
    /// <exception cref="LeaseOverException">The lease was over before a try; an earlier one may have had its effect.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; a try may have had its effect.</exception>
    public async Task<T> RunAsync<T>(RetriedCall call, Func<CancellationToken, Task<T>> send, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            if (call.Admit is { } admit)
                await admit(cancellation);
            call.Lease?.ThrowIfOver();
            JudgedTry failed;
            try
            {
                return await send(cancellation);
            }
            catch (Exception thrown)
            {
                if (call.Judge(thrown) is not { } judged)
                    throw;
                cancellation.ThrowIfCancellationRequested();
                failed = judged;
            }

            call.Tries.Add(failed, time.GetElapsedTime(began));
            if (PauseAfter(failed, call) is not { } pause)
                throw failed.Tell(call.Tries);
            call.Tries.MayHaveHappened |= failed.Effect == Effect.Unknown;
            await Task.Delay(pause, time, cancellation);
        }
    }

    // How long to wait before the next try, or null where there is none.
    private TimeSpan? PauseAfter(JudgedTry failed, RetriedCall call)
    {
        if (failed.Next == NextTry.AtOnce)
            return TimeSpan.Zero;
        if (failed.Next == NextTry.Never || (failed.Effect == Effect.Unknown && !call.IsIdempotent))
            return null;
        if (failed.RetryAfter > patience.LongestRetryAfter)
            return null;
        var throttled = failed.Next == NextTry.Throttled;
        var (number, most) = (throttled, patience.ThrottledTries) switch
        {
            (true, { } own) => (call.Tries.Throttled, own),
            (false, { }) => (call.Tries.Count - call.Tries.Throttled, patience.Tries),
            _ => (call.Tries.Count, patience.Tries),
        };
        if (number >= most)
            return null;
        if (throttled && call.Admit is not null)
            return TimeSpan.Zero; // what admits makes it rest
        var longest = (throttled ? patience.FirstThrottledPause ?? patience.FirstPause : patience.FirstPause) * Math.Pow(2, number - 1);
        longest = longest < patience.LongestPause ? longest : patience.LongestPause;
        var (from, to) = patience.Drawn;
        return failed.RetryAfter ?? ((longest * from) + Jitter.Below(longest * (to - from), random));
    }
}

/// <summary>How often a call is tried, and how long the pauses between its tries are.</summary>
internal record RetryPatience
{
    /// <summary>How often a call is tried in all, 1 or more.</summary>
    public int Tries { get; init; } = 4;

    /// <summary>How often a call is tried that is throttled, counted apart from its other tries; null where they count together.</summary>
    public int? ThrottledTries { get; init; }

    /// <summary>The first pause before jitter; it doubles with each try.</summary>
    public TimeSpan FirstPause { get; init; }

    /// <summary>The first pause after a throttled try, before jitter; it doubles likewise. Null for <see cref="FirstPause"/>.</summary>
    public TimeSpan? FirstThrottledPause { get; init; }

    /// <summary>No pause before jitter is longer.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.MaxValue;

    /// <summary>A Retry-After up to here is honoured; a longer one fails the call at once.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.MaxValue;

    /// <summary>Jitter: which parts of a pause the random pause is between.</summary>
    public (double From, double To) Drawn { get; init; } = (0, 1);
}
