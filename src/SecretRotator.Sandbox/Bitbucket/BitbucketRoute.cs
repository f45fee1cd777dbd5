namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>What a path of the REST API names.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="Repository">The repository's slug, or null for something of the workspace.</param>
/// <param name="Collection">Which collection.</param>
/// <param name="Environment">The deployment environment's uuid in its variables' path, or null.</param>
/// <param name="Uuid">The uuid of one member of the collection, or null for all; for reports and annotations the report's id.</param>
/// <param name="Slash">Whether the path ends in a slash.</param>
internal sealed record BitbucketRoute(
    string Workspace, string? Repository, BitbucketCollection Collection, string? Environment, string? Uuid, bool Slash)
{
    /// <summary>The commit that a report is on, or null.</summary>
    public string? Commit { get; init; }

    /// <summary>The step that is meant, or whose log is; or null.</summary>
    public string? Step { get; init; }

    /// <summary>Reads a path, or answers null where the emulator has nothing at it.</summary>
    public static BitbucketRoute? Of(string path)
    {
        var segments = path.Split('/').Select(Uri.UnescapeDataString).ToArray();
        var slash = segments is [.., ""];
        if (slash)
            segments = segments[..^1];
        return segments switch
        {
            ["", "2.0", "workspaces", var workspace, "pipelines-config", "variables", .. { Length: <= 1 } one] =>
                new(workspace, null, BitbucketCollection.Variables, null, one.FirstOrDefault(), slash),
            ["", "2.0", "repositories", var workspace, var repository, "pipelines_config", "variables", .. { Length: <= 1 } one] =>
                new(workspace, repository, BitbucketCollection.Variables, null, one.FirstOrDefault(), slash),
            ["", "2.0", "repositories", var workspace, var repository, "deployments_config", "environments", var environment, "variables", .. { Length: <= 1 } one] =>
                new(workspace, repository, BitbucketCollection.Variables, environment, one.FirstOrDefault(), slash),
            ["", "2.0", "repositories", var workspace, var repository, "environments"] =>
                new(workspace, repository, BitbucketCollection.Environments, null, null, slash),
            ["", "2.0", "repositories", var workspace, var repository] =>
                new(workspace, repository, BitbucketCollection.Repository, null, null, slash),
            ["", "2.0", "repositories", var workspace, var repository, "pipelines_config"] =>
                new(workspace, repository, BitbucketCollection.PipelinesConfig, null, null, slash),
            ["", "2.0", "repositories", var workspace, var repository, "pipelines", .. { Length: <= 1 } one] =>
                new(workspace, repository, BitbucketCollection.Pipelines, null, one.FirstOrDefault(), slash),
            ["", "2.0", "repositories", var workspace, var repository, "pipelines", var uuid, "steps"] =>
                new(workspace, repository, BitbucketCollection.Steps, null, uuid, slash),
            ["", "2.0", "repositories", var workspace, var repository, "pipelines", var uuid, "steps", var step] =>
                new(workspace, repository, BitbucketCollection.Step, null, uuid, slash) { Step = step },
            ["", "2.0", "repositories", var workspace, var repository, "pipelines", var uuid, "steps", var step, "log"] =>
                new(workspace, repository, BitbucketCollection.Log, null, uuid, slash) { Step = step },
            ["", "2.0", "repositories", var workspace, var repository, "pipelines", var uuid, "stopPipeline"] =>
                new(workspace, repository, BitbucketCollection.Stop, null, uuid, slash),
            ["", "2.0", "repositories", var workspace, var repository, "commit", var commit, "reports", var report] =>
                new(workspace, repository, BitbucketCollection.Reports, null, report, slash) { Commit = commit },
            ["", "2.0", "repositories", var workspace, var repository, "commit", var commit, "reports", var report, "annotations"] =>
                new(workspace, repository, BitbucketCollection.Annotations, null, report, slash) { Commit = commit },
            ["", "2.0", "repositories", var workspace, var repository, "pipelines_config", "schedules", .. { Length: <= 1 } one] =>
                new(workspace, repository, BitbucketCollection.Schedules, null, one.FirstOrDefault(), slash),
            ["", "2.0", "repositories", var workspace] => new(workspace, null, BitbucketCollection.Repositories, null, null, slash),
            _ => null,
        };
    }

    /// <summary>The workspace, where it exists.</summary>
    public WorkspaceState? WorkspaceIn(SandboxState state) => state.Bitbucket.Workspaces.GetValueOrDefault(Workspace);

    /// <summary>The repository, where it exists and the path names one.</summary>
    public RepositoryState? RepositoryIn(SandboxState state) =>
        Repository is null ? null : WorkspaceIn(state)?.Repositories.GetValueOrDefault(Repository);

    /// <summary>The deployment environment, where it exists and the path names one.</summary>
    public EnvironmentState? EnvironmentIn(SandboxState state) =>
        RepositoryIn(state)?.Environments.Find(e => Same(e.Uuid, Environment));

    /// <summary>The variables that the path is about, or null where they don't exist.</summary>
    public List<VariableState>? VariablesIn(SandboxState state) =>
        Repository is null ? WorkspaceIn(state)?.Variables
        : Environment is null ? RepositoryIn(state)?.Variables
        : EnvironmentIn(state)?.Variables;

    /// <summary>The variable that the path names, or null where it doesn't exist.</summary>
    public VariableState? VariableIn(SandboxState state) => VariablesIn(state)?.Find(variable => Same(variable.Uuid, Uuid));

    /// <summary>The scope in the words of faults: <c>payments-api/production</c>, <c>payments-api</c> or <c>workspace</c>.</summary>
    public string ScopeIn(SandboxState state) =>
        Repository is null ? "workspace"
        : Environment is null ? Repository
        : $"{Repository}/{EnvironmentIn(state)?.Name ?? Environment}";

    /// <summary>Whether two uuids are the same, with or without braces.</summary>
    public static bool Same(string? one, string? other) =>
        Guid.TryParse(one, out var first) && Guid.TryParse(other, out var second) && first == second;
}

/// <summary>The collections that are emulated.</summary>
internal enum BitbucketCollection
{
    /// <summary>Variables of any scope.</summary>
    Variables,

    /// <summary>Deployment environments.</summary>
    Environments,

    /// <summary>A repository itself.</summary>
    Repository,

    /// <summary>Whether it runs pipelines.</summary>
    PipelinesConfig,

    /// <summary>Pipelines.</summary>
    Pipelines,

    /// <summary>The steps of one of them.</summary>
    Steps,

    /// <summary>One of these steps.</summary>
    Step,

    /// <summary>What a step printed.</summary>
    Log,

    /// <summary>A request to stop a pipeline.</summary>
    Stop,

    /// <summary>Code Insights reports of a commit.</summary>
    Reports,

    /// <summary>The annotations of one of them.</summary>
    Annotations,

    /// <summary>Schedules of a repository's pipelines.</summary>
    Schedules,

    /// <summary>The repositories of a workspace.</summary>
    Repositories,
}
