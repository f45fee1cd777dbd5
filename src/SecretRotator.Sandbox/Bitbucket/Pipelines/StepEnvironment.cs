namespace SecretRotator.Sandbox.Bitbucket.Pipelines;

/// <summary>What a step sees: nothing of this machine, Bitbucket's own variables, and those of every scope by precedence.</summary>
internal static class StepEnvironment
{
    /// <summary>The variables by key. A narrower scope wins, and what the pipeline was started with wins over all.</summary>
    public static ImmutableDictionary<string, StepVariable> Of(
        SandboxState state, PipelineJob job, PipelineState pipeline, string? environment)
    {
        var workspace = state.Bitbucket.Workspaces[job.Workspace];
        var repository = workspace.Repositories[job.Repository];
        var deployment = repository.Environments.Find(e => string.Equals(e.Name, environment, StringComparison.OrdinalIgnoreCase));
        var seen = ImmutableDictionary.CreateBuilder<string, StepVariable>(StringComparer.Ordinal);
        void Add(IEnumerable<StepVariable> variables)
        {
            foreach (var variable in variables)
                seen[variable.Key] = variable;
        }

        Add(
        [
            Plain("PATH", "/usr/local/bin:/usr/bin:/bin"),
            Plain("CI", "true"),
            Plain("BITBUCKET_WORKSPACE", job.Workspace),
            Plain("BITBUCKET_REPO_SLUG", job.Repository),
            Plain("BITBUCKET_REPO_FULL_NAME", $"{job.Workspace}/{job.Repository}"),
            Plain("BITBUCKET_REPO_UUID", repository.Uuid),
            Plain("BITBUCKET_BRANCH", job.Branch),
            Plain("BITBUCKET_BUILD_NUMBER", pipeline.BuildNumber.ToString(CultureInfo.InvariantCulture)),
            Plain("BITBUCKET_PIPELINE_UUID", pipeline.Uuid),
            Plain("BITBUCKET_STEP_UUID", pipeline.StepUuid ?? ""),
        ]);
        if (deployment is not null)
        {
            Add(
            [
                Plain("BITBUCKET_DEPLOYMENT_ENVIRONMENT", deployment.Name),
                Plain("BITBUCKET_DEPLOYMENT_ENVIRONMENT_UUID", deployment.Uuid),
            ]);
        }

        Add(workspace.Variables.Select(Of));
        Add(repository.Variables.Select(Of));
        Add(deployment?.Variables.Select(Of) ?? []);
        Add(job.Variables);
        return seen.ToImmutable();
    }

    private static StepVariable Of(VariableState variable) => new(variable.Key, variable.Value, variable.Secured);

    private static StepVariable Plain(string key, string value) => new(key, value, Secured: false);
}
