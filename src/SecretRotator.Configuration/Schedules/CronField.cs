namespace SecretRotator.Configuration.Schedules;

/// <summary>One field of a cron expression: which numbers and words it takes. Read fields are sets of numbers, one bit for each.</summary>
/// <param name="Name">The field for people, such as <c>day of week</c>.</param>
/// <param name="First">The least number.</param>
/// <param name="Last">The greatest number.</param>
/// <param name="Words">Words for the numbers from <paramref name="First"/> on; empty where there are none.</param>
internal sealed record CronField(string Name, int First, int Last, params ImmutableArray<string> Words)
{
    /// <summary>Minutes of an hour.</summary>
    public static readonly CronField Minute = new("minute", 0, 59);

    /// <summary>Hours of a day.</summary>
    public static readonly CronField Hour = new("hour", 0, 23);

    /// <summary>Days of a month.</summary>
    public static readonly CronField Day = new("day of month", 1, 31);

    /// <summary>Months.</summary>
    public static readonly CronField Month = new(
        "month", 1, 12, "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");

    /// <summary>Days of a week as crontabs count them: 0 is Sunday, and so is 7.</summary>
    public static readonly CronField Weekday = new("day of week", 0, 6, "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

    /// <summary>Days of a week as Quartz counts them: 1 is Sunday.</summary>
    public static readonly CronField QuartzWeekday = new("day of week", 1, 7, Weekday.Words);

    /// <summary>The set of everything that the field takes.</summary>
    public ulong All => Range(First, Last);

    // Crontabs have two numbers for Sunday.
    private int Greatest => this == Weekday ? Last + 1 : Last;

    /// <summary>The set of a range, both ends included.</summary>
    public static ulong Range(int from, int to) => (ulong.MaxValue >> (63 - (to - from))) << from;

    /// <summary>The numbers of a set, the least first.</summary>
    public static IEnumerable<int> Members(ulong set) => Enumerable.Range(0, 64).Where(number => (set >> number & 1) == 1);

    /// <summary>Reads <c>*</c>, numbers, words, ranges, steps and lists of them; null where it is something else.</summary>
    public ulong? Read(string text)
    {
        var set = 0UL;
        foreach (var part in text.Split(','))
        {
            if (ReadPart(part) is not { } some)
                return null;
            set |= some;
        }

        return set;
    }

    /// <summary>Writes a set the way <see cref="Read"/> takes it: <c>*</c> for everything, words where the field has them, runs of three
    /// and more as ranges.</summary>
    public string Write(ulong set)
    {
        if (set == All)
            return "*";
        var parts = new List<string>();
        var members = Members(set).ToArray();
        for (var i = 0; i < members.Length;)
        {
            var end = i;
            while (end + 1 < members.Length && members[end + 1] == members[end] + 1)
                end++;
            if (end - i < 2)
                end = i;
            parts.Add(end == i ? Word(members[i]) : $"{Word(members[i])}-{Word(members[end])}");
            i = end + 1;
        }

        return string.Join(',', parts);
    }

    private ulong? ReadPart(string part)
    {
        var (range, stepped) = part.Split('/') switch
        {
            [var all] => (all, (int?)1),
            [var some, var step] =>
                (some, int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= Last
                    ? number
                    : null),
            _ => ("", null),
        };
        if (stepped is not { } by)
            return null;
        var isStepped = part.Contains('/', StringComparison.Ordinal);
        return range.Split('-') switch
        {
            ["*"] => Every(First, Last, by),
            [var one] when Number(one) is { } from => isStepped ? Every(from, Greatest, by) : Bit(from),
            [var one, var other] when Number(one) is { } from && Number(other) is { } to => from <= to ? Every(from, to, by)
                : isStepped ? null
                : Range(from, Last) | Range(First, to),
            _ => null,
        };
    }

    private ulong Every(int from, int to, int by)
    {
        var set = 0UL;
        for (var number = from; number <= to; number += by)
            set |= Bit(number);
        return set;
    }

    private ulong Bit(int number) => 1UL << Wrapped(number);

    // The only number beyond the last one that is taken is the second Sunday.
    private int Wrapped(int number) => number > Last ? First : number;

    private int? Number(string text)
    {
        var word = Words.IndexOf(text.ToUpperInvariant());
        if (word >= 0)
            return First + word;
        return text.Length <= 2 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= First
            && number <= Greatest ? number : null;
    }

    private string Word(int number) => Words.IsEmpty ? number.ToString(CultureInfo.InvariantCulture) : Words[number - First];
}
