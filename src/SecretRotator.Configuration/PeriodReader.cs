namespace SecretRotator.Configuration;

/// <summary>Reads the keys whose values are periods.</summary>
internal static class PeriodReader
{
    private const int MostYears = 10;

    private const string Forms =
        "Write an ISO 8601 period such as P30D, P3M or PT12H, or a short one such as 30d, 12h, 2w or 10m (minutes).";

    /// <summary>How old a value may become: longer than nothing, at least the minimum interval, at most ten years.</summary>
    public static Period? RotateEvery(MappingReader mapping, RunLimits limits, ProblemList problems)
    {
        if (Read(mapping, Grammar.RotateEvery, problems) is not var (text, period))
            return null;
        var least = PeriodText.Least(period);
        if (least <= Duration.Zero)
            problems.Add(text.At, "\"rotate-every\" is not longer than nothing", Forms);
        else if (least < limits.MinimumInterval)
            problems.Add(
                text.At,
                "\"rotate-every\" is shorter than \"minimum-interval\" of \"limits\", so it could never be kept",
                "Write a longer period, or lower \"minimum-interval\".");
        else if (least > Duration.FromDays(366 * MostYears))
            problems.Add(text.At, $"\"rotate-every\" is longer than {MostYears} years", "Write a shorter period.");
        else
            return period;
        return null;
    }

    /// <summary>A limit of a run: from a minute to seven days, without months and years.</summary>
    public static Duration? Limit(MappingReader mapping, Key key, ProblemList problems) => Between(
        Duration.FromMinutes(1), Duration.FromDays(7), "one minute and seven days", takesCalendarUnits: false, mapping, key, problems);

    /// <summary>How long before an end someone is told: from a day to a year, without months and years; null where it is missing or
    /// reported.</summary>
    public static Duration? Notice(MappingReader mapping, Key key, ProblemList problems) => Between(
        Duration.FromDays(1), Duration.FromDays(365), "one day and 365 days", takesCalendarUnits: false, mapping, key, problems);

    /// <summary>How long a credential is valid: from a day to ten years.</summary>
    public static Duration? Lifetime(MappingReader mapping, Key key, ProblemList problems) => Between(
        Duration.FromDays(1), Duration.FromDays(366 * MostYears), $"one day and {MostYears} years", takesCalendarUnits: true, mapping, key,
        problems);

    private static Duration? Between(
        Duration least, Duration most, string bounds, bool takesCalendarUnits, MappingReader mapping, Key key, ProblemList problems)
    {
        if (Read(mapping, key, problems) is not var (text, period))
            return null;
        var length = PeriodText.Least(period);
        if (length >= least && length <= most && (takesCalendarUnits || !PeriodText.HasCalendarUnits(period)))
            return length;
        problems.Add(text.At, $"\"{key.Name}\" must lie between {bounds}", $"Write for example \"{key.Example}\".");
        return null;
    }

    private static (PlacedText Text, Period Period)? Read(MappingReader mapping, Key key, ProblemList problems)
    {
        // A bare number lacks a unit, whether it is quoted or not.
        var text = mapping.Node(key) switch
        {
            null => null,
            YamlNode.Scalar { Plain: true } number when CoreSchema.IsNumber(number.Text) => new PlacedText(number.Text, number.At),
            var node => mapping.TextOf(node, key),
        };
        if (text is null)
            return null;
        if (PeriodText.Parse(text.Value) is { } period)
            return (text, period);
        problems.Add(
            text.At,
            $"{Quoted.Of(text.Value)} is not a period",
            PeriodText.Meant(text.Value, key.Example[^1]) is { } meant ? $"Did you mean \"{meant}\"? {Forms}" : Forms);
        return null;
    }
}
