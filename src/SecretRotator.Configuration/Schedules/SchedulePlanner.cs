namespace SecretRotator.Configuration.Schedules;

/// <summary>Compares the files with Bitbucket. Pure: it looks only at what it is given.</summary>
internal sealed class SchedulePlanner(ImmutableArray<PostedRecord> records, ImmutableArray<ObservedSchedule> observed)
{
    private readonly ImmutableHashSet<string> _recorded = [.. records.Select(posted => posted.Record.Owned?.Uuid).OfType<string>()];

    /// <summary>The repositories whose schedules must be known: those of the files, and those that records name.</summary>
    public static ImmutableArray<VariableScope.Repository> Repositories(
        IEnumerable<ScheduleDeclaration> declared, IEnumerable<PostedRecord> records, string workspace) =>
    [
        .. declared.Select(schedule => schedule.Repository)
            .Concat(records.SelectMany(posted => new[] { posted.Record.Owned?.Repository, posted.Record.Making?.Repository })
                .OfType<string>().Select(slug => new VariableScope.Repository(workspace, slug)))
            .Distinct()
            .OrderBy(repository => repository.Slug, StringComparer.Ordinal),
    ];

    /// <summary>Plans.</summary>
    /// <param name="declared">What the files ask for; no two of them ask for the same.</param>
    /// <param name="records">What earlier runs noted, a record for a name at most.</param>
    /// <param name="observed">The schedules of all the repositories above.</param>
    public static SchedulePlan Plan(
        ImmutableArray<ScheduleDeclaration> declared, ImmutableArray<PostedRecord> records, ImmutableArray<ObservedSchedule> observed)
    {
        var planner = new SchedulePlanner(records, observed);
        var wanted = declared.Select(planner.Wanted).ToList();
        var gone = records.Where(posted => !declared.Any(schedule => schedule.Name == posted.Record.Name)).Select(planner.Gone).ToList();
        var known = wanted.Concat(gone).SelectMany(item => item.Old.Select(old => old.Schedule.Uuid).Append(item.Kept?.Uuid))
            .ToHashSet(StringComparer.Ordinal);
        var foreign = observed.Where(schedule => !known.Contains(schedule.Uuid))
            .Select(schedule => new ScheduleItem(
                ScheduleAction.Foreign, null, schedule.Repository, null, schedule, IsMade: false, [], null));
        return new([.. wanted, .. gone, .. foreign], [.. observed.Select(schedule => schedule.Uuid)]);
    }

    private ScheduleItem Wanted(ScheduleDeclaration declared)
    {
        var posted = records.FirstOrDefault(each => each.Record.Name == declared.Name);
        var wanted = Fingerprint.Of(declared);
        var own = OwnOf(posted?.Record);
        var kept = own.FirstOrDefault(each => each.Schedule.Repository == declared.Repository && each.Fingerprint == wanted);
        var isNoted = kept.Schedule is not null
            && posted!.Record == new ScheduleRecord(
                declared.Name, new(declared.Repository.Slug, kept.Schedule.Uuid, wanted, kept.IsMade), null);
        if (kept.Schedule is null
            && observed.FirstOrDefault(
                each => IsFree(each) && each.Repository == declared.Repository && each.Fingerprint == wanted) is { } twin)
            kept = (twin, wanted, false);
        var old = own.Where(each => each.Schedule != kept.Schedule).Select(each => (each.Schedule, each.IsMade)).ToImmutableArray();
        var action = (kept.Schedule, isNoted) switch
        {
            (null, _) => old.IsEmpty ? ScheduleAction.Create : ScheduleAction.Replace,
            _ when !old.IsEmpty => ScheduleAction.Replace,
            (_, false) => ScheduleAction.Adopt,
            ({ Enabled: false }, _) when declared.Enabled => ScheduleAction.Enable,
            ({ Enabled: true }, _) when !declared.Enabled => ScheduleAction.Disable,
            _ => ScheduleAction.Unchanged,
        };
        return new(action, declared.Name, declared.Repository, declared, kept.Schedule, kept.IsMade, old, posted);
    }

    private ScheduleItem Gone(PostedRecord posted)
    {
        var own = OwnOf(posted.Record).Select(each => (each.Schedule, each.IsMade)).ToImmutableArray();
        var made = own.Where(each => each.IsMade).ToImmutableArray();
        var action = (own.IsEmpty, made.IsEmpty) switch
        {
            (true, _) => ScheduleAction.Forget,
            (_, true) => ScheduleAction.Release,
            _ => ScheduleAction.Delete,
        };
        var repository = own.IsEmpty ? null : own[0].Schedule.Repository;
        return new(
            action,
            posted.Record.Name,
            repository ?? new VariableScope.Repository("", posted.Record.Owned?.Repository ?? posted.Record.Making?.Repository ?? ""),
            null,
            action == ScheduleAction.Release ? own[0].Schedule : null,
            IsMade: false,
            made,
            posted);
    }

    // The one that the record names, and whatever looks like the one that a run set out to make and didn't note any more.
    private List<(ObservedSchedule Schedule, Fingerprint Fingerprint, bool IsMade)> OwnOf(ScheduleRecord? record)
    {
        var own = new List<(ObservedSchedule, Fingerprint, bool)>();
        if (record?.Owned is { } owned && observed.FirstOrDefault(each => each.Uuid == owned.Uuid) is { } known)
            own.Add((known, owned.Fingerprint, owned.IsMade));
        if (record?.Making is { } making)
            own.AddRange(
                observed.Where(each => IsFree(each) && each.Repository.Slug == making.Repository && each.Fingerprint == making.Fingerprint)
                    .Select(each => (each, making.Fingerprint, true)));
        return own;
    }

    private bool IsFree(ObservedSchedule schedule) => !_recorded.Contains(schedule.Uuid);
}
