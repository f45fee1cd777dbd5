using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>
/// Lets a pipeline run in every repository that a target names, for as long as a sandbox is started so. It is one pipeline
/// throughout: what was running when a secret rotated can still be running in the next command, and have finished in the one after.
/// </summary>
internal static class RunningPipelineSeed
{
    /// <summary><c>pipeline-running</c>: a pipeline runs in every repository that a target names.</summary>
    public static readonly Condition PipelineRunning = new("pipeline-running");

    private const string Branch = "sandbox";

    /// <summary>Starts the pipelines, or lets them finish. The repositories exist already.</summary>
    public static void Apply(SandboxSeed seed)
    {
        foreach (var scope in seed.Inventory.Secrets.SelectMany(secret => secret.Targets).Select(target => target.Scope).Distinct())
        {
            var workspace = seed.State.Bitbucket.Workspaces.GetValueOrDefault(scope.WorkspaceSlug);
            if (scope.InRepository() is { } named && workspace?.Repositories.GetValueOrDefault(named.Slug) is { } repository)
                Apply(seed, repository.Pipelines);
        }
    }

    private static void Apply(SandboxSeed seed, List<PipelineState> pipelines)
    {
        var running = pipelines.Find(pipeline => pipeline is { Branch: Branch, State: "IN_PROGRESS" });
        switch (running, seed.Conditions.Contains(PipelineRunning))
        {
            case (null, true):
                pipelines.Add(new PipelineState
                {
                    Uuid = seed.Random.BracedUuid(),
                    BuildNumber = pipelines.Select(pipeline => pipeline.BuildNumber).DefaultIfEmpty().Max() + 1,
                    Branch = Branch,
                    Created = seed.Now.ToDateTimeOffset(),
                });
                seed.Changed = true;
                break;
            case ({ } ended, false):
                (ended.State, ended.Result) = ("COMPLETED", "SUCCESSFUL");
                seed.Changed = true;
                break;
        }
    }
}
