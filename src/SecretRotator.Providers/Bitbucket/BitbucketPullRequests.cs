using System.Text.Json.Nodes;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>Comments on pull requests.</summary>
internal sealed class BitbucketPullRequests(IBitbucketApi api, BitbucketCalls calls)
{
    /// <summary>Adds a comment. One whose answer is missing is sent again: a comment that is there twice does less harm than
    /// none.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="id">The pull request's number.</param>
    /// <param name="markdown">The comment.</param>
    /// <param name="cancellation">Stops the tries.</param>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    public Task CommentAsync(VariableScope.Repository repository, int id, string markdown, CancellationToken cancellation)
    {
        // Atlassian's description asks for no more to comment than to read.
        var call = new BitbucketCall(
            CallNature.Repeatable, $"comment on the pull request {repository.WorkspaceSlug}/{repository.Slug} #{id}", repository)
        {
            Scopes = "\"pullrequest\" (API token: \"read:pullrequest:bitbucket\")",
        };
        return calls.RunAsync(
            call,
            () => JsonBody.Of(new JsonObject { ["type"] = "pullrequest_comment", ["content"] = new JsonObject { ["raw"] = markdown } }),
            (content, token) => api.PostCommentAsync(VariableAddresses.Of(repository), id, content, token),
            cancellation);
    }
}
