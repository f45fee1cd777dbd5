namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>What Bitbucket remembers.</summary>
internal sealed class BitbucketState
{
    public SortedDictionary<string, WorkspaceState> Workspaces { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The credentials that it accepts; tokens issued to OAuth consumers are added to them.</summary>
    public List<CredentialState> Credentials { get; set; } = [];

    /// <summary>How many listings a new variable is missing from, as if the service were slow to agree with itself.</summary>
    public int ListingLag { get; set; }

    /// <summary>Whether listings are found only with a slash at the end of their path. Otherwise only without.</summary>
    public bool WantsSlash { get; set; }

    /// <summary>How many schedules a repository may have. Atlassian says that there is a limit, not which.</summary>
    public int MostSchedules { get; set; } = 20;

    /// <summary>The workspace of that slug; made where it is missing.</summary>
    public WorkspaceState Workspace(string slug, IRandomSource random) =>
        Workspaces.GetOrAdd(slug, () => new WorkspaceState { Uuid = random.BracedUuid() });
}

/// <summary>What a listing may miss, as if the service were slow to agree with itself.</summary>
internal interface IListed
{
    /// <summary>How many further listings it is missing from.</summary>
    int HiddenListings { get; set; }
}

internal sealed record CredentialState
{
    /// <summary><c>access-token</c>, <c>api-token</c>, <c>oauth-consumer</c> or <c>oauth-token</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary>The e-mail address of an API token, or the key of an OAuth consumer.</summary>
    public string? Name { get; set; }

    public string Secret { get; set; } = "";
    public List<string> Scopes { get; set; } = [];

    /// <summary>The repositories that it may see, as <c>workspace/slug</c>; null for everything.</summary>
    public List<string>? Repositories { get; set; }

    /// <summary>In the machine's time.</summary>
    public DateTimeOffset? Expires { get; set; }

    /// <summary>Never the secret.</summary>
    public override string ToString() => Kind;
}

internal sealed class WorkspaceState
{
    public string Uuid { get; set; } = "";
    public List<VariableState> Variables { get; set; } = [];
    public SortedDictionary<string, RepositoryState> Repositories { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The repository of that slug; made where it is missing.</summary>
    public RepositoryState Repository(string slug, IRandomSource random) =>
        Repositories.GetOrAdd(slug, () => new RepositoryState { Uuid = random.BracedUuid() });
}

internal sealed class RepositoryState
{
    public string Uuid { get; set; } = "";

    /// <summary>Whether Pipelines was ever switched on; without it the repository's variables answer 404.</summary>
    public bool PipelinesEnabled { get; set; } = true;

    public List<VariableState> Variables { get; set; } = [];
    public List<EnvironmentState> Environments { get; set; } = [];

    /// <summary>Its <c>bitbucket-pipelines.yml</c>, on whatever branch; null where it has none.</summary>
    public string? PipelineFile { get; set; }

    public List<PipelineState> Pipelines { get; set; } = [];
    public List<ReportState> Reports { get; set; } = [];
    public List<ScheduleState> Schedules { get; set; } = [];
    public List<DeployKeyState> DeployKeys { get; set; } = [];

    /// <summary>The SSH key pair of its pipelines, if any: the value is the private key, the uuid the public key's fingerprint.</summary>
    public List<VariableState> KeyPair { get; set; } = [];

    /// <summary>The key of the project that it is in.</summary>
    public string Project { get; set; } = "APPS";

    /// <summary>The environment of that name; made where it is missing.</summary>
    public EnvironmentState Environment(string name, IRandomSource random)
    {
        if (Environments.Find(environment => string.Equals(environment.Name, name, StringComparison.OrdinalIgnoreCase)) is not { } found)
            Environments.Add(found = new EnvironmentState { Uuid = random.BracedUuid(), Name = name });
        return found;
    }
}

internal sealed class ScheduleState : IListed
{
    public string Uuid { get; set; } = "";
    public bool Enabled { get; set; }

    /// <summary>Seven fields in UTC.</summary>
    public string Cron { get; set; } = "";

    public string Branch { get; set; } = "";

    /// <summary><c>custom</c>, or another kind of selector.</summary>
    public string SelectorType { get; set; } = "";

    /// <summary>The pipeline's name in <c>bitbucket-pipelines.yml</c>.</summary>
    public string SelectorPattern { get; set; } = "";

    public DateTimeOffset CreatedOn { get; set; }
    public DateTimeOffset UpdatedOn { get; set; }

    /// <inheritdoc />
    public int HiddenListings { get; set; }
}

internal sealed class DeployKeyState : IListed
{
    public long Id { get; set; }

    /// <summary>Kind and base64, without the comment.</summary>
    public string Key { get; set; } = "";

    public string Comment { get; set; } = "";
    public string Label { get; set; } = "";
    public DateTimeOffset AddedOn { get; set; }
    public DateTimeOffset? LastUsed { get; set; }

    /// <inheritdoc />
    public int HiddenListings { get; set; }
}

internal sealed class ReportState
{
    public string Uuid { get; set; } = "";
    public string Commit { get; set; } = "";
    public string ExternalId { get; set; } = "";
    public string Title { get; set; } = "";
    public string Details { get; set; } = "";

    /// <summary>PASSED, FAILED or PENDING.</summary>
    public string Result { get; set; } = "";

    public List<FactState> Data { get; set; } = [];
    public List<AnnotationState> Annotations { get; set; } = [];
}

internal sealed class FactState
{
    public string Title { get; set; } = "";
    public string Type { get; set; } = "";
    public string Value { get; set; } = "";
}

internal sealed class AnnotationState
{
    public string ExternalId { get; set; } = "";
    public string Type { get; set; } = "";
    public string Severity { get; set; } = "";
    public string Summary { get; set; } = "";
    public string? Details { get; set; }
    public string? Path { get; set; }
    public int? Line { get; set; }
}

internal sealed class EnvironmentState
{
    /// <summary>Whether administrators of the repository alone may deploy to it.</summary>
    public bool IsForAdministrators { get; set; }

    public string Uuid { get; set; } = "";
    public string Name { get; set; } = "";
    public List<VariableState> Variables { get; set; } = [];
}

internal sealed class VariableState : IListed
{
    public string Uuid { get; set; } = "";
    public string Key { get; set; } = "";
    public string Value { get; set; } = "";
    public bool Secured { get; set; }

    /// <summary>Whether it stays plain: some plain variables refuse to become secured.</summary>
    public bool RefusesToBeSecured { get; set; }

    /// <inheritdoc />
    public int HiddenListings { get; set; }
}

internal sealed class PipelineState
{
    public string Uuid { get; set; } = "";
    public int BuildNumber { get; set; }

    /// <summary>PENDING, IN_PROGRESS or COMPLETED.</summary>
    public string State { get; set; } = "IN_PROGRESS";

    /// <summary>SUCCESSFUL, FAILED, ERROR, STOPPED or EXPIRED once completed.</summary>
    public string? Result { get; set; }

    /// <summary>RUNNING or PAUSED while it is in progress; null counts as running.</summary>
    public string? Stage { get; set; }

    /// <summary>The branch that it runs for.</summary>
    public string Branch { get; set; } = "main";

    /// <summary>In the sandbox's time.</summary>
    public DateTimeOffset Created { get; set; }

    /// <summary>The custom pipeline's name, where it was started by a call.</summary>
    public string? Name { get; set; }

    /// <summary>What it was started with, as far as it isn't secured.</summary>
    public List<VariableState> Variables { get; set; } = [];

    /// <summary>Its one step, where it was started by a call.</summary>
    public string? StepUuid { get; set; }

    /// <summary>How far that step is, where it isn't as far as the pipeline: a step that was killed ends before its pipeline.</summary>
    public string? StepState { get; set; }

    /// <summary>What the step printed, with secured values hidden; null before it has ended.</summary>
    public string? Log { get; set; }
}
