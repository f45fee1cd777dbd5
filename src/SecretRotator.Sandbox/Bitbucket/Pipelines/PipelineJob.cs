using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Hosting;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Sandbox.Bitbucket.Pipelines;

/// <summary>A pipeline that was started and is to run. It is kept in memory only, for its variables may be secured.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="Repository">The repository's slug.</param>
/// <param name="Uuid">The pipeline, as the state has it.</param>
/// <param name="Branch">The branch that it was started on.</param>
/// <param name="Pipeline">The custom pipeline's name.</param>
/// <param name="Variables">What it was given with its start.</param>
internal sealed record PipelineJob(
    string Workspace, string Repository, string Uuid, string Branch, string Pipeline, ImmutableArray<StepVariable> Variables)
    : IBackgroundJob
{
    private const string Garbled = "<!DOCTYPE html><html><body><h1>Please sign in to the guest network</h1>";
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    public string Name => $"the pipeline {Pipeline} of {Repository}";

    /// <summary>Runs its step: takes the state to begin and to end.</summary>
    public async Task RunAsync(SandboxStore store, FaultRegistry faults, TimeProvider time, CancellationToken stop)
    {
        var fault = faults.Meet(BitbucketEmulator.Name, new CallName("step", $"{Repository}:{Pipeline}"))?.Effect;
        if (fault is FaultEffect.Hold && !await faults.HoldAsync())
            return;
        if (await store.UseAsync(Begin, stop) is not var (step, variables))
            return;
        if (fault is FaultEffect.Delay late)
            await Task.Delay(late.By, time, stop);
        var (log, result) = fault is FaultEffect.Status ? ("", "ERROR") : await StepAsync(step, variables, time, stop);
        await store.UseAsync(state => (true, End(state, fault is FaultEffect.Garbage ? Garbled : log, result)), stop);
    }

    private static async Task<(string Log, string Result)> StepAsync(
        ScriptStep step, ImmutableDictionary<string, StepVariable> variables, TimeProvider time, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        try
        {
            var (log, succeeded) = await StepProcess.RunAsync(step.Script, variables, either.Token);
            return (log, succeeded ? "SUCCESSFUL" : "FAILED");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return ("", "EXPIRED");
        }
    }

    private ((ScriptStep Step, ImmutableDictionary<string, StepVariable> Variables)? Started, bool Changed) Begin(SandboxState state)
    {
        if (Find(state) is not var (repository, pipeline) || pipeline.State != "PENDING"
            || PipelineFile.Find(repository.PipelineFile, Pipeline) is not { } step)
            return (null, false);
        pipeline.State = "IN_PROGRESS";
        return ((step, VariablesOf(state.Bitbucket.Workspaces[Workspace], repository, pipeline, step.Environment)), true);
    }

    // What a step sees: nothing of this machine, Bitbucket's own variables, and those of every scope. A narrower scope wins, and what the
    // pipeline was started with wins over all.
    private ImmutableDictionary<string, StepVariable> VariablesOf(
        WorkspaceState workspace, RepositoryState repository, PipelineState pipeline, string? environment)
    {
        var deployment = repository.Environments.Find(e => string.Equals(e.Name, environment, StringComparison.OrdinalIgnoreCase));
        StepVariable[] ofDeployment = deployment is null ? [] :
        [
            new("BITBUCKET_DEPLOYMENT_ENVIRONMENT", deployment.Name), new("BITBUCKET_DEPLOYMENT_ENVIRONMENT_UUID", deployment.Uuid),
        ];
        StepVariable[] all =
        [
            new("PATH", "/usr/local/bin:/usr/bin:/bin"),
            new("CI", "true"),
            new("BITBUCKET_WORKSPACE", Workspace),
            new("BITBUCKET_REPO_SLUG", Repository),
            new("BITBUCKET_REPO_FULL_NAME", $"{Workspace}/{Repository}"),
            new("BITBUCKET_REPO_UUID", repository.Uuid),
            new("BITBUCKET_BRANCH", Branch),
            new("BITBUCKET_BUILD_NUMBER", pipeline.BuildNumber.ToString(CultureInfo.InvariantCulture)),
            new("BITBUCKET_PIPELINE_UUID", pipeline.Uuid),
            new("BITBUCKET_STEP_UUID", pipeline.StepUuid ?? ""),
            .. ofDeployment,
            .. workspace.Variables.Select(Of),
            .. repository.Variables.Select(Of),
            .. deployment?.Variables.Select(Of) ?? [],
            .. Variables,
        ];
        var seen = ImmutableDictionary.CreateBuilder<string, StepVariable>(StringComparer.Ordinal);
        foreach (var variable in all)
            seen[variable.Key] = variable;
        return seen.ToImmutable();

        static StepVariable Of(VariableState variable) => new(variable.Key, variable.Value, variable.Secured);
    }

    // One that was told to stop meanwhile has ended already.
    private bool End(SandboxState state, string log, string result)
    {
        if (Find(state) is not var (_, pipeline) || pipeline.State != "IN_PROGRESS")
            return false;
        (pipeline.State, pipeline.Result, pipeline.Log) = ("COMPLETED", result, log);
        return true;
    }

    private (RepositoryState Repository, PipelineState Pipeline)? Find(SandboxState state) =>
        state.Bitbucket.Workspaces.GetValueOrDefault(Workspace)?.Repositories.GetValueOrDefault(Repository) is { } repository
        && repository.Pipelines.Find(p => p.Uuid == Uuid) is { } pipeline
            ? (repository, pipeline)
            : null;
}

/// <summary>A variable as a step gets it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
/// <param name="Secured">Whether the log hides it.</param>
internal sealed record StepVariable(string Key, string Value, bool Secured = false);
