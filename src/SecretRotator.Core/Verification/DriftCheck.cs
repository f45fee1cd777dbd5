using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Bitbucket;
using SecretRotator.Inventory;
using SecretRotator.Planning;

namespace SecretRotator.Verification;

/// <summary>Compares the inventory with what was observed. Pure; what can't be known is called unknown, never fine.</summary>
public static class DriftCheck
{
    /// <summary>
    /// The scopes of the inventory in which a target of a covered secret may be hidden. Whoever compares observes them
    /// besides the targets' own; what isn't observed there is told as unknown.
    /// </summary>
    /// <param name="inventory">The inventory.</param>
    /// <param name="request">Which secrets.</param>
    public static ImmutableArray<VariableScope> ScopesThatMayHide(RotationInventory inventory, PlanRequest request)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        ArgumentNullException.ThrowIfNull(request);
        var narrower = ScopesOf(inventory);
        return [.. Planner.Covered(inventory, request).SelectMany(s => s.Targets).SelectMany(t => narrower.Than(t.Scope)).Distinct()];
    }

    /// <summary>All differences of the covered secrets, and the secured variables that no entry names.</summary>
    /// <param name="inventory">The inventory.</param>
    /// <param name="observation">What was observed. What is missing in it counts as not seen.</param>
    /// <param name="request">Which secrets.</param>
    /// <param name="now">The time.</param>
    public static DriftReport Compare(RotationInventory inventory, Observation observation, PlanRequest request, Instant now)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        ArgumentNullException.ThrowIfNull(observation);
        ArgumentNullException.ThrowIfNull(request);
        var (known, observed) = (ScopesOf(inventory), new NarrowerScopes(observation.Scopes.Keys));
        var drifts = Planner.Covered(inventory, request).Select(s => new SecretDrift(s, inventory.Limits, observation, known, observed, now)).ToList();
        var renamed = drifts.SelectMany(d => d.Renamed).Select(r => (r.Key.Scope, r.Value.Uuid)).ToHashSet();
        return new DriftReport([.. drifts.SelectMany(d => d.Findings)], Unmanaged(inventory, observation, renamed));
    }

    private static NarrowerScopes ScopesOf(RotationInventory inventory) => new(inventory.Secrets.SelectMany(s => s.Targets).Select(t => t.Scope));

    private static ImmutableArray<UnmanagedVariable> Unmanaged(
        RotationInventory inventory, Observation observation, HashSet<(VariableScope, string)> renamed)
    {
        var managed = inventory.Secrets.SelectMany(s => s.Targets).Select(t => (t.Scope, t.Variable.ToUpperInvariant())).ToHashSet();
        return
        [
            .. observation.Scopes
                .SelectMany(seen => Secured(seen.Value).Select(variable => (Scope: seen.Key, Variable: variable)))
                .Where(found => !managed.Contains((found.Scope, found.Variable.Key.ToUpperInvariant())) && !renamed.Contains((found.Scope, found.Variable.Uuid)))
                .Select(found => new UnmanagedVariable(found.Scope, found.Variable.Key))
                .OrderBy(variable => variable.ToString(), StringComparer.Ordinal),
        ];
    }

    private static IEnumerable<ObservedVariable> Secured(ScopeObservation seen) =>
        seen is ScopeObservation.Listed listed ? listed.Variables.Where(v => v.Secured) : [];
}
