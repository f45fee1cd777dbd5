using System.Runtime.ExceptionServices;
using Refit;
using SecretRotator.Providers.Bitbucket.Credentials;
using SecretRotator.Providers.Http;

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
    private readonly Retry _retry = new(patience, random, time);

    /// <summary>For waits between calls, such as the polls after an answer that was lost.</summary>
    public TimeProvider Time => time;

    /// <summary>How patient the client is.</summary>
    public CallPatience Patience => patience;

    /// <summary>Calls that could begin now without waiting for the hourly budget.</summary>
    public int CallsLeft => pacer.CallsLeft;

    /// <summary>Admits a further request of a call, for a call that takes two.</summary>
    /// <exception cref="RemoteFailureException">Bitbucket has answered nothing but 429 for too long. It isn't asked.</exception>
    public Task AdmitAsync(BitbucketCall call, CancellationToken cancellation) => AdmitAsync(call, Effect.Rejected, cancellation);

    /// <summary>Makes a call; <paramref name="send"/> is one try of it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="send">One try.</param>
    /// <param name="cancellation">Stops the tries.</param>
    /// <param name="tries">Receives each try, or null.</param>
    /// <exception cref="RemoteFailureException">Refused, or without an answer, after all tries.</exception>
    /// <exception cref="LeaseOverException">The call's lease was over before a try; an earlier one may have had its effect.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; a call that isn't a read may have had its effect.</exception>
    public Task<T> RunAsync<T>(
        BitbucketCall call, Func<CancellationToken, Task<T>> send, CancellationToken cancellation, Tries? tries = null)
    {
        var renewed = false;
        tries ??= new();
        return _retry.RunAsync(
            new RetriedCall(call.Nature != CallNature.Once, thrown => FailedTry.From(thrown) is { } failed ? Judged(failed) : null)
            {
                Lease = call.Lease,
                Admit = token => AdmitAsync(
                    call, tries.MayHaveHappened && call.Nature != CallNature.Read ? Effect.Unknown : Effect.Rejected, token),
                Tries = tries,
            },
            token => UnwrappedAsync(send, token),
            cancellation);

        JudgedTry Judged(FailedTry failed)
        {
            var asked = failed.RetryAfter(clock);
            if (failed.Status == 429)
                pacer.Rest(asked);
            var renews = !renewed && failed is { Status: 401, ForToken: false, Cause: RefusedAnswer refused }
                && authorization.Renew(refused.Generation);
            renewed |= renews;
            return new(
                failed.MayHaveHappened && call.Nature != CallNature.Read ? Effect.Unknown : Effect.Rejected,
                renews ? NextTry.AtOnce : failed.Final ? NextTry.Never : failed.Status == 429 ? NextTry.Throttled : NextTry.AfterPause,
                asked,
                all => FailureText.Tell(call, (all.Count, all.Length), all.MayHaveHappened || failed.MayHaveHappened, failed, credential));
        }
    }

    // What finishes or undoes is tried all the same: it matters more.
    private Task AdmitAsync(BitbucketCall call, Effect effect, CancellationToken cancellation) =>
        !call.Finishing && pacer.ThrottledFor is var time && time >= patience.LongestThrottling
            ? throw FailureText.TellThrottled(call, effect, time)
            : pacer.AdmitAsync(call.Finishing, cancellation);

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

    /// <summary>Makes a call with a body, which each try makes anew.</summary>
    /// <exception cref="RemoteFailureException">As above.</exception>
    public Task<T> RunAsync<T>(
        BitbucketCall call, Func<HttpContent> body, Func<HttpContent, CancellationToken, Task<T>> send, CancellationToken cancellation,
        Tries? tries = null) =>
        RunAsync(
            call,
            async token =>
            {
                using var content = body();
                return await send(content, token);
            },
            cancellation,
            tries);

    /// <summary>Makes a call with a body that answers nothing.</summary>
    /// <exception cref="RemoteFailureException">As above.</exception>
    public Task RunAsync(
        BitbucketCall call, Func<HttpContent> body, Func<HttpContent, CancellationToken, Task> send, CancellationToken cancellation) =>
        RunAsync(
            call,
            body,
            async (content, token) =>
            {
                await send(content, token);
                return true;
            },
            cancellation);

    /// <summary>Waits before another look at what Bitbucket may show some seconds late.</summary>
    /// <param name="times">How many times the first pause.</param>
    /// <param name="cancellation">Stops the wait.</param>
    public Task PauseAsync(int times, CancellationToken cancellation) => Task.Delay(patience.FirstPause * times, time, cancellation);

    /// <summary>Makes a call that takes something away. It may be gone already, by an earlier try whose answer was lost.</summary>
    /// <exception cref="RemoteFailureException">As above.</exception>
    public async Task DeleteAsync(BitbucketCall call, Func<CancellationToken, Task> send, CancellationToken cancellation)
    {
        try
        {
            await RunAsync(call, send, cancellation);
        }
        catch (RemoteFailureException gone) when (gone.Kind == FailureKind.NotFound)
        {
            // That is what was asked for.
        }
    }

    /// <summary>Makes a call; what the handlers below Refit threw is not wrapped, as Refit does it for some methods.</summary>
    public static async Task<T> UnwrappedAsync<T>(Func<CancellationToken, Task<T>> send, CancellationToken cancellation)
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
}
