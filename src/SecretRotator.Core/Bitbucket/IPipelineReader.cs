namespace SecretRotator.Bitbucket;

/// <summary>Lists the pipelines that run. A dry run may hold this.</summary>
public interface IPipelineReader
{
    /// <summary>
    /// The pipelines of a repository that wait for a runner or run. One that waits for a person runs no step, so it isn't
    /// among them, and neither is one that has ended. Each call asks Bitbucket again.
    /// </summary>
    /// <exception cref="RemoteFailureException">The list is not complete for certain.</exception>
    Task<ImmutableArray<RunningPipeline>> ListRunningAsync(VariableScope.Repository repository, CancellationToken cancellation);
}

/// <summary>A pipeline that has not ended.</summary>
/// <param name="Repository">Its repository.</param>
/// <param name="Uuid">Its identity, in lower case and without braces.</param>
/// <param name="Build">Its build number.</param>
/// <param name="Name">Its branch, tag or custom pipeline, for people; empty where Bitbucket doesn't say.</param>
/// <param name="CreatedAt">When it was created, by Bitbucket's clock: none of its steps began before.</param>
/// <param name="IsPending">Whether it has yet to start.</param>
public sealed record RunningPipeline(
    VariableScope.Repository Repository, string Uuid, int Build, string Name, Instant CreatedAt, bool IsPending)
{
    /// <summary>The custom pipeline's name in the pipeline file, or null where it runs for a branch or tag by itself.</summary>
    public string? Custom { get; init; }

    /// <inheritdoc />
    public override string ToString() => Name.Length == 0
        ? $"{Repository} #{Build}"
        : $"{Repository} #{Build} ({Name})";
}
