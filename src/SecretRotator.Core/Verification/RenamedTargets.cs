using SecretRotator.Bitbucket;

namespace SecretRotator.Verification;

/// <summary>
/// Finds the variables that missing targets were delivered to and that have another key by now. The mark in the vault
/// holds no uuid, but a digest over all of them: a variable is proven to be the one where the digest comes out right
/// with its uuid under the target's key.
/// </summary>
/// <remarks>
/// A variable that a target of any secret names isn't tried: were each missing target compared with all the others of
/// its scope, the time would grow with the square of the inventory. Its old name is reported as missing, which is true as well.
/// </remarks>
internal static class RenamedTargets
{
    // Each guess costs some microseconds. Where there are more, a renamed target is reported as missing, which is true as well.
    private const int MostGuesses = 10_000;

    /// <summary>The renamed variable of every missing target, or nothing where they aren't all explained so.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="delivered">What it was delivered to.</param>
    /// <param name="scopes">What was seen.</param>
    /// <param name="unmanaged">The variables of a scope that no target of any secret names.</param>
    public static ImmutableDictionary<VariableTarget, ObservedVariable> Find(
        ManagedSecret secret,
        DeliveryMark delivered,
        IReadOnlyDictionary<VariableScope, ScopeObservation> scopes,
        ILookup<VariableScope, ObservedVariable> unmanaged)
    {
        var none = ImmutableDictionary<VariableTarget, ObservedVariable>.Empty;
        var missing = secret.Targets.Where(t => IsMissing(t, scopes)).ToList();
        if (missing.Count == 0)
            return none;
        var candidates = missing.Select(t => unmanaged[t.Scope].ToList()).ToList();
        if (candidates.Aggregate(1L, (guesses, each) => Math.Min(guesses * each.Count, MostGuesses + 1)) > MostGuesses)
            return none;
        // Whatever is guessed, the lines of the targets that are there stay the same.
        var known = secret.Targets.Where(target => !missing.Contains(target))
            .Select(target => TargetsDigest.Line(target, TargetsDigest.UuidOf(target, scopes))).ToList();
        return Guesses(candidates)
            .Where(guess => TargetsDigest.Of(
                [
                    .. known,
                    .. missing.Zip(guess, (target, variable) => TargetsDigest.Line(target, variable.Uuid)),
                ]) == delivered.TargetsDigest)
            .Select(guess => missing.Zip(guess).ToImmutableDictionary(pair => pair.First, pair => pair.Second))
            .FirstOrDefault(none);
    }

    private static bool IsMissing(VariableTarget target, IReadOnlyDictionary<VariableScope, ScopeObservation> scopes) =>
        scopes.GetValueOrDefault(target.Scope) is ScopeObservation.Listed listed && listed.Find(target.Variable) is null;

    // One candidate for each missing target, in every combination.
    private static IEnumerable<ImmutableList<ObservedVariable>> Guesses(List<List<ObservedVariable>> candidates) => candidates.Aggregate(
        (IEnumerable<ImmutableList<ObservedVariable>>)[[]],
        (guesses, more) => guesses.SelectMany(guess => more.Select(guess.Add)));
}
