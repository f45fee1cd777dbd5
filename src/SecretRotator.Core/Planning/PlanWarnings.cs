using System.Collections.Immutable;
using SecretRotator.Inventory;

namespace SecretRotator.Planning;

/// <summary>What a person should know of a secret though it stops nothing.</summary>
/// <remarks>
/// Within a pipeline a deployment variable hides a repository variable with the same key, and that one a workspace
/// variable (Atlassian's order of precedence). Only scopes that were observed anyway are looked at.
/// </remarks>
internal static class PlanWarnings
{
    /// <summary>The warnings in the order of the targets.</summary>
    public static ImmutableArray<string> Of(ManagedSecret secret, Observation observation) =>
        [.. secret.Targets.Select(target => Shadowed(target, secret, observation)).OfType<string>()];

    /// <summary>The observed scopes that hide a target behind a variable which this secret doesn't feed, by their text.</summary>
    public static ImmutableArray<VariableScope> ScopesThatHide(VariableTarget target, ManagedSecret secret, Observation observation) =>
    [
        .. observation.Scopes
            .Where(seen => Hides(seen.Key, target.Scope)
                && seen.Value is ScopeObservation.Listed listed && listed.Find(target.Variable) is not null
                && !secret.Targets.Any(own => own.Scope == seen.Key && own.Variable.Equals(target.Variable, StringComparison.OrdinalIgnoreCase)))
            .Select(seen => seen.Key)
            .OrderBy(scope => scope.ToString(), StringComparer.Ordinal),
    ];

    private static string? Shadowed(VariableTarget target, ManagedSecret secret, Observation observation) =>
        ScopesThatHide(target, secret, observation) is [_, ..] scopes
            ? $"{target} is shadowed: pipelines see the variable {target.Variable} of {string.Join(", ", scopes)} instead, which this secret doesn't feed."
            : null;

    /// <summary>Whether variables of one scope hide those of another within a pipeline.</summary>
    public static bool Hides(VariableScope nearer, VariableScope scope) => (nearer, scope) switch
    {
        (VariableScope.Repository or VariableScope.Environment, VariableScope.Workspace) => nearer.WorkspaceSlug == scope.WorkspaceSlug,
        (VariableScope.Environment environment, VariableScope.Repository repository) =>
            environment.WorkspaceSlug == repository.WorkspaceSlug && environment.Slug == repository.Slug,
        _ => false,
    };
}
