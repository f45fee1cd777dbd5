using System.Security.Authentication;
using SecretRotator.Providers.Http;

namespace SecretRotator.Providers.Aws;

/// <summary>Repeats calls of AWS that may be repeated, and fails in one way only: with a <see cref="RemoteFailureException"/>.</summary>
/// <param name="random">For jitter.</param>
/// <param name="time">Waits between tries.</param>
internal sealed class AwsTries(IRandomSource random, TimeProvider time)
{
    private static readonly RetryPatience Patience = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(400),
        FirstThrottledPause = TimeSpan.FromSeconds(2),
        Drawn = (0.5, 1),
    };

    private readonly Retry _retry = new(Patience, random, time);

    /// <summary>Calls until there is an answer, or until another try wouldn't help.</summary>
    /// <param name="call">One try.</param>
    /// <param name="understand">What an exception of the library means.</param>
    /// <param name="garbled">What an answer means that isn't the service's.</param>
    /// <param name="cancellation">Stops the tries.</param>
    /// <param name="isAnswer">Whether an answer is the service's, or null where nothing tells.</param>
    /// <param name="lease">Asked before every try, or null.</param>
    /// <param name="once">Whether doing it twice does something else: then only a try that was refused is repeated.</param>
    /// <exception cref="LeaseOverException">It was over before a try; an earlier one may have had its effect.</exception>
    /// <exception cref="RemoteFailureException">With an unknown effect where that of any try is unknown.</exception>
    public Task<T> RunAsync<T>(
        Func<Task<T>> call,
        Func<Exception, RemoteFailureException> understand,
        Func<RemoteFailureException> garbled,
        CancellationToken cancellation,
        Func<T, bool>? isAnswer = null,
        Lease? lease = null,
        bool once = false) =>
        _retry.RunAsync(
            new RetriedCall(IsIdempotent: !once, thrown => Judged(thrown as RemoteFailureException ?? understand(thrown)))
            {
                Lease = lease,
            },
            async _ => await call() is var answer && (isAnswer?.Invoke(answer) ?? true) ? answer : throw garbled(),
            cancellation);

    private static JudgedTry Judged(RemoteFailureException failed) => new(
        failed.Effect,
        failed.Kind switch
        {
            FailureKind.Throttled => NextTry.Throttled,
            FailureKind.Unavailable when failed.InnerException?.GetBaseException() is not AuthenticationException => NextTry.AfterPause,
            _ => NextTry.Never,
        },
        RetryAfter: null,
        tries => tries.Tell(failed));
}
