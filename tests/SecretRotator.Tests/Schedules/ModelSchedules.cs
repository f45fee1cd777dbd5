using SecretRotator.Configuration.Schedules;

namespace SecretRotator.Tests.Schedules;

/// <summary>A run that dies.</summary>
internal sealed class DeadException : Exception;

/// <summary>Bitbucket's schedules and the tool's records in memory, for runs that die at any change.</summary>
internal sealed class ModelSchedules : IScheduleStore
{
    private int _changes;
    private int _made;

    public List<ObservedSchedule> Standing { get; } = [];

    public List<PostedRecord> Records { get; } = [];

    /// <summary>Every change, in order.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>The change at which the run dies, from 1, or 0 for none.</summary>
    public int DiesAt { get; set; }

    /// <summary>Whether it dies after the change took effect.</summary>
    public bool DiesAfter { get; set; }

    /// <summary>How creations are refused, or null.</summary>
    public RemoteFailureException? Refusal { get; set; }

    public Task<ImmutableArray<ObservedSchedule>> ListAsync(VariableScope.Repository repository, CancellationToken cancellation) =>
        Task.FromResult<ImmutableArray<ObservedSchedule>>([.. Standing.Where(schedule => schedule.Repository == repository)]);

    public Task<ImmutableArray<PostedRecord>> ListRecordsAsync(CancellationToken cancellation) =>
        Task.FromResult<ImmutableArray<PostedRecord>>([.. Records]);

    public Task<ObservedSchedule> CreateAsync(
        ScheduleDeclaration schedule, ImmutableHashSet<string> known,
        CancellationToken cancellation) => Task.FromResult(Change($"create {schedule.Name}", () =>
    {
        if (Refusal is { } refusal)
            throw refusal;
        var made = new ObservedSchedule(
            schedule.Repository, NewUuid(), schedule.Enabled, "custom", schedule.Pipeline, schedule.Branch, schedule.Pattern);
        Standing.Add(made);
        return made;
    }));

    public Task<ObservedSchedule?> FindAsync(
        ScheduleDeclaration schedule, ImmutableHashSet<string> known, CancellationToken cancellation) =>
        Task.FromResult(Standing.Find(each => each.Fingerprint == Fingerprint.Of(schedule) && !known.Contains(each.Uuid)));

    public Task EnableAsync(
        ObservedSchedule schedule, bool enabled,
        CancellationToken cancellation) => Task.FromResult(Change(enabled ? "enable" : "disable", () =>
    {
        Standing[Standing.FindIndex(each => each.Uuid == schedule.Uuid)] = schedule with { Enabled = enabled };
        return true;
    }));

    public Task DeleteAsync(ObservedSchedule schedule, CancellationToken cancellation) =>
        Task.FromResult(Change($"delete {schedule.Pattern}", () => Standing.RemoveAll(each => each.Uuid == schedule.Uuid)));

    public Task<PostedRecord> NoteAsync(
        PostedRecord? former, ScheduleRecord record, CancellationToken cancellation) => Task.FromResult(Change("note", () =>
    {
        var posted = new PostedRecord(former?.Uuid ?? NewUuid(), record);
        Records.RemoveAll(each => each.Uuid == posted.Uuid);
        Records.Add(posted);
        return posted;
    }));

    public Task ForgetAsync(PostedRecord record, CancellationToken cancellation) =>
        Task.FromResult(Change("forget", () => Records.RemoveAll(each => each.Uuid == record.Uuid)));

    /// <summary>A schedule that someone made by hand.</summary>
    public ObservedSchedule Foreign(ScheduleDeclaration like, bool enabled = true)
    {
        var made = new ObservedSchedule(like.Repository, NewUuid(), enabled, "custom", like.Pipeline, like.Branch, like.Pattern);
        Standing.Add(made);
        return made;
    }

    /// <summary>One run; it may die.</summary>
    public async Task<ImmutableArray<ScheduleResult>> RunAsync(params ImmutableArray<ScheduleDeclaration> declared) =>
        await new ScheduleApplication(this).RunAsync(Plan(declared), CancellationToken.None);

    public SchedulePlan Plan(params ImmutableArray<ScheduleDeclaration> declared)
    {
        var repositories = SchedulePlanner.Repositories(declared, Records, "acme");
        return SchedulePlanner.Plan(declared, [.. Records], [.. Standing.Where(schedule => repositories.Contains(schedule.Repository))]);
    }

    private T Change<T>(string what, Func<T> act)
    {
        _changes++;
        if (_changes == DiesAt && !DiesAfter)
            throw new DeadException();
        Changes.Add(what);
        var result = act();
        if (_changes == DiesAt)
            throw new DeadException();
        return result;
    }

    private string NewUuid() => $"00000000-0000-4000-8000-{++_made:D12}";
}
