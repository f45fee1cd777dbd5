using System.Security.Authentication;
using SecretRotator.Providers.Bitbucket.Calls;
using SecretRotator.Providers.Http;
using SecretRotator.Values;
using SecretRotator.Vaults;

namespace SecretRotator.Providers.Aws;

/// <summary>Repeats calls of AWS that may be repeated, and fails in one way only: with a <see cref="RemoteFailureException"/>.</summary>
/// <param name="random">For jitter.</param>
/// <param name="time">Waits between tries.</param>
internal sealed class AwsTries(IRandomSource random, TimeProvider time)
{
    private const int Tries = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan FirstThrottledPause = TimeSpan.FromSeconds(2);

    /// <summary>Calls until there is an answer, or until another try wouldn't help.</summary>
    /// <param name="call">One try.</param>
    /// <param name="understand">What an exception of the library means.</param>
    /// <param name="garbled">What an answer means that isn't the service's.</param>
    /// <param name="cancellation">Stops the tries.</param>
    /// <param name="isAnswer">Whether an answer is the service's, or null where nothing tells.</param>
    /// <param name="lease">Asked before every try, or null.</param>
    /// <exception cref="LeaseOverException">It was over before a try; an earlier one may have had its effect.</exception>
    /// <exception cref="RemoteFailureException">With an unknown effect where that of any try is unknown.</exception>
    public async Task<T> RunAsync<T>(
        Func<Task<T>> call,
        Func<Exception, RemoteFailureException> understand,
        Func<RemoteFailureException> garbled,
        CancellationToken cancellation,
        Func<T, bool>? isAnswer = null,
        Lease? lease = null)
    {
        var mayHaveHappened = false;
        var began = time.GetTimestamp();
        for (var number = 1; ; number++)
        {
            RemoteFailureException failed;
            lease?.ThrowIfOver();
            try
            {
                var answer = await call();
                if (isAnswer?.Invoke(answer) ?? true)
                    return answer;
                failed = garbled();
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception failure) when (failure is not RemoteFailureException)
            {
                cancellation.ThrowIfCancellationRequested();
                failed = understand(failure);
            }

            mayHaveHappened |= failed.Effect == Effect.Unknown;
            if (number == Tries || !MayHelp(failed))
            {
                if (failed.Kind == FailureKind.Throttled)
                    failed = failed.Telling($"{failed.Message.TrimEnd('.')}, {TriedText.Of(number, time.GetElapsedTime(began))}.");
                throw mayHaveHappened ? failed.With(Effect.Unknown) : failed;
            }

            var longest = (failed.Kind == FailureKind.Throttled ? FirstThrottledPause : FirstPause) * Math.Pow(2, number - 1);
            await Task.Delay((longest / 2) + Jitter.Below(longest / 2, random), time, cancellation);
        }
    }

    private static bool MayHelp(RemoteFailureException failed) =>
        failed.Kind is FailureKind.Throttled || (failed.Kind is FailureKind.Unavailable && failed.InnerException?.GetBaseException() is not AuthenticationException);
}
