using SecretRotator.Bitbucket;

namespace SecretRotator.Verification;

/// <summary>Compares the inventory with what was observed. Pure; what can't be known is called unknown, never fine.</summary>
public static class DriftCheck
{
    /// <summary>
    /// The scopes of the inventory in which a target of a covered secret may be hidden. The caller observes them
    /// besides the targets' own; what isn't observed there is reported as unknown.
    /// </summary>
    /// <param name="inventory">The inventory.</param>
    /// <param name="request">Which secrets.</param>
    public static ImmutableArray<VariableScope> ScopesThatMayHide(RotationInventory inventory, PlanRequest request)
    {
        var narrower = new NarrowerScopes(ScopesOf(inventory));
        return [.. Planner.Covered(inventory, request)
            .SelectMany(s => s.Targets)
            .Select(t => t.Scope)
            .Distinct()
            .SelectMany(narrower.Than)
            .Distinct()];
    }

    /// <summary>All differences of the covered secrets, and the secured variables that no entry names.</summary>
    /// <param name="inventory">The inventory.</param>
    /// <param name="observation">What was observed. What is missing in it counts as not seen.</param>
    /// <param name="request">Which secrets.</param>
    /// <param name="now">The time.</param>
    public static DriftReport Compare(RotationInventory inventory, Observation observation, PlanRequest request, Instant now)
    {
        var unseen = new NarrowerScopes(
            ScopesOf(inventory).Where(scope => observation.Scopes.GetValueOrDefault(scope) is not ScopeObservation.Listed));
        var hiding = new HidingVariables(observation);
        var unmanaged = Unmanaged(inventory, observation);
        var drifts = Planner.Covered(inventory, request)
            .Select(s => new SecretDrift(s, inventory.Limits, observation, unseen, hiding, unmanaged, now)).ToList();
        var renamed = drifts.SelectMany(d => d.Renamed).Select(r => (r.Key.Scope, r.Value.Uuid)).ToHashSet();
        return new DriftReport(
            [.. drifts.SelectMany(d => d.Findings)],
            [
                .. unmanaged
                    .SelectMany(
                        scope => scope.Where(v => v.Secured && !renamed.Contains((scope.Key, v.Uuid)))
                            .Select(v => new UnmanagedVariable(scope.Key, v.Key)))
                    .OrderBy(variable => variable.ToString(), StringComparer.Ordinal),
            ]);
    }

    private static IEnumerable<VariableScope> ScopesOf(RotationInventory inventory) =>
        inventory.Secrets.SelectMany(s => s.Targets).Select(t => t.Scope).Distinct();

    private static ILookup<VariableScope, ObservedVariable> Unmanaged(RotationInventory inventory, Observation observation)
    {
        var managed = inventory.Secrets.SelectMany(s => s.Targets).Select(t => (t.Scope, t.Variable.ToUpperInvariant())).ToHashSet();
        return observation.Scopes
            .SelectMany(seen => VariablesOf(seen.Value).Select(variable => (Scope: seen.Key, Variable: variable)))
            .Where(found => !managed.Contains((found.Scope, found.Variable.Key.ToUpperInvariant())))
            .ToLookup(found => found.Scope, found => found.Variable);
    }

    private static ImmutableArray<ObservedVariable> VariablesOf(ScopeObservation seen) =>
        seen is ScopeObservation.Listed listed ? listed.Variables : [];
}
