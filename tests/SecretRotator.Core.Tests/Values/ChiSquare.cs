namespace SecretRotator.Tests.Values;

/// <summary>Tells whether counts look uniform.</summary>
internal static class ChiSquare
{
    /// <summary>
    /// Whether the counts deviate from equal ones by less than chance does in all but one of about a million cases
    /// (normal approximation of the chi-square distribution after Wilson and Hilferty, z = 4.75).
    /// </summary>
    public static bool LooksUniform(IReadOnlyCollection<int> counts)
    {
        var expected = counts.Sum() / (double)counts.Count;
        var statistic = counts.Sum(c => (c - expected) * (c - expected) / expected);
        var freedom = counts.Count - 1.0;
        var cube = 1 - (2 / (9 * freedom)) + (4.75 * Math.Sqrt(2 / (9 * freedom)));
        return statistic < freedom * cube * cube * cube;
    }
}
