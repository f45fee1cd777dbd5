using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;
using SecretRotator.Rotation;

namespace SecretRotator.Providers.Bitbucket.CodeInsights;

/// <summary>
/// Puts a run's report on the commit that the pipeline runs on. The run doesn't depend on it: what can't be published is a
/// line in the log, and it takes neither the calls nor the time that the run needs.
/// </summary>
/// <param name="api">The calls.</param>
/// <param name="calls">Paces and repeats them.</param>
/// <param name="commit">The commit.</param>
/// <param name="lost">Told why a report isn't there, or not whole.</param>
internal sealed class InsightPublisher(IBitbucketApi api, BitbucketCalls calls, CommitFacts commit, Action<string> lost)
{
    /// <summary>What the report is called in Bitbucket. A later one of the same commit takes its place.</summary>
    public const string ReportId = "secret-rotator";

    private VariableScope.Repository Repository => new(commit.Workspace, commit.Repository);

    /// <summary>Publishes a report in place of the former one. Throws nothing that comes from Bitbucket, the network or a
    /// cancellation.</summary>
    public async Task PublishAsync(InsightReport report, CancellationToken cancellation)
    {
        var batches = InsightJson.Worst(report).Chunk(InsightJson.MostAtOnce).ToArray();
        var needed = 2 + batches.Length;
        if (calls.CallsLeft < needed)
        {
            lost($"Code Insights: not published, as it takes {needed} calls of Bitbucket and the hourly budget has {calls.CallsLeft} left.");
            return;
        }

        using var limit = new CancellationTokenSource(calls.Patience.Report, calls.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            await ReplaceAsync(report, batches, either.Token);
        }
        catch (RemoteFailureException failure)
        {
            lost($"Code Insights: {FailureMessages.Text(failure.Failure)}");
        }
        catch (OperationCanceledException)
        {
            lost(cancellation.IsCancellationRequested
                ? "Code Insights: stopped before the report was whole."
                : $"Code Insights: Bitbucket took no whole report within {calls.Patience.Report.TotalSeconds:0} seconds.");
        }
    }

    // A PUT keeps the annotations of the report that it replaces, and a POST adds to them: what is fixed by now would stay.
    private async Task ReplaceAsync(InsightReport report, InsightAnnotation[][] batches, CancellationToken cancellation)
    {
        var address = $"{VariableAddresses.Of(Repository)}/commit/{commit.Commit}/reports/{ReportId}";

        // If it is the repository that can't be seen, the PUT says so.
        await calls.DeleteAsync(Call("remove the former report"), token => api.DeleteAsync(address, token), cancellation);
        await calls.RunAsync(
            Call("put the report"), () => InsightJson.Report(report), (content, token) => api.PutReportAsync(address, content, token),
            cancellation);
        foreach (var batch in batches)
        {
            // Each annotation has an id of its own, so a POST that is repeated changes what the first one made.
            await calls.RunAsync(
                Call("post the annotations of the report"), () => InsightJson.Annotations(batch),
                (content, token) => api.PostAnnotationsAsync(address, content, token), cancellation);
        }
    }

    private BitbucketCall Call(string doing) => new(
        CallNature.Repeatable,
        $"{doing} on the commit {commit.Commit[..Math.Min(12, commit.Commit.Length)]} of {commit.Workspace}/{commit.Repository}",
        Repository)
    {
        Scopes = "\"repository\" (API token: \"read:repository:bitbucket\")",
    };
}

/// <summary>The commit that a pipeline runs on.</summary>
/// <param name="Workspace">The workspace's slug.</param>
/// <param name="Repository">The repository's slug.</param>
/// <param name="Commit">The commit's hash, in hexadecimal digits.</param>
internal sealed record CommitFacts(string Workspace, string Repository, string Commit);
