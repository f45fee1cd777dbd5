namespace SecretRotator.Planning;

/// <summary>
/// The targets that are missing because a delivery deleted them to create them anew, and was cut short. It isn't a person's doing,
/// so the next run creates them.
/// </summary>
internal static class DeletedTargets
{
    /// <summary>Those that a listing shows to be missing.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="delivering">The open delivery, or null.</param>
    /// <param name="scopes">What was seen of the targets' scopes.</param>
    public static ImmutableArray<VariableTarget> Of(
        ManagedSecret secret, DeliveringMark? delivering, IReadOnlyDictionary<VariableScope, ScopeObservation> scopes) => delivering is null
        ? []
        :
        [
            .. secret.Targets.Where(target => scopes.GetValueOrDefault(target.Scope) is ScopeObservation.Listed listed
                && listed.FindAll(target.Variable).IsEmpty
                && delivering.Deletes(target)),
        ];
}
