using NodaTime.Text;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Rotation;

namespace SecretRotator.Commands;

/// <summary>Schedules as people read them: what becomes of each, and when it runs next.</summary>
internal static class SchedulesText
{
    private static readonly ZonedDateTimePattern Local = ZonedDateTimePattern.CreateWithInvariantCulture(
        "ddd uuuu'-'MM'-'dd HH':'mm", null);

    public static void Write(Terminal terminal, SchedulesView view)
    {
        terminal.WriteNote(view.Sandbox);
        foreach (var result in view.Results)
        {
            terminal.Write($"{Title(result.Item)}: {Label(view, result)}", ToneOf(result));
            terminal.WriteLabelled([.. Details(view, result)]);
            terminal.WriteLine("");
        }

        foreach (var line in Summary(view))
            terminal.Write(line);
    }

    private static string Title(ScheduleItem item) => item.Name ?? $"{item.Kept!.Pipeline} on {item.Kept.Branch}";

    private static string Label(SchedulesView view, ScheduleResult result) => (result, view.IsApplied) switch
    {
        ({ Failure: not null }, _) => $"FAILED to {WireNames.Of(result.Item.Action)}",
        ({ Item.Action: ScheduleAction.Unchanged or ScheduleAction.Foreign }, _) or (_, false) => WireNames.Of(result.Item.Action),
        _ => result.Item.Action switch
        {
            ScheduleAction.Forget => "forgotten",
            ScheduleAction.Adopt => "adopted",
            var action => $"{WireNames.Of(action).TrimEnd('e')}ed",
        },
    };

    private static IEnumerable<(string Label, string Text)> Details(SchedulesView view, ScheduleResult result)
    {
        var item = result.Item;
        if (result.Failure is { } failure)
            yield return ("cause", FailureMessages.Text(failure));
        if (Why(item) is { } why)
            yield return ("why", why);
        if (item.Declared is { } declared)
        {
            yield return (
                "starts",
                $"{declared.Pipeline} on {declared.Branch} in "
                    + $"{declared.Repository.WorkspaceSlug}/{declared.Repository.Slug}{(declared.Enabled ? "" : ", disabled")}");
            yield return ("cron", $"{declared.Local} in {declared.Zone.Id}; Bitbucket: {declared.Pattern}");
            foreach (var (run, index) in declared.Enabled ? view.NextRuns(declared).Select((run, index) => (run, index)) : [])
                yield return (index == 0 ? "next" : "", Run(run, declared));
        }
        else if (item.Kept is { } kept)
        {
            yield return (
                "starts",
                $"{kept.Pipeline} on {kept.Branch} in "
                    + $"{kept.Repository.WorkspaceSlug}/{kept.Repository.Slug}{(kept.Enabled ? "" : ", disabled")}");
            yield return ("cron", $"{kept.Pattern} (Bitbucket, in UTC)");
        }

        foreach (var (old, isMade) in item.Old)
            yield return (
                isMade ? "deletes" : "disables",
                $"{old.Pipeline} on {old.Branch} in {old.Repository.WorkspaceSlug}/{old.Repository.Slug}: {old.Pattern}");
    }

    private static string Run(Instant run, ScheduleDeclaration declared) => declared.Zone.Id == DateTimeZone.Utc.Id
        ? $"{Local.Format(run.InUtc())} UTC"
        : $"{Local.Format(run.InZone(declared.Zone))} {declared.Zone.Id}, {Local.Format(run.InUtc())} UTC";

    private static string? Why(ScheduleItem item) => item.Action switch
    {
        ScheduleAction.Adopt => item.IsMade
            ? "An earlier run made it and didn't record it."
            : "Someone made it already, and it is as the file says: it is noted, and no second one made. It will never be deleted, only "
            + "disabled.",
        ScheduleAction.Replace => "Bitbucket can't change it: the new one is made before the old one goes.",
        ScheduleAction.Delete => "This tool made it, and no file asks for it any more.",
        ScheduleAction.Release => "No file asks for it any more. This tool didn't make it, so it stays as it is.",
        ScheduleAction.Forget => "No file asks for it any more, and Bitbucket no longer has it.",
        ScheduleAction.Foreign => "It is in no file and in no record of this tool: it stays as it is.",
        _ => null,
    };

    private static IEnumerable<string> Summary(SchedulesView view)
    {
        var counts = view.Results.GroupBy(result => Label(view, result), StringComparer.Ordinal)
            .Select(group => $"{group.Count()} {group.Key}");
        yield return $"{HumanText.Count(view.Results.Length, "schedule")}{(view.Results.IsEmpty ? "" : ": ")}{string.Join(", ", counts)}.";
        if (!view.IsApplied && view.Results.Any(result => result.Item.Action is not (ScheduleAction.Unchanged or ScheduleAction.Foreign)))
            yield return "Nothing was written. To make it so: secret-rotator schedules apply";
    }

    private static Tone ToneOf(ScheduleResult result) => result switch
    {
        { Failure: not null } => Tone.Bad,
        { Item.Action: ScheduleAction.Unchanged or ScheduleAction.Foreign } => Tone.Quiet,
        _ => Tone.Attention,
    };
}
