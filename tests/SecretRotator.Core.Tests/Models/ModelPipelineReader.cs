using SecretRotator.Bitbucket;

namespace SecretRotator.Tests.Models;

/// <summary>Pipelines in memory, which start and finish as a test says.</summary>
internal sealed class ModelPipelineReader : IPipelineReader
{
    /// <summary>What runs now.</summary>
    public List<RunningPipeline> Running { get; } = [];

    /// <summary>What happens when they are listed for the n-th time, from 1.</summary>
    public Action<int> OnListed { get; set; } = _ => { };

    /// <summary>How often they were listed.</summary>
    public int Listings { get; private set; }

    public Task<ImmutableArray<RunningPipeline>> ListRunningAsync(VariableScope.Repository repository, CancellationToken cancellation)
    {
        OnListed(++Listings);
        return Task.FromResult<ImmutableArray<RunningPipeline>>([.. Running.Where(pipeline => pipeline.Repository == repository)]);
    }

    public void Start(int build, Instant at, string? uuid = null) =>
        Running.Add(new RunningPipeline(new("acme", "payments"), uuid ?? $"uuid-{build}", build, "main", at, IsPending: false));
}
