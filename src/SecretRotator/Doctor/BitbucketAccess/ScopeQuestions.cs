using System.Collections.Concurrent;
using SecretRotator.Providers.Bitbucket;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Doctor.BitbucketAccess;

/// <summary>Asks for the variables of scopes, and finds out what a 404 means: Bitbucket says so of what isn't there and of what one may not
/// see.</summary>
internal sealed class ScopeQuestions(BitbucketConnection bitbucket)
{
    private const string Reached = "scope-reached";
    private const string Pipelines = "pipelines-enabled";

    private readonly ConcurrentDictionary<VariableScope.Repository, Lazy<Task<CheckResult>>> _unseen = new();

    /// <summary>Asks for the variables of a scope.</summary>
    public async Task<ScopeSight> AskAsync(VariableScope scope, CancellationToken cancellation)
    {
        try
        {
            await bitbucket.Variables.ListAsync(scope, cancellation);
            return new ScopeSight(scope, null, null);
        }
        catch (RemoteFailureException failure)
        {
            return new ScopeSight(scope, failure, await ExplainedAsync(scope, failure, cancellation));
        }
    }

    /// <summary>Tells of a credential that Bitbucket refuses, or of a Bitbucket that can't be asked.</summary>
    public static CheckResult Refused(RemoteFailureException failure) => CheckResult.Fail(
        CheckArea.Bitbucket, "credential-accepted", failure.Failure,
        failure.Kind == FailureKind.Unauthenticated
            ? "Every call will be refused so: nothing can be rotated, and nothing further was asked."
            : "Nothing can be rotated while Bitbucket can't be asked, and nothing further was asked.",
        "Run doctor again.");

    /// <summary>Whether Pipelines is switched on in the repositories of some scopes: one call a repository.</summary>
    public async Task<ImmutableArray<CheckResult>> PipelinesAsync(
        ImmutableArray<VariableScope> scopes, int parallelism, CancellationToken cancellation)
    {
        ImmutableArray<VariableScope.Repository> repositories =
        [
            .. scopes.Select(scope => scope.InRepository()).OfType<VariableScope.Repository>().Distinct(),
        ];
        var answers = await CheckRunner.EachAsync(repositories, parallelism, RunsPipelinesAsync, cancellation);
        var findings = answers.OfType<CheckResult>().ToImmutableArray();
        return findings.IsEmpty && !repositories.IsEmpty
            ? [CheckResult.Pass(
                CheckArea.Bitbucket, Pipelines,
                $"Pipelines is switched on in {string.Join(", ", repositories.Select(repository => repository.Slug))}.")]
            : findings;
    }

    private async Task<CheckResult?> RunsPipelinesAsync(VariableScope.Repository repository, CancellationToken cancellation)
    {
        try
        {
            return await bitbucket.Repositories.RunPipelinesAsync(repository, cancellation) == true
                ? null
                : SwitchedOff(repository, CheckStatus.Warn);
        }
        catch (RemoteFailureException failure)
        {
            return CheckResult.Unknown(
                CheckArea.Bitbucket, Pipelines, failure.Failure, "Whether pipelines run there couldn't be told.") with
            { Scope = repository };
        }
    }

    private async Task<CheckResult> ExplainedAsync(VariableScope scope, RemoteFailureException failure, CancellationToken cancellation)
    {
        if (failure.Kind == FailureKind.NotFound && scope.InRepository() is { } repository)
            return await _unseen.GetOrAdd(repository, key => new(() => ExplainAsync(key, cancellation))).Value;
        return CheckResult.Fail(
            CheckArea.Bitbucket, Reached, failure.Message,
            $"Secrets with targets in {scope} are blocked.",
            failure.Kind == FailureKind.NotFound && scope is VariableScope.Workspace
                ? "Check the workspace's name. A repository's or a project's access token doesn't see the workspace "
                + $"{scope.WorkspaceSlug}: use a workspace's token, or an API token of someone who may see it."
                : failure.Hint ?? "Run doctor again.") with
        { Scope = scope, Failure = failure.Failure };
    }

    private async Task<CheckResult> ExplainAsync(VariableScope.Repository repository, CancellationToken cancellation)
    {
        try
        {
            if (await bitbucket.Repositories.RunPipelinesAsync(repository, cancellation) is { } runs)
                return runs
                    ? Hidden(repository, "its variables aren't shown, though Pipelines is switched on")
                    : SwitchedOff(repository, CheckStatus.Fail);
            return await bitbucket.Repositories.IsSeenAsync(repository, cancellation)
                ? SwitchedOff(repository, CheckStatus.Fail)
                : Hidden(repository, "404, which Bitbucket also answers for a repository that the credential has no access to");
        }
        catch (RemoteFailureException failure) when (failure.Kind == FailureKind.AccessDenied)
        {
            return Hidden(
                repository,
                "404; whether it isn't there, isn't shown or never ran pipelines can't be determined without the scope \"repository\"");
        }
        catch (RemoteFailureException failure)
        {
            return Hidden(repository, $"404; what that means couldn't be asked: {failure.Message}");
        }
    }

    private static CheckResult Hidden(VariableScope.Repository repository, string what) => CheckResult.Fail(
        CheckArea.Bitbucket, Reached, $"{repository.WorkspaceSlug}/{repository.Slug} can't be reached: {what}.",
        "Secrets with targets there are blocked.",
        "Give the credential access to it, or correct the name in the inventory. An access token sees the repository, project or "
            + "workspace that it was made in and nothing else.") with
    { Scope = repository };

    private static CheckResult SwitchedOff(VariableScope.Repository repository, CheckStatus status) =>
        new(CheckArea.Bitbucket, Pipelines, status, $"Pipelines is not switched on in {repository.WorkspaceSlug}/{repository.Slug}.")
        {
            Scope = repository,
            Why = status == CheckStatus.Fail
                ? "Its variables can't be listed or changed: Bitbucket answers 404 to everything there."
                : "Its variables can be changed, but no pipeline reads them.",
            Fix = $"Switch it on: https://bitbucket.org/{repository.WorkspaceSlug}/{repository.Slug}/admin/pipelines/settings, or take "
                + "its targets out of the inventory.",
        };
}

/// <summary>What became of the question for one scope's variables.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Failure">Why it can't be listed, or null where it can.</param>
/// <param name="Finding">What that means, or null where nothing is wrong with the scope itself.</param>
internal sealed record ScopeSight(VariableScope Scope, RemoteFailureException? Failure, CheckResult? Finding);
