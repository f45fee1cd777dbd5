namespace SecretRotator.Planning;

/// <summary>What a plan rests on, part by part, so that it can be told which part has changed.</summary>
/// <param name="ByName">
/// A short digest of each part, or the decision's word, by the part's name: <c>request</c>, <c>settings</c>, and for each secret
/// <c>NAME: entry</c>, <c>NAME: decision</c>, <c>NAME: vault</c> and <c>NAME: variables</c>.
/// </param>
public sealed record PlanParts(ImmutableSortedDictionary<string, string> ByName)
{
    // More than a person reads; the plan itself has everything.
    private const int MostListed = 10;

    /// <summary>The name of a decision's part.</summary>
    internal const string Decision = "decision";

    /// <summary>What differs from a plan that was reviewed, for people; at most ten parts, and how many more.</summary>
    public ImmutableArray<string> ChangedSince(PlanParts reviewed)
    {
        var changed = ByName.Keys.Union(reviewed.ByName.Keys, StringComparer.Ordinal)
            .Where(part => !string.Equals(
                ByName.GetValueOrDefault(part), reviewed.ByName.GetValueOrDefault(part), StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(part => Describe(part, reviewed.ByName.GetValueOrDefault(part), ByName.GetValueOrDefault(part)))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return changed.Count <= MostListed
            ? [.. changed]
            : [.. changed.Take(MostListed), $"and {changed.Count - MostListed} more"];
    }

    private static string Describe(string part, string? then, string? now)
    {
        var (secret, kind) = part.Split(": ", 2) is [var name, var rest] ? (PrintableText.Of(name) + ": ", rest) : ("", part);
        return (kind, then, now) switch
        {
            ("request", _, _) => "what was asked for",
            ("settings", _, _) => "limits, freezes or settings of the inventory",
            (_, null, _) => $"{secret}it was not in the plan",
            (_, _, null) => $"{secret}it is not in the plan any more",
            ("entry", _, _) => $"{secret}its entry in the inventory",
            (Decision, _, _) => $"{secret}{PrintableText.Of(then)} then, {PrintableText.Of(now)} now",
            ("vault", _, _) => $"{secret}its versions or marks in the vault",
            _ => $"{secret}its targets in Bitbucket",
        };
    }
}
