namespace SecretRotator.Planning;

/// <summary>Finds whose variables hide those of a scope within a pipeline, without looking at every scope for every target.</summary>
/// <remarks>
/// Within a pipeline a deployment variable hides a repository variable with the same key, and that one a workspace
/// variable (Atlassian's order of precedence).
/// </remarks>
internal sealed class NarrowerScopes
{
    private readonly ILookup<string, VariableScope> _ofWorkspace;
    private readonly ILookup<(string Workspace, string Repository), VariableScope> _ofRepository;

    /// <summary>Sorts scopes by what they hide.</summary>
    public NarrowerScopes(IEnumerable<VariableScope> scopes)
    {
        var distinct = scopes.Distinct().ToList();
        _ofWorkspace = distinct.Where(scope => scope is not (VariableScope.Workspace or VariableScope.SshKeyPair))
            .ToLookup(scope => scope.WorkspaceSlug, StringComparer.Ordinal);
        _ofRepository = distinct.OfType<VariableScope.Environment>()
            .ToLookup(scope => (scope.WorkspaceSlug, scope.Slug), VariableScope (scope) => scope);
    }

    /// <summary>The scopes whose variables hide those of <paramref name="scope"/>, in the order in which they were given.</summary>
    public IEnumerable<VariableScope> Than(VariableScope scope) => scope switch
    {
        VariableScope.Workspace workspace => _ofWorkspace[workspace.WorkspaceSlug],
        VariableScope.Repository repository => _ofRepository[(repository.WorkspaceSlug, repository.Slug)],
        _ => ImmutableArray<VariableScope>.Empty,
    };
}
