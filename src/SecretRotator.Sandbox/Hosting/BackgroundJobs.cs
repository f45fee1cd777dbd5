using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Sandbox.Hosting;

/// <summary>Work that a call has started and that goes on after its answer. Nothing of it outlives the sandbox.</summary>
internal interface IBackgroundJob
{
    /// <summary>What it is, for a message about its failure.</summary>
    string Name { get; }

    /// <summary>Does the work. It takes the state only for moments.</summary>
    Task RunAsync(SandboxStore store, FaultRegistry faults, TimeProvider time, CancellationToken stop);
}

/// <summary>Runs jobs beside the calls.</summary>
internal sealed class BackgroundJobs(SandboxStore store, FaultRegistry faults, TimeProvider time, Action<string>? note) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Task> _running = [];

    /// <summary>Starts a job. Doesn't wait.</summary>
    public void Start(IBackgroundJob job)
    {
        lock (_lock)
        {
            _running.RemoveAll(task => task.IsCompleted);
            _running.Add(Task.Run(() => RunAsync(job)));
        }
    }

    /// <summary>Stops what still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] running;
        lock (_lock)
            running = [.. _running];
        await Task.WhenAll(running);
        _stop.Dispose();
    }

    private async Task RunAsync(IBackgroundJob job)
    {
        try
        {
            await job.RunAsync(store, faults, time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The sandbox ends.
        }
        catch (Exception e) when (e is SandboxFailureException or System.ComponentModel.Win32Exception or ObjectDisposedException)
        {
            note?.Invoke($"The sandbox could not run {job.Name}: {e.GetType().Name}.");
        }
    }
}
