using SecretRotator.Bitbucket;
using SecretRotator.Discovery;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>Repositories, environments and the keys of variables in Bitbucket Cloud.</summary>
internal sealed class BitbucketScopes(
    IBitbucketApi api, BitbucketCalls calls, CallPacer pacer, VariableAddresses addresses, IVariableReader variables) : IScopeReader
{
    /// <inheritdoc />
    public long CallsMade => pacer.Calls;

    /// <inheritdoc />
    public int CallsLeft => pacer.CallsLeft;

    /// <inheritdoc />
    public async Task<ImmutableArray<VariableScope.Repository>> ListRepositoriesAsync(
        string workspace, string? project, CancellationToken cancellation)
    {
        var call = new BitbucketCall(
            CallNature.Read, $"list the repositories of {workspace}{(project is null ? "" : $" in the project {project}")}",
            new VariableScope.Workspace(workspace))
        {
            Scopes = "\"repository\" (API token: \"read:repository:bitbucket\")",
        };
        var query = project is null ? null : $"project.key=\"{project}\"";
        var entries = await new PagedListing<RepositoryEntry>(
            calls, call, (address, pagelen, page, token) => api.ListRepositoriesAsync(address, query, pagelen, page, token),
            $"repositories/{VariableAddresses.Segment(workspace)}", entry => BitbucketUuid.Normal(entry.Uuid)).ReadAsync(cancellation);
        if (entries.Any(entry => string.IsNullOrEmpty(entry.Slug)))
            throw call.Incomplete("a repository has no slug");
        return [.. entries.Select(entry => new VariableScope.Repository(workspace, entry.Slug!.ToLowerInvariant()))
            .OrderBy(repository => repository.Slug, StringComparer.Ordinal)];
    }

    /// <inheritdoc />
    public Task<ImmutableArray<VariableScope.Environment>> ListEnvironmentsAsync(
        VariableScope.Repository repository, CancellationToken cancellation) =>
        addresses.EnvironmentsOfAsync(repository, cancellation);

    /// <inheritdoc />
    public Task<ImmutableArray<ObservedVariable>> ListAsync(VariableScope scope, CancellationToken cancellation) =>
        variables.ListAsync(scope, cancellation);
}
