using NodaTime.Text;
using SecretRotator.Bitbucket;
using SecretRotator.Providers.Bitbucket.Api;
using SecretRotator.Providers.Bitbucket.Calls;

namespace SecretRotator.Providers.Bitbucket;

/// <summary>Lists pipelines of Bitbucket Cloud that have not ended.</summary>
/// <remarks>
/// <para>A repository has thousands of pipelines that ended, so Bitbucket is asked for those in one status, for each of two.
/// Pending ones come first: one that starts between the two calls is in the first answer, or in both.</para>
/// <para>What the answer says counts, not what was asked for: whatever has ended is left out, and a state that isn't known
/// makes the list unknown. Statuses and states:
/// https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pipelines/</para>
/// </remarks>
internal sealed class BitbucketPipelineReader(IBitbucketApi api, BitbucketCalls calls) : IPipelineReader
{
    // 500 at once are more than runners take. A server that ignores the status would list years of them.
    private const int MostPages = 5;
    private const string OldestFirst = "created_on";
    private const int LongestName = 80;

    private static readonly ImmutableArray<string> Statuses = ["PENDING", "BUILDING"];

    /// <inheritdoc />
    public async Task<ImmutableArray<RunningPipeline>> ListRunningAsync(VariableScope.Repository repository, CancellationToken cancellation)
    {
        var place = $"{repository.WorkspaceSlug}/{repository.Slug}";
        var call = new BitbucketCall(CallNature.Read, $"list the pipelines that run in {place}", repository);
        var found = new Dictionary<string, RunningPipeline>(StringComparer.Ordinal);
        foreach (var status in Statuses)
        {
            var listing = new PagedListing<PipelineEntry>(
                calls,
                call,
                (path, pagelen, page, token) => api.ListUnendedPipelinesAsync(path, status, OldestFirst, pagelen, page, token),
                $"{VariableAddresses.Of(repository)}/pipelines",
                entry => BitbucketUuid.Normal(entry.Uuid),
                MostPages);
            foreach (var entry in await listing.ReadAsync(cancellation))
                if (Running(entry, repository, call) is { } running)
                    found[running.Uuid] = running;
        }

        return [.. found.Values.OrderBy(pipeline => pipeline.Build)];
    }

    private static RunningPipeline? Running(PipelineEntry entry, VariableScope.Repository repository, BitbucketCall call)
    {
        var pending = entry.State switch
        {
            { Name: "COMPLETED" } => (bool?)null,
            { Name: "IN_PROGRESS", Stage.Name: "PAUSED" or "HALTED" } => null,
            { Name: "IN_PROGRESS" } => false,
            { Name: "PENDING" } => true,
            _ => throw call.Incomplete(
                $"a pipeline is in the state \"{ErrorBody.OneLine(entry.State?.Name ?? "")}\", which this program doesn't know"),
        };
        if (pending is not { } isPending)
            return null;
        if (entry is not { BuildNumber: { } build, CreatedOn: { } at }
            || OffsetDateTimePattern.ExtendedIso.Parse(at) is not { Success: true, Value: var created })
            throw call.Incomplete("a pipeline has no number or no time of creation");
        return new RunningPipeline(repository, BitbucketUuid.Normal(entry.Uuid)!, build, Name(entry.Target), created.ToInstant(), isPending)
        {
            Custom = entry.Target?.Selector is { Type: "custom", Pattern: { Length: > 0 } custom } ? custom : null,
        };
    }

    private static string Name(TargetEntry? target)
    {
        var name = ErrorBody.OneLine(target switch
        {
            { Selector: { Type: "custom", Pattern: { Length: > 0 } pattern } } => $"custom: {pattern}",
            { RefName: { Length: > 0 } reference } => reference,
            _ => "",
        });
        return name.Length <= LongestName ? name : name[..LongestName];
    }
}
