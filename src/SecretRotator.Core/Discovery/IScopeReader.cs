using SecretRotator.Bitbucket;

namespace SecretRotator.Discovery;

/// <summary>Sees which repositories, environments and variables there are. No member returns a value.</summary>
internal interface IScopeReader : IVariableReader
{
    /// <summary>The repositories of a workspace that the credential may see.</summary>
    /// <param name="workspace">The workspace's slug.</param>
    /// <param name="project">Only those of the project with this key; null for all.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="RemoteFailureException">The listing is not complete for certain.</exception>
    Task<ImmutableArray<VariableScope.Repository>> ListRepositoriesAsync(string workspace, string? project, CancellationToken cancellation);

    /// <summary>The deployment environments of a repository.</summary>
    /// <exception cref="RemoteFailureException">The listing is not complete for certain.</exception>
    Task<ImmutableArray<VariableScope.Environment>> ListEnvironmentsAsync(
        VariableScope.Repository repository, CancellationToken cancellation);

    /// <summary>Calls made so far.</summary>
    long CallsMade { get; }

    /// <summary>Calls that could begin now without waiting for the hourly budget.</summary>
    int CallsLeft { get; }
}
