namespace SecretRotator.Planning;

/// <summary>Finds which observed variables hide a target within a pipeline, without looking into every scope for every target.</summary>
/// <remarks>The order of precedence is that of <see cref="NarrowerScopes"/>.</remarks>
internal sealed class HidingVariables
{
    private readonly ILookup<(string Workspace, string Key), VariableScope> _ofWorkspace;
    private readonly ILookup<(string Workspace, string Repository, string Key), VariableScope> _ofRepository;

    /// <summary>Sorts what was observed by what it hides.</summary>
    public HidingVariables(Observation observation)
    {
        var seen = observation.Scopes
            .Where(scope => scope.Key is not VariableScope.Workspace)
            .SelectMany(scope => KeysOf(scope.Value).Select(key => (Scope: scope.Key, Key: key)))
            .ToList();
        _ofWorkspace = seen.ToLookup(each => (each.Scope.WorkspaceSlug, each.Key), each => each.Scope);
        _ofRepository = seen.Where(each => each.Scope is VariableScope.Environment)
            .ToLookup(each => (each.Scope.WorkspaceSlug, ((VariableScope.Environment)each.Scope).Slug, each.Key), each => each.Scope);
    }

    /// <summary>The scopes whose variable of the same key a pipeline sees before the target.</summary>
    public IEnumerable<VariableScope> ScopesBefore(VariableTarget target) => target.Scope switch
    {
        VariableScope.Workspace workspace => _ofWorkspace[(workspace.WorkspaceSlug, target.Variable.ToUpperInvariant())],
        VariableScope.Repository repository =>
            _ofRepository[(repository.WorkspaceSlug, repository.Slug, target.Variable.ToUpperInvariant())],
        _ => [],
    };

    private static IEnumerable<string> KeysOf(ScopeObservation observed) =>
        observed is ScopeObservation.Listed listed
            ? listed.Variables.Select(variable => variable.Key.ToUpperInvariant()).Distinct(StringComparer.Ordinal)
            : [];
}
