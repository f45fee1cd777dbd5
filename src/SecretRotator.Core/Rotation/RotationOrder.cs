using SecretRotator.Attestations;

namespace SecretRotator.Rotation;

/// <summary>
/// The order in which rotations start: what can wait least comes first. Secrets that touch a common scope, or that a common pipeline
/// attests, wait for each other's distribution before that is verified, so they go one after the other: the first ones wait as briefly as
/// can be.
/// </summary>
internal static class RotationOrder
{
    /// <summary>The items that are started, in groups that wait for no other group.</summary>
    public static ImmutableArray<ImmutableArray<PlanItem>> Of(ImmutableArray<PlanItem> items, AttestationPolicy? attestation)
    {
        var started = items.Where(i => i.Decision.IsStarted).OrderBy(i => RunAllowance.Urgency(i.Decision)).ToList();
        var groups = new Dictionary<object, List<PlanItem>>();
        foreach (var item in started)
        {
            var mine = new List<PlanItem> { item };
            foreach (var shared in Shared(item.Secret, attestation))
            {
                if (groups.TryGetValue(shared, out var other) && !ReferenceEquals(other, mine))
                    mine = Join(groups, other, mine);
                groups[shared] = mine;
            }
        }

        var order = started.Select((item, index) => (item.Secret.Name, index)).ToDictionary(StringComparer.Ordinal);
        return
        [
            .. groups.Values.Distinct().OrderBy(g => g.Min(i => order[i.Secret.Name]))
                .Select(g => g.OrderBy(i => order[i.Secret.Name]).ToImmutableArray()),
        ];
    }

    private static IEnumerable<object> Shared(ManagedSecret secret, AttestationPolicy? attestation) =>
        [.. secret.Targets.Select(t => t.Scope).Distinct(), .. AttestationPlace.Of(secret, attestation)];

    private static List<PlanItem> Join(Dictionary<object, List<PlanItem>> groups, List<PlanItem> first, List<PlanItem> second)
    {
        first.AddRange(second);
        foreach (var shared in groups.Where(g => ReferenceEquals(g.Value, second)).Select(g => g.Key).ToList())
            groups[shared] = first;
        return first;
    }
}
