namespace SecretRotator.Planning;

/// <summary>Finds in which repositories a pipeline may use a secret, and whether it matters what runs there.</summary>
internal static class PipelineRepositories
{
    // Planning comes a while after observing; what becomes due meanwhile is asked about as well.
    private static readonly Duration Ahead = Duration.FromHours(1);

    /// <summary>
    /// The repositories of the targets. Any repository of the workspace may use a workspace variable: for that one, all that
    /// any target of the inventory names in the workspace.
    /// </summary>
    public static ImmutableArray<VariableScope.Repository> Of(ManagedSecret secret, RotationInventory inventory) =>
    [
        .. secret.Targets
            .SelectMany(target => target.Scope is VariableScope.Workspace workspace
                ? inventory.Secrets.SelectMany(s => s.Targets).Select(t => t.Scope.InRepository())
                    .Where(r => r?.WorkspaceSlug == workspace.WorkspaceSlug)
                : [target.Scope.InRepository()])
            .OfType<VariableScope.Repository>()
            .Distinct()
            .OrderBy(repository => repository.ToString(), StringComparer.Ordinal),
    ];

    /// <summary>
    /// Whether anything depends on what runs: the secret is due, or wanted now, and waits for an idle repository, or an old
    /// version of it is valid until pipelines have finished.
    /// </summary>
    public static bool Matter(ManagedSecret secret, SecretObservation observed, PlanRequest request, RunLimits limits, Instant now)
    {
        if (observed is not SecretObservation.Described { Description: { Delivered: { } delivered } description })
            return false;
        if (secret.Grace is GracePolicy.UntilPipelinesFinish && description.Grace is not null)
            return true;
        return secret.Wait is not null
            && (request.Force.Contains(secret.Name) || Freshness.DueAt(secret, delivered.ValueSince, limits) <= now + Ahead);
    }
}
