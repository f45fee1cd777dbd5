using System.Runtime.ExceptionServices;
using NodaTime;
using Refit;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Providers.Bitbucket.Calls;

/// <summary>Makes every call to Bitbucket: paced, repeated where that is safe, and with failures told for people.</summary>
internal sealed class BitbucketCalls(
    CallPacer pacer,
    CallPatience patience,
    BitbucketCredential credential,
    BitbucketAuthorization authorization,
    IClock clock,
    TimeProvider time,
    IRandomSource random)
{
    /// <summary>For waits between calls, such as the polls after an answer that was lost.</summary>
    public TimeProvider Time => time;

    /// <summary>How patient the client is.</summary>
    public CallPatience Patience => patience;

    /// <summary>Calls that could begin now without waiting for the hourly budget.</summary>
    public int CallsLeft => pacer.CallsLeft;

    /// <summary>Admits a further request of a call, for a call that takes two.</summary>
    public Task AdmitAsync(BitbucketCall call, CancellationToken cancellation) => pacer.AdmitAsync(call.Finishing, cancellation);

    /// <summary>Makes a call; <paramref name="send"/> is one try of it.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer, after all tries.</exception>
    /// <exception cref="LeaseOverException">The call's lease was over before a try; an earlier one may have had its effect.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; a call that isn't a read may have had its effect.</exception>
    public Task<T> RunAsync<T>(BitbucketCall call, Func<CancellationToken, Task<T>> send, CancellationToken cancellation) =>
        RunAsync(new CallTries(call), send, cancellation);

    /// <summary>Makes a call whose tries the caller wants to know of.</summary>
    /// <exception cref="RemoteFailureException">As above.</exception>
    public async Task<T> RunAsync<T>(CallTries tries, Func<CancellationToken, Task<T>> send, CancellationToken cancellation)
    {
        var call = tries.Call;
        var began = time.GetTimestamp();
        while (true)
        {
            FailedTry failed;
            await pacer.AdmitAsync(call.Finishing, cancellation);
            call.Lease?.ThrowIfOver();
            try
            {
                return await UnwrappedAsync(send, cancellation);
            }
            catch (Exception e) when (FailedTry.Explains(e) && !cancellation.IsCancellationRequested)
            {
                failed = FailedTry.From(e);
            }

            if (PauseAfter(tries, failed) is not { } pause)
                throw FailureText.Tell(call, (tries.Failed + tries.Throttled, time.GetElapsedTime(began)), tries.MayHaveHappened, failed, credential);
            await Task.Delay(pause, time, cancellation);
        }
    }

    /// <summary>Makes a call that answers nothing.</summary>
    /// <exception cref="RemoteFailureException">As above.</exception>
    public Task RunAsync(BitbucketCall call, Func<CancellationToken, Task> send, CancellationToken cancellation) =>
        RunAsync(
            call,
            async token =>
            {
                await send(token);
                return true;
            },
            cancellation);

    // Refit wraps what the handlers below it threw, though not for methods without a result.
    private static async Task<T> UnwrappedAsync<T>(Func<CancellationToken, Task<T>> send, CancellationToken cancellation)
    {
        try
        {
            return await send(cancellation);
        }
        catch (ApiRequestException wrapped) when (wrapped.InnerException is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }

    // Counts a failed try. How long to wait before the next one, or null where there is none.
    private TimeSpan? PauseAfter(CallTries tries, FailedTry failed)
    {
        tries.Add(failed);
        if (failed.Status == 429)
            pacer.Rest(failed.RetryAfter(clock));
        if (failed is { Status: 401, ForToken: false, Cause: RefusedAnswer refused } && !tries.Renewed && authorization.Renew(refused.Generation))
        {
            tries.Renewed = true;
            return TimeSpan.Zero;
        }
        var asked = failed.RetryAfter(clock);
        if (failed.Final || asked > patience.LongestRetryAfter || (failed.MayHaveHappened && tries.Call.Nature == CallNature.Once))
            return null;
        if (failed.Status == 429)
            return tries.Throttled < patience.ThrottledTries ? TimeSpan.Zero : null; // the pacer makes it rest
        if (tries.Failed >= patience.Tries)
            return null;
        var longest = patience.FirstPause * Math.Pow(2, tries.Failed - 1);
        return asked ?? Jitter.Below(longest < patience.LongestPause ? longest : patience.LongestPause, random);
    }
}

/// <summary>What the tries of one call have come to so far.</summary>
internal sealed class CallTries(BitbucketCall call)
{
    /// <summary>The call.</summary>
    public BitbucketCall Call => call;

    /// <summary>Tries that weren't answered with 429.</summary>
    public int Failed { get; private set; }

    /// <summary>Tries that were.</summary>
    public int Throttled { get; private set; }

    /// <summary>Whether a refused token was replaced already.</summary>
    public bool Renewed { get; set; }

    /// <summary>
    /// Whether one of the tries may have had its effect, or may have it yet: a gateway that answers 502 or 504 for a service
    /// takes nothing back of what it has passed on.
    /// </summary>
    public bool MayHaveHappened { get; private set; }

    /// <summary>Counts a failed try.</summary>
    public void Add(FailedTry failed)
    {
        if (failed.Status == 429)
            Throttled++;
        else
            Failed++;
        MayHaveHappened |= failed.MayHaveHappened;
    }
}
