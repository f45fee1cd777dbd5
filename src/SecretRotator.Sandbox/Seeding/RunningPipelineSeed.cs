using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>
/// Lets a pipeline run in every repository that a target names, for as long as a sandbox is started so. It is one pipeline
/// throughout: what was running when a secret rotated can still be running in the next command, and have finished in the one after.
/// </summary>
internal sealed class RunningPipelineSeed(SandboxState state, SeedValues values)
{
    private const string Branch = "rehearsal";

    /// <summary>Starts the pipelines, or lets them finish. Answers whether anything changed.</summary>
    public bool Apply(RotationInventory inventory, bool runs, Instant now)
    {
        var changed = false;
        foreach (var scope in inventory.Secrets.SelectMany(secret => secret.Targets).Select(target => target.Scope).Distinct())
        {
            var slug = (scope as VariableScope.Repository)?.Slug ?? (scope as VariableScope.Environment)?.Slug;
            if (slug is not null && state.Bitbucket.Workspaces.GetValueOrDefault(scope.WorkspaceSlug)?.Repositories.GetValueOrDefault(slug) is { } repository)
                changed |= Apply(repository.Pipelines, runs, now);
        }

        return changed;
    }

    private bool Apply(List<PipelineState> pipelines, bool runs, Instant now)
    {
        var running = pipelines.Find(pipeline => pipeline is { Branch: Branch, State: "IN_PROGRESS" });
        switch (running, runs)
        {
            case (null, true):
                pipelines.Add(new PipelineState
                {
                    Uuid = values.BracedUuid(),
                    BuildNumber = pipelines.Select(pipeline => pipeline.BuildNumber).DefaultIfEmpty().Max() + 1,
                    Branch = Branch,
                    Created = now.ToDateTimeOffset(),
                });
                return true;
            case ({ } ended, false):
                (ended.State, ended.Result) = ("COMPLETED", "SUCCESSFUL");
                return true;
            default:
                return false;
        }
    }
}
