using System.Collections.Immutable;
using SecretRotator.Inventory;
using SecretRotator.Sandbox.Bitbucket;

namespace SecretRotator.Sandbox.Seeding;

/// <summary>Furnishes workspaces, repositories, environments and variables.</summary>
internal sealed class BitbucketSeed(SandboxState state, SeedValues values)
{
    // More than the ten that Bitbucket lists unless asked: whoever reads one page only misses some.
    private static readonly ImmutableArray<(string Key, bool Secured)> WorkspaceVariables =
    [
        ("ARTIFACTORY_TOKEN", true), ("BUILD_CACHE", false), ("DOCKER_REGISTRY", false), ("DOCKER_REGISTRY_PASSWORD", true),
        ("LOG_LEVEL", false), ("NEXUS_TOKEN", true), ("NODE_OPTIONS", false), ("NOTIFY_WEBHOOK", true),
        ("RELEASE_CHANNEL", false), ("SENTRY_TOKEN", true), ("SONAR_TOKEN", true), ("TERRAFORM_VERSION", false),
    ];

    private static readonly ImmutableArray<(string Key, bool Secured)> RepositoryVariables = [("CODECOV_TOKEN", true), ("DOTNET_VERSION", false)];

    /// <summary>Every place that the inventory names, with some variables that it doesn't.</summary>
    public void Furnish(RotationInventory inventory)
    {
        if (state.Seeded.Add("bitbucket credentials"))
            BitbucketAuthentication.Furnish(state.Bitbucket);
        Furnish(new VariableScope.Workspace(inventory.Workspace), WorkspaceVariables);
        Furnish(inventory.Home, RepositoryVariables);
        FurnishForgotten(inventory.Workspace);
        foreach (var scope in inventory.Secrets.SelectMany(secret => secret.Targets).Select(target => target.Scope).Distinct())
        {
            Furnish(new VariableScope.Workspace(scope.WorkspaceSlug), WorkspaceVariables);
            if (scope is VariableScope.Environment environment)
                Furnish(new VariableScope.Repository(environment.WorkspaceSlug, environment.Slug), RepositoryVariables);
            Furnish(scope, scope is VariableScope.Repository ? RepositoryVariables : []);
        }
    }

    // A repository that the inventory knows nothing of, as every workspace has them: discover finds what is in it.
    private void FurnishForgotten(string workspace)
    {
        var forgotten = new VariableScope.Repository(workspace, "legacy-deployer");
        if (!state.Seeded.Add($"forgotten {workspace}"))
            return;
        Add(forgotten, "AWS_ACCESS_KEY_ID", values.Text(20), secured: false);
        Add(forgotten, "AWS_SECRET_ACCESS_KEY", values.Text(40), secured: true);
        Add(forgotten, "DEPLOY_REGION", "eu-west-1", secured: false);
        Add(forgotten, "SMTP_PASSWORD", values.Text(20), secured: false);
        Add(new VariableScope.Environment(workspace, forgotten.Slug, "Production"), "DEPLOY_TOKEN", values.Text(32), secured: true);
        state.Bitbucket.Workspaces[workspace].Repositories[forgotten.Slug].Project = "LEGACY";
        state.Bitbucket.Workspaces[workspace].Repositories["handbook"] = new RepositoryState { Uuid = values.BracedUuid(), PipelinesEnabled = false, Project = "LEGACY" };
    }

    /// <summary>Adds a variable, unless the scope has one of that key.</summary>
    public void Add(VariableScope scope, string key, string value, bool secured)
    {
        if (VariablesOf(scope) is var variables && !variables.Exists(variable => string.Equals(variable.Key, key, StringComparison.OrdinalIgnoreCase)))
            variables.Add(new VariableState { Uuid = values.BracedUuid(), Key = key, Value = value, Secured = secured });
    }

    /// <summary>The variables of a scope, which is made where it is missing.</summary>
    public List<VariableState> VariablesOf(VariableScope scope)
    {
        if (!state.Bitbucket.Workspaces.TryGetValue(scope.WorkspaceSlug, out var workspace))
            state.Bitbucket.Workspaces[scope.WorkspaceSlug] = workspace = new WorkspaceState { Uuid = values.BracedUuid() };
        return scope switch
        {
            VariableScope.Repository repository => Repository(workspace, repository.Slug).Variables,
            VariableScope.Environment environment => Environment(Repository(workspace, environment.Slug), environment.Name).Variables,
            _ => workspace.Variables,
        };
    }

    private void Furnish(VariableScope scope, ImmutableArray<(string Key, bool Secured)> variables)
    {
        if (!state.Seeded.Add($"scope {scope.WorkspaceSlug}/{scope}".ToUpperInvariant()))
            return;
        VariablesOf(scope);
        foreach (var (key, secured) in variables)
            Add(scope, key, secured ? values.Text(32) : key.ToLowerInvariant(), secured);
    }

    private RepositoryState Repository(WorkspaceState workspace, string slug)
    {
        if (!workspace.Repositories.TryGetValue(slug, out var repository))
            workspace.Repositories[slug] = repository = new RepositoryState { Uuid = values.BracedUuid() };
        return repository;
    }

    private EnvironmentState Environment(RepositoryState repository, string name)
    {
        if (repository.Environments.Find(environment => string.Equals(environment.Name, name, StringComparison.OrdinalIgnoreCase)) is not { } found)
            repository.Environments.Add(found = new EnvironmentState { Uuid = values.BracedUuid(), Name = name });
        return found;
    }
}
