namespace SecretRotator.Configuration.Schedules;

/// <summary>When something runs: the sets of the five fields of a crontab. A day must be in all of its three sets.</summary>
/// <param name="Minutes">Bits 0 to 59.</param>
/// <param name="Hours">Bits 0 to 23.</param>
/// <param name="Days">Days of the month, bits 1 to 31.</param>
/// <param name="Months">Bits 1 to 12.</param>
/// <param name="Weekdays">Bits 0 (Sunday) to 6.</param>
internal sealed record CronTimes(ulong Minutes, ulong Hours, ulong Days, ulong Months, ulong Weekdays)
{
    private static readonly CronField[] Fields = [CronField.Minute, CronField.Hour, CronField.Day, CronField.Month, CronField.Weekday];

    /// <summary>Whether every day of the month will do.</summary>
    public bool AnyDay => Days == CronField.Day.All;

    /// <summary>Whether every month will do.</summary>
    public bool AnyMonth => Months == CronField.Month.All;

    /// <summary>Whether every day of the week will do.</summary>
    public bool AnyWeekday => Weekdays == CronField.Weekday.All;

    /// <summary>Whether it runs on every day.</summary>
    public bool EveryDay => AnyDay && AnyMonth && AnyWeekday;

    /// <summary>Reads the five fields of a crontab, such as <c>30 1 * * mon-fri</c>; null where the text says something else, which is
    /// reported.</summary>
    public static CronTimes? Read(PlacedText text, ProblemList problems)
    {
        var parts = text.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != Fields.Length)
        {
            problems.Add(
                text.At,
                $"{Quoted.Of(text.Value)} has {parts.Length} fields, and a cron expression has five",
                "Write minute, hour, day of month, month and day of week, such as \"30 1 * * mon-fri\". Seconds, years and words such as "
                    + "@daily aren't taken.");
            return null;
        }

        var sets = new ulong[Fields.Length];
        for (var i = 0; i < Fields.Length; i++)
        {
            if (Fields[i].Read(parts[i]) is not { } set)
            {
                problems.Add(
                    text.At,
                    $"{Quoted.Of(parts[i])} can't be the {Fields[i].Name} of a cron expression",
                    $"Write *, {Range(Fields[i])}, ranges such as 1-5, steps such as */15, or a list of them with commas.");
                return null;
            }

            sets[i] = set;
        }

        return new CronTimes(sets[0], sets[1], sets[2], sets[3], sets[4]);
    }

    /// <summary>The five fields as a crontab has them.</summary>
    public override string ToString() =>
        $"{CronField.Minute.Write(Minutes)} {CronField.Hour.Write(Hours)} {CronField.Day.Write(Days)} {CronField.Month.Write(Months)} "
            + $"{CronField.Weekday.Write(Weekdays)}";

    private static string Range(CronField field) =>
        field.Words.IsEmpty ? $"{field.First} to {field.Last}" : $"{field.First} to {field.Last}, {field.Words[0]} to {field.Words[^1]}";
}
