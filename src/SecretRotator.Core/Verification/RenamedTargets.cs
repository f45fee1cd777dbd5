using System.Collections.Immutable;
using SecretRotator.Bitbucket;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Vaults;

namespace SecretRotator.Verification;

/// <summary>
/// Finds the variables that missing targets were delivered to and that have another key by now. The mark in the vault
/// holds no uuid, but a digest over all of them: a variable is proven to be the one where the digest comes out right
/// with its uuid under the target's key.
/// </summary>
internal static class RenamedTargets
{
    // Each guess costs some microseconds. Where there are more, a renamed target is told as missing, which is true as well.
    private const int MostGuesses = 10_000;

    /// <summary>The renamed variable of every missing target, or nothing where they aren't all explained so.</summary>
    public static ImmutableDictionary<VariableTarget, ObservedVariable> Find(
        ManagedSecret secret, DeliveryMark delivered, IReadOnlyDictionary<VariableScope, ScopeObservation> scopes)
    {
        var none = ImmutableDictionary<VariableTarget, ObservedVariable>.Empty;
        var missing = secret.Targets.Where(t => IsMissing(t, scopes)).ToList();
        if (missing.Count == 0)
            return none;
        var candidates = missing.Select(t => Candidates(t, secret, scopes)).ToList();
        if (candidates.Aggregate(1L, (guesses, each) => Math.Min(guesses * each.Count, MostGuesses + 1)) > MostGuesses)
            return none;
        return Guesses(candidates)
            .Select(guess => missing.Zip(guess).ToImmutableDictionary(pair => pair.First, pair => pair.Second))
            .FirstOrDefault(guess => TargetsDigest.Of(secret, AsItWas(guess, scopes)) == delivered.TargetsDigest, none);
    }

    private static bool IsMissing(VariableTarget target, IReadOnlyDictionary<VariableScope, ScopeObservation> scopes) =>
        scopes.GetValueOrDefault(target.Scope) is ScopeObservation.Listed listed && listed.Find(target.Variable) is null;

    private static List<ObservedVariable> Candidates(
        VariableTarget target, ManagedSecret secret, IReadOnlyDictionary<VariableScope, ScopeObservation> scopes)
    {
        var own = secret.Targets.Where(t => t.Scope == target.Scope).Select(t => t.Variable).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. ((ScopeObservation.Listed)scopes[target.Scope]).Variables.Where(v => !own.Contains(v.Key))];
    }

    // One candidate for each missing target, in every combination.
    private static IEnumerable<ImmutableList<ObservedVariable>> Guesses(List<List<ObservedVariable>> candidates) => candidates.Aggregate(
        (IEnumerable<ImmutableList<ObservedVariable>>)[[]],
        (guesses, more) => guesses.SelectMany(guess => more.Select(guess.Add)));

    private static Dictionary<VariableScope, ScopeObservation> AsItWas(
        ImmutableDictionary<VariableTarget, ObservedVariable> guess, IReadOnlyDictionary<VariableScope, ScopeObservation> scopes)
    {
        var before = scopes.ToDictionary();
        foreach (var (target, variable) in guess)
        {
            var listed = (ScopeObservation.Listed)before[target.Scope];
            before[target.Scope] = new ScopeObservation.Listed(listed.Variables.Add(variable with { Key = target.Variable }));
        }

        return before;
    }
}
