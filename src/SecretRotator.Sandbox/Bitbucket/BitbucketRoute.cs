namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>What a path of the REST API names.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="Repository">The repository's slug, or null for something of the workspace.</param>
/// <param name="Collection">Which collection.</param>
/// <param name="Environment">The deployment environment's uuid in its variables' path, or null.</param>
/// <param name="Uuid">The uuid of one member of the collection, or null for all; for reports and annotations the report's id,
/// for a deploy key its number.</param>
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
            ["", "2.0", "repositories", var workspace] => new(workspace, null, BitbucketCollection.Repositories, null, null, slash),
            ["", "2.0", "repositories", var workspace, var repository, .. var rest] =>
                InRepository(new(workspace, repository, BitbucketCollection.Repository, null, null, slash), rest),
            _ => null,
        };
    }

    private static BitbucketRoute? InRepository(BitbucketRoute route, string[] rest) => rest switch
    {
        [] => route,
        ["pipelines_config"] => route with { Collection = BitbucketCollection.PipelinesConfig },
        ["pipelines_config", "variables", .. { Length: <= 1 } one] =>
            route with { Collection = BitbucketCollection.Variables, Uuid = one.FirstOrDefault() },
        ["pipelines_config", "ssh", "key_pair"] => route with { Collection = BitbucketCollection.KeyPair },
        ["pipelines_config", "schedules", .. { Length: <= 1 } one] =>
            route with { Collection = BitbucketCollection.Schedules, Uuid = one.FirstOrDefault() },
        ["deploy-keys", .. { Length: <= 1 } one] => route with { Collection = BitbucketCollection.DeployKeys, Uuid = one.FirstOrDefault() },
        ["environments"] => route with { Collection = BitbucketCollection.Environments },
        ["deployments_config", "environments", var environment, "variables", .. { Length: <= 1 } one] =>
            route with { Collection = BitbucketCollection.Variables, Environment = environment, Uuid = one.FirstOrDefault() },
        ["pipelines", .. { Length: <= 1 } one] => route with { Collection = BitbucketCollection.Pipelines, Uuid = one.FirstOrDefault() },
        ["pipelines", var uuid, "stopPipeline"] => route with { Collection = BitbucketCollection.Stop, Uuid = uuid },
        ["pipelines", var uuid, "steps"] => route with { Collection = BitbucketCollection.Steps, Uuid = uuid },
        ["pipelines", var uuid, "steps", var step] => route with { Collection = BitbucketCollection.Step, Uuid = uuid, Step = step },
        ["pipelines", var uuid, "steps", var step, "log"] => route with { Collection = BitbucketCollection.Log, Uuid = uuid, Step = step },
        ["commit", var commit, "reports", var report] =>
            route with { Collection = BitbucketCollection.Reports, Uuid = report, Commit = commit },
        ["commit", var commit, "reports", var report, "annotations"] =>
            route with { Collection = BitbucketCollection.Annotations, Uuid = report, Commit = commit },
        _ => null,
    };

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
    Variables,
    Environments,
    Repository,
    PipelinesConfig,
    Pipelines,
    Steps,
    Step,
    Log,
    Stop,
    Reports,
    Annotations,
    Schedules,
    Repositories,
    DeployKeys,
    KeyPair,
}
