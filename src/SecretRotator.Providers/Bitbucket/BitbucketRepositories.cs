using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>Tells a repository that can't be seen from one whose Pipelines was never switched on: for its variables Bitbucket answers 404
/// to both.</summary>
internal sealed class BitbucketRepositories(IBitbucketApi api, BitbucketCalls calls)
{
    /// <summary>Whether Pipelines is switched on; null where Bitbucket has no such repository, or Pipelines never was.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    public async Task<bool?> RunPipelinesAsync(VariableScope.Repository repository, CancellationToken cancellation)
    {
        var call = new BitbucketCall(
            CallNature.Read, $"tell whether {repository.WorkspaceSlug}/{repository.Slug} runs pipelines", repository);
        var answer = await FoundAsync(
            call, token => api.GetPipelinesConfigAsync(VariableAddresses.Of(repository), token), cancellation);
        return answer is null ? null : answer.Enabled == true;
    }

    /// <summary>Whether the credential sees a repository. Needs the scope to read repositories.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    public async Task<bool> IsSeenAsync(VariableScope.Repository repository, CancellationToken cancellation)
    {
        var call = new BitbucketCall(CallNature.Read, $"look at the repository {repository.WorkspaceSlug}/{repository.Slug}", repository)
        {
            Scopes = "\"repository\" (API token: \"read:repository:bitbucket\")",
        };
        return await FoundAsync(call, token => api.GetRepositoryAsync(VariableAddresses.Of(repository), token), cancellation) is not null;
    }

    private async Task<T?> FoundAsync<T>(BitbucketCall call, Func<CancellationToken, Task<T>> ask, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return await calls.RunAsync(call, ask, cancellation);
        }
        catch (RemoteFailureException missing) when (missing.Kind == FailureKind.NotFound)
        {
            return null;
        }
    }
}
