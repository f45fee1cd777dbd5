namespace SecretRotator.Configuration.Schedules;

/// <summary>A schedule as Bitbucket lists it. It has neither a name nor an owner there, and only <paramref name="Enabled"/> can
/// change.</summary>
/// <param name="Repository">The repository whose pipeline it starts.</param>
/// <param name="Uuid">Its identity, in lower case and without braces.</param>
/// <param name="Enabled">Whether Bitbucket starts it.</param>
/// <param name="Selector">The kind of pipeline, such as <c>custom</c> or <c>branches</c>.</param>
/// <param name="Pipeline">The pipeline's name or pattern; empty where there is none.</param>
/// <param name="Branch">The branch; empty where Bitbucket says none.</param>
/// <param name="Pattern">Its cron pattern as Bitbucket writes it, in UTC.</param>
internal sealed record ObservedSchedule(
    VariableScope.Repository Repository, string Uuid, bool Enabled, string Selector, string Pipeline, string Branch, string Pattern)
{
    /// <summary>What it starts, when and where.</summary>
    public Fingerprint Fingerprint => Fingerprint.Of(Selector, Pipeline, Branch, Pattern);
}

/// <summary>Reads Bitbucket's schedules and what the tool noted of them. <c>schedules plan</c> holds this and nothing that
/// writes.</summary>
internal interface IScheduleReader
{
    /// <summary>All schedules of a repository. Each call asks Bitbucket again.</summary>
    /// <exception cref="RemoteFailureException">The listing is not complete for certain.</exception>
    Task<ImmutableArray<ObservedSchedule>> ListAsync(VariableScope.Repository repository, CancellationToken cancellation);

    /// <summary>All records. Each call asks Bitbucket again.</summary>
    /// <exception cref="RemoteFailureException">The listing is not complete for certain, or a record can't be read.</exception>
    Task<ImmutableArray<PostedRecord>> ListRecordsAsync(CancellationToken cancellation);
}

/// <summary>Changes schedules and records.</summary>
internal interface IScheduleStore : IScheduleReader
{
    /// <summary>Makes a schedule. One whose creation had no answer is looked for, and never asked for twice.</summary>
    /// <param name="schedule">What it is to be.</param>
    /// <param name="known">The uuids that aren't the new one, though they may look like it.</param>
    /// <param name="cancellation">Stops it; the schedule may be there nevertheless.</param>
    /// <exception cref="RemoteFailureException">Refused (the repository's limit is reached, for one), or without an answer and nowhere to
    /// be seen.</exception>
    Task<ObservedSchedule> CreateAsync(ScheduleDeclaration schedule, ImmutableHashSet<string> known, CancellationToken cancellation);

    /// <summary>Looks some seconds long for a schedule that a former run may have made a moment ago.</summary>
    /// <returns>The schedule, or null where it is nowhere to be seen.</returns>
    /// <exception cref="RemoteFailureException">A listing is not complete for certain.</exception>
    Task<ObservedSchedule?> FindAsync(ScheduleDeclaration schedule, ImmutableHashSet<string> known, CancellationToken cancellation);

    /// <summary>Enables or disables a schedule.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    Task EnableAsync(ObservedSchedule schedule, bool enabled, CancellationToken cancellation);

    /// <summary>Deletes a schedule. One that is gone already counts as deleted.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    Task DeleteAsync(ObservedSchedule schedule, CancellationToken cancellation);

    /// <summary>Writes a record down.</summary>
    /// <param name="former">The current one, or null where there is none.</param>
    /// <param name="record">What it is to say.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="RemoteFailureException">Refused (<see cref="FailureKind.Conflict"/>: another run wrote one first), or without an
    /// answer.</exception>
    Task<PostedRecord> NoteAsync(PostedRecord? former, ScheduleRecord record, CancellationToken cancellation);

    /// <summary>Deletes a record. One that is gone already counts as deleted.</summary>
    /// <exception cref="RemoteFailureException">Refused, or without an answer.</exception>
    Task ForgetAsync(PostedRecord record, CancellationToken cancellation);
}
