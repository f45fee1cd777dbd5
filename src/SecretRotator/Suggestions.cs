namespace SecretRotator;

/// <summary>Finds what somebody may have meant.</summary>
internal static class Suggestions
{
    /// <summary>The closest candidates, best first, at most 3; none where nothing is close.</summary>
    public static IReadOnlyList<string> For(string written, IEnumerable<string> candidates) =>
    [
        .. candidates
            .Select(candidate => (Candidate: candidate, Distance: Distance(written.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(each => each.Distance <= Math.Max(2, each.Candidate.Length / 3))
            .OrderBy(each => each.Distance)
            .ThenBy(each => each.Candidate, StringComparer.Ordinal)
            .Select(each => each.Candidate)
            .Take(3),
    ];

    /// <summary>"Did you mean …?", or null.</summary>
    public static string? Hint(string written, IEnumerable<string> candidates) =>
        For(written, candidates) is { Count: > 0 } close ? $"Did you mean {string.Join(" or ", close)}?" : null;

    /// <summary>How many single characters must be put in, taken out, replaced or swapped with their neighbour.</summary>
    private static int Distance(string from, string to)
    {
        if (from.Length > 100 || to.Length > 100)
            return int.MaxValue;
        var distances = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
            distances[i, 0] = i;
        for (var j = 0; j <= to.Length; j++)
            distances[0, j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            for (var j = 1; j <= to.Length; j++)
            {
                var replace = distances[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                var best = Math.Min(replace, Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    best = Math.Min(best, distances[i - 2, j - 2] + 1);
                distances[i, j] = best;
            }
        }

        return distances[from.Length, to.Length];
    }
}
