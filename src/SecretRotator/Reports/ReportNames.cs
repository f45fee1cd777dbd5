using System.Diagnostics;
using NodaTime.Text;
using SecretRotator.Audit;
using SecretRotator.Planning;

namespace SecretRotator.Reports;

/// <summary>The words that all formats of the report share: those for machines in kebab case, those for people in plain ones.</summary>
internal static class ReportNames
{
    private static readonly LocalTimePattern Clock = LocalTimePattern.CreateWithInvariantCulture("HH':'mm");

    /// <summary>What a state means, for people.</summary>
    public static string Meaning(AuditState state) => state switch
    {
        AuditState.Failed => "the last attempt failed",
        AuditState.Blocked => "can't be rotated or judged",
        AuditState.Unfinished => "a rotation is open",
        AuditState.NotAdopted => "never delivered by this tool",
        AuditState.OutOfStep => "targets don't hold the vault's version",
        AuditState.Due => "due, and free to rotate",
        AuditState.Waiting => "due, but not now",
        AuditState.Fresh => "fresh, and where it should be",
        _ => throw new UnreachableException("A new state needs its meaning."),
    };

    /// <summary>A period in ISO 8601, such as <c>P30D</c>.</summary>
    public static string Iso(Period period) => PeriodPattern.NormalizingIso.Format(period);

    /// <summary>A period for people, such as <c>30 days</c>.</summary>
    public static string Plain(Period period)
    {
        var parts = new (long Number, string One)[]
        {
            (period.Years, "year"), (period.Months, "month"), (period.Weeks, "week"), (period.Days, "day"), (period.Hours, "hour"),
            (period.Minutes, "minute"), (period.Seconds, "second"),
        };
        return string.Join(' ', parts.Where(part => part.Number != 0).Select(part => HumanText.Count((int)part.Number, part.One)));
    }

    /// <summary>A window, such as <c>mon, tue 01:00 to 05:00 Europe/Berlin</c>.</summary>
    public static string Plain(RotationWindow? window) => window is null
        ? "any time"
        : $"{string.Join(", ", window.Days.Select(day => day.ToString()[..3].ToLowerInvariant()))} {Clock.Format(window.From)} to "
        + $"{Clock.Format(window.To)} {window.Zone.Id}";

    /// <summary>How a value is made, such as <c>password: hex, 256 bits</c>.</summary>
    public static string Plain(ValueRule rule) =>
        (rule.Field is { } field ? $"{field}: " : "")
            + (rule.Bits is { } bits ? $"{rule.Kind}, {bits} bits" : "made by the vault");

    /// <summary>A time of day in a window.</summary>
    public static string Of(LocalTime time) => Clock.Format(time);

    /// <summary>A day in ISO 8601.</summary>
    public static string Of(LocalDate date) => LocalDatePattern.Iso.Format(date);

    /// <summary>A share in per cent with one digit behind the point, rounded down: what isn't whole never looks whole.</summary>
    public static string Percent(decimal? share) => share is { } known
        ? $"{Math.Floor(known * 1000) / 10:0.#} %"
        : "-";

    /// <summary>A stretch of time in whole days, or less where it is less than one.</summary>
    public static string Age(Duration? age) => age switch
    {
        null => "unknown",
        { Days: > 0 } days => HumanText.Count(days.Days, "day"),
        { } short_ => HumanText.Stretch(short_),
    };

    /// <summary>The decision with its reason, for people.</summary>
    public static string Plain(Decision decision, Instant now) =>
        HumanText.Why(decision, now) is { Length: > 0 } why ? $"{HumanText.Label(decision)}: {why}" : HumanText.Label(decision);

    /// <summary>The last delivery, for people.</summary>
    public static string Plain(Delivery? delivery) => delivery is null
        ? "never, as far as is known"
        : $"{HumanText.Time(delivery.At)}, "
        + $"{(delivery.From is { } from ? $"{HumanText.Short(from)} to " : "version ")}{HumanText.Short(delivery.Version)}, "
        + $"{WireNames.Of(delivery.Level)}{(delivery.Run is { } run ? $", run {run}" : "")}";

    /// <summary>An exception, for people.</summary>
    public static string Plain(AuditException exception) =>
        $"{HumanText.ForPeople(WireNames.Of(exception.Kind))}: "
            + $"{exception.What}{(exception.At is { } at ? $" ({HumanText.Time(at)}{(exception.Run is { } run ? $", run {run}" : "")})" : "")}";

    /// <summary>What a run did, for people.</summary>
    public static string Plain(PastEvent happened)
    {
        var versions = (happened.From, happened.To) switch
        {
            ({ } from, { } to) => $", {HumanText.Short(from)} to {HumanText.Short(to)}",
            (null, { } to) => $", version {HumanText.Short(to)}",
            _ => "",
        };
        var level = happened.Level is { } known ? $", {WireNames.Of(known)}" : "";
        var why = happened.Why.Length == 0 ? "" : $": {happened.Why}";
        return $"{HumanText.ForPeople(happened.Outcome)}{versions}{level}, because {HumanText.ForPeople(happened.Decision)}{why}";
    }

    /// <summary>A version with no more of its commit than a person compares.</summary>
    public static string Version(string tool) =>
        tool.IndexOf('+', StringComparison.Ordinal) is >= 0 and var plus && tool.Length > plus + 8 ? tool[..(plus + 8)] : tool;

    /// <summary>In one sentence, what a manager asks first.</summary>
    public static string Headline(AuditReport report)
    {
        var (compliance, errors) = (report.Compliance, report.Findings.Count(finding => finding.Rule.Severity == Severity.Error));
        return $"{compliance.Within} of {HumanText.Count(compliance.Total, "secret")} within policy ({Percent(compliance.Share)}, by the "
            + $"age of the vault's copy), {compliance.Overdue} overdue, {compliance.Unknown} of unknown age. "
            + $"{HumanText.Count(errors, "finding")} to act on.";
    }
}
