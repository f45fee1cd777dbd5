namespace SecretRotator.Configuration;

/// <summary>Finds the word that was probably meant.</summary>
internal static class Spelling
{
    private const int LongestWord = 64;

    /// <summary>The nearest candidate, or null where none is near.</summary>
    public static string? Closest(string word, IEnumerable<string> candidates)
    {
        if (word.Length is 0 or > LongestWord)
            return null;
        var limit = Math.Max(1, word.Length / 3);
        return candidates
            .Select(candidate => (Candidate: candidate, Distance: Distance(word, candidate)))
            .Where(pair => pair.Distance <= limit)
            .OrderBy(pair => pair.Distance)
            .Select(pair => pair.Candidate)
            .FirstOrDefault();
    }

    /// <summary>"Did you mean …?", or null where none is near.</summary>
    public static string? Hint(string word, IEnumerable<string> candidates) =>
        Closest(word, candidates) is { } closest ? $"Did you mean {closest}?" : null;

    // Letters added, dropped, changed or swapped with their neighbour, ignoring case.
    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > LongestWord / 3)
            return int.MaxValue;
        var width = right.Length + 1;
        Span<int> table = stackalloc int[(left.Length + 1) * width];
        for (var i = 0; i <= left.Length; i++)
        {
            for (var j = 0; j <= right.Length; j++)
            {
                var here = (i * width) + j;
                if (i == 0 || j == 0)
                {
                    table[here] = i + j;
                    continue;
                }

                var change = Same(left[i - 1], right[j - 1]) ? 0 : 1;
                table[here] = Math.Min(Math.Min(table[here - width], table[here - 1]) + 1, table[here - width - 1] + change);
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                    table[here] = Math.Min(table[here], table[here - (2 * width) - 2] + 1);
            }
        }

        return table[^1];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
