using System.Text.RegularExpressions;

namespace SecretRotator.Configuration;

/// <summary>Reads <c>limits</c>.</summary>
internal static partial class LimitsReader
{
    /// <summary>The most of any count. Atlassian allows no credential more than 10,000 calls an hour.</summary>
    public const int Most = 10_000;

    /// <summary>The limits; what is not written, or wrong, is the default.</summary>
    public static RunLimits Read(YamlNode? node, ProblemList problems)
    {
        var defaults = RunLimits.Default;
        if (node is null || MappingReader.Open(node, Grammar.LimitsKeys, problems) is not { } mapping)
            return defaults;
        return new RunLimits(
            mapping.Integer(Grammar.RotationsPerRun, 1, Most) ?? defaults.RotationsPerRun,
            mapping.Parsed(
                Grammar.ShareOfInventory, ShareIn, "is not a share", "Write a percentage above 0% and up to 100%, such as 50%.")
                ?? defaults.ShareOfInventory,
            mapping.Integer(Grammar.FailuresBeforeStop, 1, Most) ?? defaults.FailuresBeforeStop,
            mapping.Integer(Grammar.BitbucketCallsPerHour, 1, Most) ?? defaults.BitbucketCallsPerHour,
            PeriodReader.Limit(mapping, Grammar.MinimumInterval, problems) ?? defaults.MinimumInterval,
            PeriodReader.Limit(mapping, Grammar.ClaimLimit, problems) ?? defaults.ClaimLimit);
    }

    private static decimal? ShareIn(string text) =>
        Percentage().IsMatch(text)
        && decimal.TryParse(text.AsSpan(..^1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share)
        && share is > 0 and <= 100
            ? share / 100
            : null;

    [GeneratedRegex(
        @"^(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)%\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Percentage();
}
