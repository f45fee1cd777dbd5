namespace SecretRotator.Configuration.Schedules;

/// <summary>
/// The seven fields that Bitbucket's schedules take, in UTC: second, minute, hour, day of month, month, day of week, year. Of the two kinds
/// of
/// days exactly one is <c>?</c>. Atlassian's description of <c>pipeline_schedule.cron_pattern</c> shows <c>0 0 12 * * ? *</c> for 12:00
/// every day.
/// </summary>
/// <remarks>Days of the week are written as words: crontabs count them from Sunday 0, and Quartz from Sunday 1.</remarks>
internal static class QuartzPattern
{
    private const string None = "?";

    /// <summary>Writes times in UTC that limit the days of the month or those of the week, and not both.</summary>
    /// <exception cref="ArgumentException">They limit both: no pattern says that.</exception>
    public static string Of(CronTimes utc)
    {
        if (!utc.AnyDay && !utc.AnyWeekday)
            throw new ArgumentException("A pattern limits the days of the month or those of the week.", nameof(utc));
        var days = utc.AnyWeekday ? CronField.Day.Write(utc.Days) : None;
        var weekdays = utc.AnyWeekday ? None : CronField.Weekday.Write(utc.Weekdays);
        return $"0 {CronField.Minute.Write(utc.Minutes)} {CronField.Hour.Write(utc.Hours)} {days} {CronField.Month.Write(utc.Months)} "
            + $"{weekdays} *";
    }

    /// <summary>What a pattern means, no matter who wrote it; null where this tool couldn't express the same.</summary>
    public static CronTimes? Read(string pattern)
    {
        if (pattern.Split(
            ' ', StringSplitOptions.RemoveEmptyEntries) is not ["0", var minute, var hour, var day, var month, var weekday,
                .. { Length: <= 1 } year])
            return null;
        if (year is not ([] or ["*"]) || (day == None) == (weekday == None))
            return null;
        return CronField.Minute.Read(minute) is { } minutes
            && CronField.Hour.Read(hour) is { } hours
            && CronField.Day.Read(day == None ? "*" : day) is { } days
            && CronField.Month.Read(month) is { } months
            && CronField.QuartzWeekday.Read(weekday == None ? "*" : weekday) is { } weekdays
            ? new CronTimes(minutes, hours, days, months, weekdays >> 1)
            : null;
    }

    /// <summary>The one way to write what a pattern means, so that patterns can be compared as text; others stay as they are.</summary>
    public static string Normal(
        string pattern) => Read(pattern) is { } times && (times.AnyDay || times.AnyWeekday)
        ? Of(times)
        : string.Join(' ', pattern.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
