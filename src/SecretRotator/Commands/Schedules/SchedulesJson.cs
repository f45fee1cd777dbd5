using System.Text.Json.Serialization;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Evidence;

namespace SecretRotator.Commands;

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
