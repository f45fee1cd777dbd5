namespace SecretRotator.Configuration.Schedules;

/// <summary>What became of one schedule of a plan.</summary>
/// <param name="Item">What was to be done.</param>
/// <param name="Failure">Why it wasn't, or not wholly; null where it was done, or nothing was to be done.</param>
internal sealed record ScheduleResult(ScheduleItem Item, Failure? Failure);

/// <summary>Makes Bitbucket's schedules what a plan says.</summary>
/// <remarks>
/// <para>What is to be made is noted before it is made, and what was made is noted after. A run that dies in between leaves a note by
/// which the next one recognises its schedule, so none is ever made twice, and none that someone else made is taken for its own.</para>
/// <para>A schedule that is replaced stays until its successor is there: both may start a pipeline in between, and a claim keeps
/// two rotations apart, while a gap without a schedule could go unnoticed.</para>
/// </remarks>
internal sealed class ScheduleApplication(IScheduleStore store)
{
    /// <summary>Does what a plan says, one schedule after the other. A failure of one doesn't stop the others.</summary>
    /// <exception cref="OperationCanceledException">Stopped; the next run goes on from there.</exception>
    public async Task<ImmutableArray<ScheduleResult>> RunAsync(SchedulePlan plan, CancellationToken cancellation)
    {
        var results = ImmutableArray.CreateBuilder<ScheduleResult>();
        foreach (var item in plan.Items)
        {
            try
            {
                await RunAsync(item, plan.Observed, cancellation);
                results.Add(new(item, null));
            }
            catch (RemoteFailureException failure)
            {
                results.Add(new(item, failure.Failure));
            }
        }

        return results.ToImmutable();
    }

    private async Task RunAsync(ScheduleItem item, ImmutableHashSet<string> observed, CancellationToken cancellation)
    {
        if (item.Action is ScheduleAction.Unchanged or ScheduleAction.Foreign)
            return;
        if (item.Declared is null)
        {
            await TakeAwayAsync(item, cancellation);
            await store.ForgetAsync(item.Record!, cancellation);
            return;
        }

        var (kept, record) = item.Kept is { } existing ? (existing, item.Record) : await MakeAsync(item, observed, cancellation);
        if (kept.Enabled != item.Declared.Enabled)
            await store.EnableAsync(kept, item.Declared.Enabled, cancellation);
        await TakeAwayAsync(item, cancellation);
        var isMade = item.Kept is null || item.IsMade;
        var known = new ScheduleRecord(item.Name!, new(item.Repository.Slug, kept.Uuid, Fingerprint.Of(item.Declared), isMade), null);
        if (record?.Record != known)
            await store.NoteAsync(record, known, cancellation);
    }

    private async Task<(ObservedSchedule Made, PostedRecord? Record)> MakeAsync(
        ScheduleItem item, ImmutableHashSet<string> observed, CancellationToken cancellation)
    {
        var declared = item.Declared!;
        var intent = new ScheduleRecord(item.Name!, item.Record?.Record.Owned, new(item.Repository.Slug, Fingerprint.Of(declared)));
        var record = item.Record;
        if (record?.Record == intent)
        {
            // A former run set out to make it. What it asked for may have landed since, or be missing from listings for some seconds.
            if (await store.FindAsync(declared, observed, cancellation) is { } late)
                return (late, record);
        }
        else
        {
            record = await store.NoteAsync(item.Record, intent, cancellation);
        }

        try
        {
            return (await store.CreateAsync(declared, observed, cancellation), record);
        }
        catch (RemoteFailureException refused) when (refused.Effect == Effect.Rejected)
        {
            await TakeBackAsync(item.Record, record, cancellation);
            throw;
        }
    }

    // A note of something that was never made would make a schedule that someone creates by hand later look like ours.
    private async Task TakeBackAsync(PostedRecord? former, PostedRecord note, CancellationToken cancellation)
    {
        try
        {
            if (former is null)
                await store.ForgetAsync(note, cancellation);
            else
                await store.NoteAsync(note, former.Record with { Making = null }, cancellation);
        }
        catch (RemoteFailureException)
        {
            // The refusal is what has to be reported; the note says no more than what was intended.
        }
    }

    private async Task TakeAwayAsync(ScheduleItem item, CancellationToken cancellation)
    {
        foreach (var (schedule, isMade) in item.Old)
        {
            if (isMade)
                await store.DeleteAsync(schedule, cancellation);
            else if (schedule.Enabled)
                await store.EnableAsync(schedule, enabled: false, cancellation);
        }
    }
}
