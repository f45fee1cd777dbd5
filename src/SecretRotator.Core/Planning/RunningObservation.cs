using System.Collections.Immutable;
using SecretRotator.Bitbucket;

namespace SecretRotator.Planning;

/// <summary>What was seen of the pipelines of one repository.</summary>
public abstract record RunningObservation
{
    private RunningObservation()
    {
    }

    /// <summary>The whole list.</summary>
    /// <param name="Pipelines">Those that run or wait for a runner, without the one that this run is a step of.</param>
    public sealed record Listed(ImmutableArray<RunningPipeline> Pipelines) : RunningObservation;

    /// <summary>The list failed, so nothing is known. That never means idle.</summary>
    /// <param name="Failure">What happened.</param>
    public sealed record Unlisted(Failure Failure) : RunningObservation;
}
