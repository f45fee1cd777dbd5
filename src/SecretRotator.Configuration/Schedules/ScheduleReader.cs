using System.Buffers;
using Cronos;

namespace SecretRotator.Configuration.Schedules;

/// <summary>Reads the text of one file of <c>schedules/</c>.</summary>
/// <param name="home">The repository of a schedule that names none.</param>
/// <param name="now">From when on its times must be the same in UTC.</param>
internal sealed class ScheduleReader(VariableScope.Repository home, Instant now)
{
    private static readonly SearchValues<char> NoBranch = SearchValues.Create(" ~^:?*[\\");

    private const string FirstKey = "Begin with \"name: nightly-rotation\"; docs/pipelines.md shows the rest.";

    /// <summary>The schedule; null where anything is wrong, which is reported.</summary>
    /// <param name="file">The file as problems name it.</param>
    /// <param name="utf8">Its whole content.</param>
    /// <param name="problems">Where problems go.</param>
    public (ScheduleDeclaration Schedule, Position NameAt)? Read(string file, ReadOnlySpan<byte> utf8, ProblemList problems)
    {
        if (SourceText.Decode(utf8, problems) is not { } text || YamlTree.Read(text, problems, FirstKey) is not { } root)
            return null;
        if (MappingReader.Open(root, ScheduleGrammar.Keys, problems) is not { } mapping)
            return null;
        var nameAt = mapping.PlaceOf(ScheduleGrammar.Name);
        var name = mapping.Checked(ScheduleGrammar.Name, Names.IsName, "can't be a schedule's name", Names.NameRule);
        var pipeline = mapping.Text(ScheduleGrammar.Pipeline)?.Value;
        var branch = mapping.Checked(
            ScheduleGrammar.Branch, IsBranch, "can't be a branch",
            "Write the branch's name alone, such as main, without refs/heads/, without spaces and wildcards: a schedule runs on one "
                + "branch.");
        var repository = mapping.Has(ScheduleGrammar.Repository)
            ? mapping.Checked(ScheduleGrammar.Repository, Names.IsSlug, "can't be a repository", Names.SlugRule)?.ToLowerInvariant()
            : home.Slug;
        var enabled = mapping.Has(ScheduleGrammar.Enabled) ? mapping.Flag(ScheduleGrammar.Enabled) : true;
        var cron = mapping.Text(ScheduleGrammar.Cron);
        var local = cron is null ? null : Local(cron, problems);
        var zone = TimeReader.Zone(mapping, ScheduleGrammar.Zone, problems);
        var utc = local is null || zone is null ? null : Utc(local, zone, cron!.At, problems);
        return name is null || pipeline is null || branch is null || repository is null || enabled is null || local is null || zone is null
            || utc is null
            ? null
            : (new(name, home with { Slug = repository }, pipeline, branch, local, zone, utc, enabled.Value, file), nameAt);
    }

    // The rules of git check-ref-format that catch likely mistakes.
    private static bool IsBranch(string text) =>
        !text.StartsWith("refs/", StringComparison.Ordinal) && !text.StartsWith('-') && text.AsSpan().IndexOfAny(NoBranch) < 0;

    private static CronTimes? Local(PlacedText cron, ProblemList problems)
    {
        if (CronTimes.Read(cron, problems) is not { } times)
            return null;

        // A second check, and the only one that finds days that never come.
        if (CronExpression.TryParse(times.ToString(), out var expression)
            && expression.GetNextOccurrence(DateTime.UnixEpoch, inclusive: true) is not null)
            return times;
        problems.Add(
            cron.At, $"{Quoted.Of(cron.Value)} never comes", "Look at the day of the month: April has no 31st, and February no 30th.");
        return null;
    }

    private CronTimes? Utc(CronTimes local, DateTimeZone zone, Position at, ProblemList problems)
    {
        var utc = UtcTimes.Of(local, zone, now);
        if (utc.Times is null)
            problems.Add(at, utc.Why!, utc.WriteInstead!);
        return utc.Times;
    }
}
