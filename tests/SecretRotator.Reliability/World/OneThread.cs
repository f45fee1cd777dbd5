using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SecretRotator.Reliability.World;

/// <summary>
/// Makes a process deterministic: a thread pool of a single thread runs what is queued in the order in which it was
/// queued, so that the same inputs give the same history, whatever hops over the pool the code under test makes.
/// </summary>
internal static class OneThread
{
    private const string ProcessorCount = "DOTNET_PROCESSOR_COUNT";

    /// <summary>Whether this process was started so that its thread pool can have a single thread.</summary>
    public static bool IsPossible => Environment.ProcessorCount == 1;

    /// <summary>Starts this program anew with other arguments, so that its thread pool can have a single thread.</summary>
    public static Process Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(typeof(OneThread).Assembly.Location);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment[ProcessorCount] = "1";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        return Process.Start(start) ?? throw new InvalidOperationException("The program could not be started anew.");
    }

    /// <summary>Runs <paramref name="work"/> on the single thread.</summary>
    public static Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        ThreadPool.SetMinThreads(1, 1);
        return ThreadPool.SetMaxThreads(1, 1)
            ? Task.Run(work)
            : throw new InvalidOperationException($"Start this program with {ProcessorCount}=1.");
    }

    /// <summary>Waits until nothing is left that could run: every task waits for something that hasn't happened yet.</summary>
    public static Quiet SettleAsync() => default;

    /// <summary>Continues once the pool has nothing else to do.</summary>
    internal readonly struct Quiet : INotifyCompletion
    {
        public bool IsCompleted => false;

        public Quiet GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => new Last(continuation).Queue();
    }

    private sealed class Last(Action act) : IThreadPoolWorkItem
    {
        public void Queue() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

        // This is running, so nothing else is: what is pending goes first.
        public void Execute()
        {
            if (ThreadPool.PendingWorkItemCount > 0)
                Queue();
            else
                act();
        }
    }
}
