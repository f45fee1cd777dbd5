using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor;

/// <summary>Runs all checks, some at a time, and puts the results in order.</summary>
internal static class CheckRunner
{
    /// <summary>Asks. A check that breaks is an answer too: it hides none of the others.</summary>
    /// <param name="checks">The checks, in the order in which their answers are told within an area.</param>
    /// <param name="parallelism">How many run at once.</param>
    /// <param name="broken">Told of unexpected errors.</param>
    /// <param name="cancellation">Stops all of them.</param>
    public static async Task<ImmutableArray<CheckResult>> AskAsync(
        IReadOnlyCollection<ICheck> checks, int parallelism, Action<Exception> broken, CancellationToken cancellation)
    {
        var answers = await EachAsync(checks, parallelism, RunAsync, cancellation);
        return [.. answers.SelectMany(answer => answer).OrderBy(result => result.Area)];

        async Task<IReadOnlyList<CheckResult>> RunAsync(ICheck check, CancellationToken token)
        {
            try
            {
                return await check.RunAsync(token);
            }
            catch (Exception exception) when (!Debugging.IsFatal(exception) && !cancellation.IsCancellationRequested)
            {
                broken(exception);
                return
                [
                    CheckResult.Fail(
                        check.Area, "check-broken", $"A check broke off: an unexpected error happened ({exception.GetType().Name}).",
                        "What it would have found isn't known.",
                        "--log-level debug tells where it happened; please report that."),
                ];
            }
        }
    }

    /// <summary>Asks about several things at once, and answers in their order.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static async Task<TAnswer[]> EachAsync<T, TAnswer>(
        IReadOnlyCollection<T> things, int parallelism, Func<T, CancellationToken, Task<TAnswer>> ask, CancellationToken cancellation)
    {
        var answers = new TAnswer[things.Count];
        await Parallel.ForEachAsync(
            things.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = parallelism, CancellationToken = cancellation },
            async (each, token) => answers[each.Index] = await ask(each.Item, token));
        return answers;
    }
}
