using System.Text.Json.Serialization;
using Cronos;
using NodaTime.Text;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Commands;

/// <summary>What <c>schedules plan</c> would do, or <c>schedules apply</c> did, and what is shown with it.</summary>
/// <param name="Command">The command.</param>
/// <param name="Results">The schedules, each with why it failed, if it did.</param>
/// <param name="IsApplied">Whether it was done, or is only planned.</param>
/// <param name="Now">From when on runs are told.</param>
/// <param name="Sandbox">Set where it is about the sandbox.</param>
internal sealed record SchedulesView(
    string Command, ImmutableArray<ScheduleResult> Results, bool IsApplied, Instant Now, SandboxNote? Sandbox)
{
    private const int Runs = 3;

    private static readonly ZonedDateTimePattern Local = ZonedDateTimePattern.CreateWithInvariantCulture(
        "ddd uuuu'-'MM'-'dd HH':'mm", null);

    /// <summary>When a schedule runs next, by the pattern that Bitbucket has.</summary>
    public IEnumerable<Instant> NextRuns(ScheduleDeclaration schedule)
    {
        // All but the year, which is any.
        var pattern = CronExpression.Parse(schedule.Pattern[..schedule.Pattern.LastIndexOf(' ')], CronFormat.IncludeSeconds);
        var from = Now.ToDateTimeUtc();
        for (var run = 0; run < Runs && pattern.GetNextOccurrence(from) is { } next; run++)
        {
            yield return Instant.FromDateTimeUtc(next);
            from = next;
        }
    }

    /// <summary>What becomes of each schedule, and when it runs next.</summary>
    public void WriteText(Terminal terminal)
    {
        terminal.WriteNote(Sandbox);
        foreach (var result in Results)
        {
            terminal.Write($"{Title(result.Item)}: {Label(result)}", ToneOf(result));
            terminal.WriteLabelled([.. Details(result)]);
            terminal.WriteLine("");
        }

        foreach (var line in Summary())
            terminal.Write(line);
    }

    private static string Title(ScheduleItem item) => item.Name ?? $"{item.Kept!.Pipeline} on {item.Kept.Branch}";

    private string Label(ScheduleResult result) => (result, IsApplied) switch
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

    private IEnumerable<(string Label, string Text)> Details(ScheduleResult result)
    {
        var item = result.Item;
        if (result.Failure is { } failure)
            yield return ("cause", FailureMessages.Text(failure));
        if (Why(item) is { } why)
            yield return ("why", why);
        if (item.Declared is { } declared)
        {
            yield return (
                "starts", Place(declared.Pipeline, declared.Branch, declared.Repository) + (declared.Enabled ? "" : ", disabled"));
            yield return ("cron", $"{declared.Local} in {declared.Zone.Id}; Bitbucket: {declared.Pattern}");
            foreach (var (run, index) in declared.Enabled ? NextRuns(declared).Select((run, index) => (run, index)) : [])
                yield return (index == 0 ? "next" : "", Run(run, declared));
        }
        else if (item.Kept is { } kept)
        {
            yield return ("starts", Place(kept.Pipeline, kept.Branch, kept.Repository) + (kept.Enabled ? "" : ", disabled"));
            yield return ("cron", $"{kept.Pattern} (Bitbucket, in UTC)");
        }

        foreach (var (old, isMade) in item.Old)
            yield return (isMade ? "deletes" : "disables", $"{Place(old.Pipeline, old.Branch, old.Repository)}: {old.Pattern}");
    }

    private static string Place(string pipeline, string branch, VariableScope.Repository repository) =>
        $"{pipeline} on {branch} in {repository.WorkspaceSlug}/{repository.Slug}";

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

    private IEnumerable<string> Summary()
    {
        var counts = HumanText.Counts(Results.Select(Label));
        yield return $"{HumanText.Count(Results.Length, "schedule")}{(Results.IsEmpty ? "" : ": ")}{counts}.";
        if (!IsApplied && Results.Any(result => result.Item.Action is not (ScheduleAction.Unchanged or ScheduleAction.Foreign)))
            yield return "Nothing was written. To make it so: secret-rotator schedules apply";
    }

    private static Tone ToneOf(ScheduleResult result) => result switch
    {
        { Failure: not null } => Tone.Bad,
        { Item.Action: ScheduleAction.Unchanged or ScheduleAction.Foreign } => Tone.Quiet,
        _ => Tone.Attention,
    };
}

/// <summary>What schedules plan and schedules apply write with --output json. docs/pipelines.md explains it to people.</summary>
internal sealed class SchedulesJson : ResultJson
{
    private readonly SchedulesView _view;

    internal SchedulesJson(SchedulesView view, ExitCode exitCode)
        : base(view.Command, exitCode) => _view = view;

    /// <summary>Null, or that it is a run in the sandbox.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)] public SandboxJson? Sandbox => SandboxJson.Of(_view.Sandbox);

    /// <summary>From when on next runs are told.</summary>
    public string At => Json.Text(_view.Now);
    public IEnumerable<ScheduleJson> Schedules => _view.Results.Select(result => new ScheduleJson(_view, result));
}

/// <summary>A schedule, and what becomes of it.</summary>
internal sealed class ScheduleJson
{
    private readonly SchedulesView _view;
    private readonly ScheduleResult _result;
    private readonly ScheduleDeclaration? _declared;

    internal ScheduleJson(SchedulesView view, ScheduleResult result) => (_view, _result, _declared) = (view, result, result.Item.Declared);

    /// <summary>Left out for a foreign one: Bitbucket's schedules have no names.</summary>
    public string? Name => _result.Item.Name;
    public string Action => WireNames.Of(_result.Item.Action);

    /// <summary>schedules apply only: whether it is as it should be now.</summary>
    public bool? Done => _view.IsApplied ? _result.Failure is null : null;
    public string Repository => _result.Item.Repository.Slug;
    public string? Pipeline => _declared?.Pipeline;
    public string? Branch => _declared?.Branch;

    /// <summary>As the file has it, in the zone.</summary>
    public string? Cron => _declared?.Local.ToString();
    public string? Zone => _declared?.Zone.Id;

    /// <summary>The seven fields that Bitbucket gets, in UTC.</summary>
    public string? Pattern => _declared?.Pattern;
    public bool? Enabled => _declared?.Enabled;

    /// <summary>The next three runs; none where it is disabled.</summary>
    public IEnumerable<string>? Next => _declared is null ? null : _declared.Enabled ? _view.NextRuns(_declared).Select(Json.Text) : [];

    /// <summary>The schedule in Bitbucket that was there before and stays.</summary>
    public ObservedScheduleJson? Standing => _result.Item.Kept is { } kept ? new(kept, null) : null;

    /// <summary>Schedules in Bitbucket that have to go.</summary>
    public IEnumerable<ObservedScheduleJson> Old =>
        _result.Item.Old.Select(old => new ObservedScheduleJson(old.Schedule, old.IsMade ? "delete" : "disable"));
    public ScheduleFailureJson? Failure => _result.Failure is { } failure ? new(failure) : null;
}

/// <summary>A schedule as Bitbucket has it.</summary>
internal sealed class ObservedScheduleJson
{
    private readonly ObservedSchedule _schedule;

    internal ObservedScheduleJson(ObservedSchedule schedule, string? fate) => (_schedule, Fate) = (schedule, fate);

    public string Uuid => _schedule.Uuid;
    public string Repository => _schedule.Repository.Slug;
    public string Pipeline => _schedule.Pipeline;
    public string Branch => _schedule.Branch;
    public string Pattern => _schedule.Pattern;
    public bool Enabled => _schedule.Enabled;

    /// <summary>What becomes of one that has to go.</summary>
    public string? Fate { get; }
}

/// <summary>Why a schedule is not as it should be.</summary>
internal sealed class ScheduleFailureJson
{
    private readonly Failure _failure;
    private readonly RecordedFailure _recorded;

    internal ScheduleFailureJson(Failure failure) => (_failure, _recorded) = (failure, RecordedFailure.Of(failure)!);

    public string Kind => _recorded.Kind;
    public string? Effect => _recorded.Effect;
    public string? Service => _recorded.Service;
    public string? Resource => _recorded.Resource;
    public string Message => _failure.Message;
    public string? Hint => _failure.Hint;
}
