using System.Collections.Immutable;
using SecretRotator.Inventory;
using SecretRotator.Planning;

namespace SecretRotator.Rotation;

/// <summary>
/// The order in which rotations start. Secrets that touch a common scope wait for each other's distribution before
/// that scope is listed, so they go one after the other: the first ones wait as briefly as can be.
/// </summary>
internal static class RotationOrder
{
    /// <summary>The items that are started: unfinished ones first, then scope by scope.</summary>
    public static ImmutableArray<PlanItem> Of(ImmutableArray<PlanItem> items)
    {
        var started = items.Where(i => i.Decision.IsStarted).OrderBy(i => i.Decision is Decision.Unfinished ? 0 : 1).ToList();
        var groups = new Dictionary<VariableScope, List<PlanItem>>();
        foreach (var item in started)
        {
            var mine = new List<PlanItem> { item };
            foreach (var scope in item.Secret.Targets.Select(t => t.Scope).Distinct())
            {
                if (groups.TryGetValue(scope, out var other) && !ReferenceEquals(other, mine))
                    mine = Join(groups, other, mine);
                groups[scope] = mine;
            }
        }

        var order = started.Select((item, index) => (item.Secret.Name, index)).ToDictionary(StringComparer.Ordinal);
        return
        [
            .. groups.Values.Distinct().OrderBy(g => g.Min(i => order[i.Secret.Name]))
                .SelectMany(g => g.OrderBy(i => order[i.Secret.Name])),
        ];
    }

    private static List<PlanItem> Join(Dictionary<VariableScope, List<PlanItem>> groups, List<PlanItem> first, List<PlanItem> second)
    {
        first.AddRange(second);
        foreach (var scope in groups.Where(g => ReferenceEquals(g.Value, second)).Select(g => g.Key).ToList())
            groups[scope] = first;
        return first;
    }
}
