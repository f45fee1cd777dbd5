namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>What the Bitbucket stand-in remembers.</summary>
internal sealed class BitbucketState
{
    public SortedDictionary<string, WorkspaceState> Workspaces { get; set; } = new(StringComparer.OrdinalIgnoreCase);
}

internal sealed class WorkspaceState
{
    public string Uuid { get; set; } = "";

    public List<VariableState> Variables { get; set; } = [];

    public SortedDictionary<string, RepositoryState> Repositories { get; set; } = new(StringComparer.OrdinalIgnoreCase);
}

internal sealed class RepositoryState
{
    public string Uuid { get; set; } = "";

    public List<VariableState> Variables { get; set; } = [];

    public List<EnvironmentState> Environments { get; set; } = [];

    public List<PipelineState> Pipelines { get; set; } = [];
}

internal sealed class EnvironmentState
{
    public string Uuid { get; set; } = "";

    public string Name { get; set; } = "";

    public List<VariableState> Variables { get; set; } = [];
}

internal sealed class VariableState
{
    public string Uuid { get; set; } = "";

    public string Key { get; set; } = "";

    public string Value { get; set; } = "";

    public bool Secured { get; set; }
}

internal sealed class PipelineState
{
    public string Uuid { get; set; } = "";

    public int BuildNumber { get; set; }

    /// <summary>PENDING, IN_PROGRESS or COMPLETED.</summary>
    public string State { get; set; } = "IN_PROGRESS";

    /// <summary>SUCCESSFUL, FAILED, ERROR, STOPPED or EXPIRED once completed.</summary>
    public string? Result { get; set; }
}
