using System.Text.RegularExpressions;

namespace SecretRotator.Configuration;

/// <summary>
/// Periods as the inventory writes them: ISO 8601 (<c>P30D</c>, <c>P1M</c>, <c>PT12H</c>, <c>P1Y2M</c>) or a number
/// with one letter: <c>m</c> minutes, <c>h</c> hours, <c>d</c> days, <c>w</c> weeks. Months and years only in ISO 8601.
/// </summary>
internal static partial class PeriodText
{
    /// <summary>Reads a period; null where the text is none. It may be zero.</summary>
    public static Period? Parse(string text)
    {
        if (Short().Match(text) is { Success: true } brief)
            return Brief(brief.Groups["unit"].Value[0], Number(brief, "number"));
        if (Iso().Match(text) is not { Success: true } iso || iso.Value is "P" || iso.Value.EndsWith('T'))
            return null;
        return new PeriodBuilder
        {
            Years = Number(iso, "years"),
            Months = Number(iso, "months"),
            Weeks = Number(iso, "weeks"),
            Days = Number(iso, "days"),
            Hours = Number(iso, "hours"),
            Minutes = Number(iso, "minutes"),
            Seconds = Number(iso, "seconds"),
        }.Build();
    }

    /// <summary>The period that a text which is none was probably meant to be: <c>30</c>, <c>30 days</c>, <c>30D</c>, <c>3 months</c>; null
    /// where it can't be determined.</summary>
    /// <param name="text">The text.</param>
    /// <param name="unit">The letter of the unit that a number without one is probably in; any other character for none.</param>
    public static string? Meant(string text, char unit)
    {
        if (Spoken().Match(text.Trim()) is not { Success: true } spoken)
            return new[] { text.ToUpperInvariant(), text.ToLowerInvariant() }.FirstOrDefault(other => Parse(other) is not null);
        var (number, word) = (spoken.Groups["number"].Value, spoken.Groups["unit"].Value);
        var meant = word switch
        {
            "" => number + unit,
            _ when word.StartsWith("mo", StringComparison.OrdinalIgnoreCase) => $"P{number}M",
            _ when word[0] is 'y' or 'Y' => $"P{number}Y",
            _ => number + char.ToLowerInvariant(word[0]),
        };
        return Parse(meant) is null ? null : meant;
    }

    /// <summary>The least time that a period can span, wherever it begins: a year counts 365 days, a month 28.</summary>
    public static Duration Least(Period period) =>
        Duration.FromDays((period.Years * 365) + (period.Months * 28) + (period.Weeks * 7) + period.Days)
        + Duration.FromHours(period.Hours) + Duration.FromMinutes(period.Minutes) + Duration.FromSeconds(period.Seconds);

    /// <summary>The longest time that a period can span, wherever it begins: a year counts 366 days, a month 31.</summary>
    public static Duration Most(Period period) => Least(period) + Duration.FromDays(period.Years + (period.Months * 3));

    /// <summary>Whether a period counts years or months, whose lengths differ.</summary>
    public static bool HasCalendarUnits(Period period) => period.Years != 0 || period.Months != 0;

    private static Period Brief(char unit, int number) => unit switch
    {
        'm' => Period.FromMinutes(number),
        'h' => Period.FromHours(number),
        'd' => Period.FromDays(number),
        _ => Period.FromWeeks(number),
    };

    private static int Number(Match match, string group) =>
        match.Groups[group] is { Success: true, Value: var digits } ? int.Parse(digits, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(
        @"^(?<number>[0-9]{1,6})(?<unit>[mhdw])\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Short();

    [GeneratedRegex(
        @"^(?<number>[0-9]{1,6})\s*(?<unit>min(?:ute)?s?|h(?:ou)?rs?|days?|we?e?ks?|mo(?:nth)?s?|y(?:ea)?rs?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Spoken();

    [GeneratedRegex(
        @"^P((?<years>[0-9]{1,4})Y)?((?<months>[0-9]{1,5})M)?((?<weeks>[0-9]{1,5})W)?((?<days>[0-9]{1,6})D)?(T((?<hours>[0-9]{1,6})H)?((?<minutes>[0-9]{1,6})M)?((?<seconds>[0-9]{1,6})S)?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Iso();
}
