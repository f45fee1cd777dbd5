using System.Collections.Immutable;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Sandbox.Pipelines;

/// <summary>
/// Runs pipelines that were started, beside the calls: each takes the state only to begin and to end. Nothing of it
/// outlives the sandbox.
/// </summary>
internal sealed class StepRunner(SandboxStore store, FaultRegistry faults, TimeProvider time, Action<string>? note) : IAsyncDisposable
{
    private const string Garbled = "<!DOCTYPE html><html><body><h1>Please sign in to the guest network</h1>";
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<Task> _running = [];

    /// <summary>Lets a pipeline run. Doesn't wait.</summary>
    public void Start(PipelineJob job)
    {
        lock (_lock)
        {
            _running.RemoveAll(task => task.IsCompleted);
            _running.Add(Task.Run(() => RunAsync(job)));
        }
    }

    /// <summary>Stops what still runs, and kills its processes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] running;
        lock (_lock)
            running = [.. _running];
        await Task.WhenAll(running);
        _stop.Dispose();
    }

    private async Task RunAsync(PipelineJob job)
    {
        try
        {
            var fault = faults.Meet("bitbucket", new CallName("step", $"{job.Repository}:{job.Name}"))?.Effect;
            if (fault is FaultEffect.Hold && !await faults.HoldAsync())
                return;
            if (await BeginAsync(job) is not var (step, variables))
                return;
            if (fault is FaultEffect.Delay late)
                await Task.Delay(late.By, time, _stop.Token);
            var (log, result) = fault is FaultEffect.Status ? ("", "ERROR") : await StepAsync(step, variables);
            await EndAsync(job, fault is FaultEffect.Garbage ? Garbled : log, result);
        }
        catch (OperationCanceledException)
        {
            // The sandbox ends.
        }
        catch (Exception e) when (e is SandboxFailureException or System.ComponentModel.Win32Exception or ObjectDisposedException)
        {
            note?.Invoke($"The sandbox could not run the pipeline {job.Name} of {job.Repository}: {e.GetType().Name}.");
        }
    }

    private async Task<(string Log, string Result)> StepAsync(ScriptStep step, ImmutableDictionary<string, StepVariable> variables)
    {
        using var limit = new CancellationTokenSource(Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
        try
        {
            var (log, succeeded) = await StepProcess.RunAsync(step.Script, variables, either.Token);
            return (log, succeeded ? "SUCCESSFUL" : "FAILED");
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return ("", "EXPIRED");
        }
    }

    private Task<(ScriptStep Step, ImmutableDictionary<string, StepVariable> Variables)?> BeginAsync(PipelineJob job) =>
        store.UseAsync<(ScriptStep, ImmutableDictionary<string, StepVariable>)?>(
            state =>
            {
                if (Find(state, job) is not { Pipeline: { State: "PENDING" } pipeline } found || PipelineFile.Find(found.Repository.PipelineFile, job.Name) is not { } step)
                    return (null, false);
                pipeline.State = "IN_PROGRESS";
                return ((step, StepEnvironment.Of(state, job, pipeline, step.Environment)), true);
            },
            _stop.Token);

    // One that was told to stop meanwhile has ended already.
    private Task<bool> EndAsync(PipelineJob job, string log, string result) => store.UseAsync(
        state =>
        {
            if (Find(state, job) is not { Pipeline: { State: "IN_PROGRESS" } pipeline })
                return (false, false);
            (pipeline.State, pipeline.Result, pipeline.Log) = ("COMPLETED", result, log);
            return (true, true);
        },
        _stop.Token);

    private static (RepositoryState Repository, PipelineState Pipeline)? Find(SandboxState state, PipelineJob job) =>
        state.Bitbucket.Workspaces.GetValueOrDefault(job.Workspace)?.Repositories.GetValueOrDefault(job.Repository) is { } repository
        && repository.Pipelines.Find(p => p.Uuid == job.Uuid) is { } pipeline
            ? (repository, pipeline)
            : null;
}
