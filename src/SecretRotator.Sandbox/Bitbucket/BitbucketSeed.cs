using SecretRotator.Bitbucket;
using SecretRotator.Planning;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox.Bitbucket;

/// <summary>Seeds workspaces, repositories, environments and variables.</summary>
internal sealed class BitbucketSeed(SandboxSeed seed)
{
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
}
