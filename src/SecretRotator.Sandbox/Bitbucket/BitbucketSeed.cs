using SecretRotator.Bitbucket;
using SecretRotator.Planning;
using SecretRotator.Providers.Backends.DeployKeys;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>Seeds workspaces, repositories, environments, variables, deploy keys, running pipelines, and the tool's credential.</summary>
internal sealed class BitbucketSeed(SandboxSeed seed)
{
    /// <summary><c>pipeline-running</c>: a pipeline runs in every repository that a target names.</summary>
    public static readonly Condition PipelineRunning = new("pipeline-running");

    private const string RunningBranch = "sandbox";
    private static readonly Duration LifeOfCredential = Duration.FromDays(200);

    // More than the ten that Bitbucket lists unless asked: a client that reads one page misses some.
    private static readonly ImmutableArray<(string Key, bool Secured)> WorkspaceVariables =
    [
        ("ARTIFACTORY_TOKEN", true), ("BUILD_CACHE", false), ("DOCKER_REGISTRY", false), ("DOCKER_REGISTRY_PASSWORD", true),
        ("LOG_LEVEL", false), ("NEXUS_TOKEN", true), ("NODE_OPTIONS", false), ("NOTIFY_WEBHOOK", true),
        ("RELEASE_CHANNEL", false), ("SENTRY_TOKEN", true), ("SONAR_TOKEN", true), ("TERRAFORM_VERSION", false),
    ];

    private static readonly ImmutableArray<(string Key, bool Secured)> RepositoryVariables =
        [("CODECOV_TOKEN", true), ("DOTNET_VERSION", false)];

    /// <summary>Adds every place that the inventory names, with some variables that it doesn't.</summary>
    public void Apply()
    {
        var inventory = seed.Inventory;
        if (seed.Once("bitbucket credentials"))
            BitbucketAuthentication.Seed(seed.State.Bitbucket);
        Add(new VariableScope.Workspace(inventory.Workspace), WorkspaceVariables);
        Add(inventory.Home, RepositoryVariables);
        AddForgotten(inventory.Workspace);
        foreach (var scope in inventory.Secrets.SelectMany(secret => secret.Targets).Select(target => target.Scope).Distinct())
        {
            Add(new VariableScope.Workspace(scope.WorkspaceSlug), WorkspaceVariables);
            if (scope.InRepository() is { } repository)
                Add(repository, RepositoryVariables);
            if (scope is VariableScope.Environment)
                Add(scope, []);
        }
    }

    /// <summary>Adds a variable, unless the scope has one of that key.</summary>
    public void Add(VariableScope scope, string key, string value, bool secured)
    {
        var variables = VariablesOf(scope);
        if (variables.Exists(variable => string.Equals(variable.Key, key, StringComparison.OrdinalIgnoreCase)))
            return;
        if (scope is not VariableScope.SshKeyPair)
            variables.Add(new VariableState { Uuid = seed.Random.BracedUuid(), Key = key, Value = value, Secured = secured });
        else if (EmulatedKeyPair.Of(value) is { } pair)
            variables.Add(pair);
    }

    /// <summary>
    /// Lets a pipeline run in every repository that a target names, for as long as a sandbox is started so, and finish afterwards. It is
    /// one pipeline throughout: what was running when a secret rotated can still be running in the next command, and have finished in the
    /// one after. The repositories exist already.
    /// </summary>
    public void ApplyRunningPipelines()
    {
        foreach (var scope in seed.Inventory.Secrets.SelectMany(secret => secret.Targets).Select(target => target.Scope).Distinct())
        {
            var workspace = seed.State.Bitbucket.Workspaces.GetValueOrDefault(scope.WorkspaceSlug);
            if (scope.InRepository() is { } named && workspace?.Repositories.GetValueOrDefault(named.Slug) is { } repository)
                ApplyRunningPipeline(repository.Pipelines);
        }
    }

    /// <summary>
    /// Puts the Bitbucket credential where the inventory says that a vault keeps it, with its end beside it; once. Managed secrets exist
    /// already.
    /// </summary>
    public void AddCredential()
    {
        if (seed.Inventory.Credential is not { } reference || !seed.Once($"credential {reference}"))
            return;
        var vault = seed.Vault(reference.Vault);
        var existing = vault.Find(reference.Path);
        var content = CredentialContent(existing, reference.Field, seed.Now);
        if (existing is null)
            vault.Create(reference.Path, new SeededSecret(content, seed.Now, "The Bitbucket credential"));
        else
            vault.Replace(reference.Path, content);
    }

    /// <summary>Puts the public key of a secret's old content among the repository's deploy keys.</summary>
    public void AddDeployKey(DeployKeyDefinition definition, string content)
    {
        using var old = SecretValue.FromText(content);
        var keys = seed.State.Bitbucket.Workspace(definition.Repository.WorkspaceSlug, seed.Random)
            .Repository(definition.Repository.Slug, seed.Random).DeployKeys;
        using var line = JsonSecret.Read(old, definition.PublicField);
#pragma warning disable RS0030 // The sandbox keeps what it emulates.
        EmulatedDeployKeys.Add(keys, line.RevealText(), definition.Label, seed.Now.ToDateTimeOffset());
#pragma warning restore RS0030
        BitbucketAuthentication.AdmitDeployKeys(seed.State.Bitbucket);
        seed.Changed = true;
    }

    /// <summary>The variables of a scope as a rotator observes them.</summary>
    public ScopeObservation Observe(VariableScope scope) => new ScopeObservation.Listed(
        [.. VariablesOf(scope).Select(variable => new ObservedVariable(variable.Uuid.Trim('{', '}'), variable.Key, variable.Secured))]);

    // The scope is made where it is missing.
    private List<VariableState> VariablesOf(VariableScope scope)
    {
        var workspace = seed.State.Bitbucket.Workspace(scope.WorkspaceSlug, seed.Random);
        return scope switch
        {
            VariableScope.Repository repository => workspace.Repository(repository.Slug, seed.Random).Variables,
            VariableScope.Environment environment =>
                workspace.Repository(environment.Slug, seed.Random).Environment(environment.Name, seed.Random).Variables,
            VariableScope.SshKeyPair pair => workspace.Repository(pair.Slug, seed.Random).KeyPair,
            _ => workspace.Variables,
        };
    }

    // A repository that the inventory doesn't name, as every workspace has them: discover finds what is in it.
    private void AddForgotten(string workspace)
    {
        var forgotten = new VariableScope.Repository(workspace, "legacy-deployer");
        if (!seed.Once($"forgotten {workspace}"))
            return;
        Add(forgotten, "AWS_ACCESS_KEY_ID", seed.Values.Text(20), secured: false);
        Add(forgotten, "AWS_SECRET_ACCESS_KEY", seed.Values.Text(40), secured: true);
        Add(forgotten, "DEPLOY_REGION", "eu-west-1", secured: false);
        Add(forgotten, "SMTP_PASSWORD", seed.Values.Text(20), secured: false);
        Add(new VariableScope.Environment(workspace, forgotten.Slug, "Production"), "DEPLOY_TOKEN", seed.Values.Text(32), secured: true);
        var repositories = seed.State.Bitbucket.Workspaces[workspace].Repositories;
        repositories[forgotten.Slug].Project = "LEGACY";
        repositories["handbook"] = new RepositoryState { Uuid = seed.Random.BracedUuid(), PipelinesEnabled = false, Project = "LEGACY" };
    }

    private void Add(VariableScope scope, ImmutableArray<(string Key, bool Secured)> variables)
    {
        if (!seed.Once($"scope {scope.WorkspaceSlug}/{scope}".ToUpperInvariant()))
            return;
        VariablesOf(scope);
        foreach (var (key, secured) in variables)
            Add(scope, key, secured ? seed.Values.Text(32) : key.ToLowerInvariant(), secured);
    }

    private void ApplyRunningPipeline(List<PipelineState> pipelines)
    {
        var running = pipelines.Find(pipeline => pipeline is { Branch: RunningBranch, State: "IN_PROGRESS" });
        switch (running, seed.Conditions.Contains(PipelineRunning))
        {
            case (null, true):
                pipelines.Add(new PipelineState
                {
                    Uuid = seed.Random.BracedUuid(),
                    BuildNumber = pipelines.Select(pipeline => pipeline.BuildNumber).DefaultIfEmpty().Max() + 1,
                    Branch = RunningBranch,
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

    private static string CredentialContent(string? existing, string? field, Instant now)
    {
        if (field is null)
            return BitbucketAuthentication.AccessToken;
        var content = string.IsNullOrEmpty(existing) ? [] : JsonNode.Parse(existing)!.AsObject();
        content[field] = BitbucketAuthentication.AccessToken;
        content.TryAdd(
            CredentialEnd.Field, (now + LifeOfCredential).InUtc().Date.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture));
        return content.ToJsonString();
    }
}
