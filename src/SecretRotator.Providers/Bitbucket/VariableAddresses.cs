using System.Collections.Concurrent;
using SecretRotator.Bitbucket;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>
/// Knows where the variables of each scope live. A deployment environment's address holds its uuid, so the
/// environments of a repository are listed, once for each repository of a run.
/// </summary>
internal sealed class VariableAddresses(IBitbucketApi api, BitbucketCalls calls)
{
    private readonly ConcurrentDictionary<VariableScope.Repository, ImmutableArray<EnvironmentEntry>> _environments = new();
    private readonly ConcurrentDictionary<VariableScope.Repository, SemaphoreSlim> _oneAtATime = new();

    /// <summary>The address of a scope's variables, without slashes at its ends.</summary>
    /// <exception cref="RemoteFailureException">There is no such environment, or the environments can't be listed.</exception>
    public async ValueTask<string> OfAsync(VariableScope scope, CancellationToken cancellation) => scope switch
    {
        VariableScope.Workspace workspace => $"workspaces/{Segment(workspace.WorkspaceSlug)}/pipelines-config/variables",
        VariableScope.Repository repository => OfVariables(repository),
        VariableScope.Environment environment =>
            $"{Of(environment.InRepository())}/deployments_config/environments/"
            + $"{BitbucketUuid.InPath(await UuidAsync(environment, cancellation))}/variables",
        _ => throw new InvalidOperationException("A new kind of scope needs an address."),
    };

    /// <summary>The address of a repository's own variables, without slashes at its ends.</summary>
    public static string OfVariables(VariableScope.Repository repository) => $"{Of(repository)}/pipelines_config/variables";

    /// <summary>The repository or workspace of a scope, for people.</summary>
    public static string Place(VariableScope scope) => scope.InRepository() is { } repository
        ? $"the repository {repository.WorkspaceSlug}/{repository.Slug}"
        : $"the workspace {scope.WorkspaceSlug}";

    /// <summary>A slug as one segment of a path.</summary>
    /// <exception cref="ArgumentException">It would change the path: the inventory's parser lets no such slug pass.</exception>
    public static string Segment(string slug) =>
        slug.Length > 0 && slug is not ("." or "..") && slug.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? slug
            : throw new ArgumentException(
                "A workspace or repository slug has only letters, digits, dots, dashes and underscores.", nameof(slug));

    /// <summary>The deployment environments of a repository, listed once for each run.</summary>
    /// <exception cref="RemoteFailureException">They can't be listed.</exception>
    public async Task<ImmutableArray<VariableScope.Environment>> EnvironmentsOfAsync(
        VariableScope.Repository repository, CancellationToken cancellation) =>
        [.. (await EnvironmentsAsync(repository, cancellation))
            .Select(entry => new VariableScope.Environment(repository.WorkspaceSlug, repository.Slug, entry.Name!))];

    /// <summary>Whether administrators alone may deploy to the environment of a name; null where Bitbucket doesn't tell.</summary>
    /// <exception cref="RemoteFailureException">There is no such environment, or the environments can't be listed.</exception>
    public async Task<bool?> IsForAdministratorsAsync(VariableScope.Environment environment, CancellationToken cancellation)
    {
        var uuid = await UuidAsync(environment, cancellation);
        return (await EnvironmentsAsync(environment.InRepository(), cancellation)).First(entry => entry.Uuid == uuid).Restrictions?.AdminOnly;
    }

    /// <summary>The address of a repository.</summary>
    public static string Of(VariableScope.Repository repository) =>
        $"repositories/{Segment(repository.WorkspaceSlug)}/{Segment(repository.Slug)}";

    private async Task<string> UuidAsync(VariableScope.Environment scope, CancellationToken cancellation)
    {
        var all = await EnvironmentsAsync(scope.InRepository(), cancellation);
        var named = all.Where(e => string.Equals(e.Name, scope.Name, StringComparison.OrdinalIgnoreCase)).ToList();
        return named switch
        {
            [{ Uuid: { } uuid }] => uuid,
            [] => throw new RemoteFailureException(
                FailureKind.TargetMissing,
                Effect.Rejected,
                $"The repository {scope.WorkspaceSlug}/{scope.Slug} has no deployment environment named {scope.Name}. "
                + (all.IsEmpty
                    ? "It has none at all."
                    : $"It has: {string.Join(", ", all.Select(e => ErrorBody.OneLine(e.Name!)).Take(20))}."),
                "Create the environment in the repository's settings under Deployments, or fix its name in the inventory.")
                    .At(BitbucketCall.Service, scope.ToString()),
            _ => throw new RemoteFailureException(
                FailureKind.Conflict,
                Effect.Rejected,
                $"The repository {scope.WorkspaceSlug}/{scope.Slug} has {named.Count} deployment environments named {scope.Name}, apart "
                    + "from upper and lower case.",
                "Rename one of them: which one is meant can't be determined.").At(BitbucketCall.Service, scope.ToString()),
        };
    }

    private async Task<ImmutableArray<EnvironmentEntry>> EnvironmentsAsync(
        VariableScope.Repository repository, CancellationToken cancellation)
    {
        if (_environments.TryGetValue(repository, out var known))
            return known;
        var gate = _oneAtATime.GetOrAdd(repository, _ => new(1, 1));
        await gate.WaitAsync(cancellation);
        try
        {
            if (_environments.TryGetValue(repository, out known))
                return known;
            var call = new BitbucketCall(
                CallNature.Read, $"list the deployment environments of {repository.WorkspaceSlug}/{repository.Slug}", repository);
            var listing = new PagedListing<EnvironmentEntry>(
                calls, call, api.ListEnvironmentsAsync, $"{Of(repository)}/environments", e => BitbucketUuid.Normal(e.Uuid));
            var entries = await listing.ReadAsync(cancellation);
            if (entries.Any(e => string.IsNullOrEmpty(e.Name)))
                throw call.Incomplete("an environment has no name");
            return _environments[repository] = [.. entries.Select(e => e with { Uuid = BitbucketUuid.Normal(e.Uuid) })];
        }
        finally
        {
            gate.Release();
        }
    }
}
