namespace SecretRotator.Configuration;

/// <summary>Reads windows, freezes and their zones.</summary>
internal static class TimeReader
{
    // Far from the ends of the calendar, where an offset would overflow it.
    private const int FirstYear = 2000;
    private const int LastYear = 2999;

    // The framework reads these: a pattern of NodaTime costs more to make than a small inventory costs to read.
    private const string DateForm = "yyyy'-'MM'-'dd";
    private const string TimeForm = "HH':'mm";
    private const string TimeFormWithSeconds = "HH':'mm':'ss";

    /// <summary>A window; null for any time, and where it is reported.</summary>
    public static RotationWindow? Window(YamlNode node, ProblemList problems)
    {
        if (node is YamlNode.Scalar { Text: Grammar.AnyTime })
            return null;
        if (node is YamlNode.Scalar or YamlNode.Sequence)
        {
            problems.Add(
                node.At,
                "\"window\" must say days and times, or \"any\"",
                $"Write for example \"{Grammar.Window.Example}\", or \"window: any\" for any time.");
            return null;
        }

        if (MappingReader.Open(node, Grammar.WindowKeys, problems) is not { } mapping)
            return null;
        var days = mapping.WordsOf(Grammar.Days, Grammar.DayWords, "The day ");
        var from = Time(mapping, Grammar.WindowFrom);
        var to = Time(mapping, Grammar.WindowTo);
        var zone = Zone(mapping, Grammar.Zone, problems);
        var endsWithDay = mapping.Node(Grammar.WindowTo) is YamlNode.Scalar { Text: Grammar.EndOfDay };
        if (from is not null && from == to && !endsWithDay)
            problems.Add(
                mapping.PlaceOf(Grammar.WindowTo),
                "The window ends when it begins, so it never opens",
                "Write a later \"to\"; for whole days write from \"00:00\" to \"24:00\", for any time \"window: any\".");
        return days.IsEmpty || from is null || to is null || zone is null ? null : new RotationWindow([.. days], from.Value, to.Value, zone);
    }

    /// <summary>A freeze; null where it is reported.</summary>
    public static Freeze? Freeze(YamlNode node, ProblemList problems)
    {
        if (MappingReader.Open(node, Grammar.FreezeKeys, problems) is not { } mapping)
            return null;
        var from = DateTime(mapping, Grammar.FreezeFrom);
        var to = DateTime(mapping, Grammar.FreezeTo);
        var zone = Zone(mapping, Grammar.Zone, problems);
        var reason = mapping.Text(Grammar.Reason);
        if (from is not null && to is not null && from >= to)
            problems.Add(
                mapping.PlaceOf(Grammar.FreezeTo),
                "The freeze doesn't end after it begins",
                "Write a \"to\" that is later than \"from\".");
        return from is null || to is null || zone is null || reason is null ? null : new Freeze(from.Value, to.Value, zone, reason.Value);
    }

    /// <summary>A hold; null where it is reported. A date holds to the end of that day; without a zone it counts in UTC.</summary>
    public static HoldPolicy? Hold(YamlNode node, ProblemList problems)
    {
        if (MappingReader.Open(node, Grammar.HoldKeys, problems) is not { } mapping)
            return null;
        var zone = mapping.Has(Grammar.HoldZone) ? Zone(mapping, Grammar.HoldZone, problems) : DateTimeZone.Utc;
        var reason = mapping.Text(Grammar.HoldReason);
        if (mapping.Text(Grammar.HoldUntil) is not { } text)
            return null;
        var date = DateOf(text.Value);
        if ((date?.PlusDays(1).AtMidnight() ?? DateTimeOf(text.Value)) is not { Year: >= FirstYear and <= LastYear } until)
        {
            problems.Add(
                text.At,
                $"{Quoted.Of(text.Value)} is neither a date nor a date with a time",
                $"Write \"{Grammar.HoldUntil.Example}\" for the end of that day, or \"until: 2026-12-05T06:00\", without an offset: "
                    + "\"zone\" says where it counts (UTC without it).");
            return null;
        }

        return zone is null || reason is null ? null : new HoldPolicy(zone.AtLeniently(until).ToInstant(), reason.Value);
    }

    /// <summary>The end of a day in UTC, through which something is good; null where it is missing or reported.</summary>
    public static Instant? LastDay(MappingReader mapping, Key key) =>
        mapping.Parsed<LocalDate>(
            key, text => DateOf(text) is { Year: >= FirstYear } day ? day : null, "is not a date", $"Write for example \"{key.Example}\".")
            ?.PlusDays(1).AtMidnight().InUtc().ToInstant();

    private static LocalTime? Time(MappingReader mapping, Key key) => mapping.Parsed(
        key, text => key == Grammar.WindowTo && text == Grammar.EndOfDay ? LocalTime.Midnight : TimeOf(text, TimeForm),
        "is not a time of day", $"Write hours and minutes such as {key.Example}.");

    private static LocalDateTime? DateTime(MappingReader mapping, Key key) => mapping.Parsed<LocalDateTime>(
        key, text => DateTimeOf(text) is { Year: >= FirstYear and <= LastYear } time ? time : null,
        "is not a date with a time", $"Write for example \"{key.Example}\", without an offset: \"zone\" says where it counts.");

    private static LocalDateTime? DateTimeOf(string text)
    {
        if (text.Split('T') is not [var day, var time] || DateOf(day) is not { } date)
            return null;
        return time is Grammar.EndOfDay or Grammar.EndOfDay + ":00"
            ? date.PlusDays(1).AtMidnight()
            : date + (TimeOf(time, TimeForm) ?? TimeOf(time, TimeFormWithSeconds));
    }

    private static LocalDate? DateOf(string text) =>
        DateOnly.TryParseExact(text, DateForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && date.Year <= LastYear
            ? LocalDate.FromDateOnly(date)
            : null;

    private static LocalTime? TimeOf(string text, string form) =>
        TimeOnly.TryParseExact(text, form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? LocalTime.FromTimeOnly(time)
            : null;

    /// <summary>A time zone by its IANA name; null where it is missing or reported.</summary>
    public static DateTimeZone? Zone(MappingReader mapping, Key key, ProblemList problems)
    {
        if (mapping.Text(key) is not { } text)
            return null;
        if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(text.Value) is { } zone)
            return zone;
        problems.Add(
            text.At,
            $"There is no time zone {Quoted.Of(text.Value)}",
            $"{problems.Hint(text.Value, DateTimeZoneProviders.Tzdb.Ids)}Write an IANA name such as Europe/Berlin or UTC.");
        return null;
    }
}
