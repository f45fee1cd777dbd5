namespace SecretRotator.Configuration.Schedules;

/// <summary>What is to be done with one schedule.</summary>
internal enum ScheduleAction
{
    /// <summary>Bitbucket has none: make it.</summary>
    Create,

    /// <summary>Bitbucket has just such a one that no record names: note it, and make no second one.</summary>
    Adopt,

    /// <summary>It is as the file says, but disabled.</summary>
    Enable,

    /// <summary>It is as the file says, but enabled.</summary>
    Disable,

    /// <summary>Times, pipeline, branch or repository differ, which Bitbucket can't change: make a new one, then take the old one
    /// away.</summary>
    Replace,

    /// <summary>No file asks for it any more, and this tool made it: delete it.</summary>
    Delete,

    /// <summary>No file asks for it any more, and someone else made it: leave it alone from now on.</summary>
    Release,

    /// <summary>No file asks for it any more, and Bitbucket has it no longer: forget the record.</summary>
    Forget,

    /// <summary>It is as the file says.</summary>
    Unchanged,

    /// <summary>It is in no file and no record: never touched.</summary>
    Foreign,
}

/// <summary>What is to be done with one schedule, and everything that doing it takes.</summary>
/// <param name="Action">What is to be done.</param>
/// <param name="Name">Its name; null for a foreign one.</param>
/// <param name="Repository">The repository that it is or will be in.</param>
/// <param name="Declared">What its file asks for; null where there is no file.</param>
/// <param name="Kept">The schedule in Bitbucket that stays, or null.</param>
/// <param name="IsMade">Whether this tool made the one that stays.</param>
/// <param name="Old">What belongs to the name and has to go: deleted where this tool made it, else only disabled.</param>
/// <param name="Record">The record of the name, or null.</param>
internal sealed record ScheduleItem(
    ScheduleAction Action,
    string? Name,
    VariableScope.Repository Repository,
    ScheduleDeclaration? Declared,
    ObservedSchedule? Kept,
    bool IsMade,
    ImmutableArray<(ObservedSchedule Schedule, bool IsMade)> Old,
    PostedRecord? Record);

/// <summary>What is to be done with all schedules: first those that files ask for, then those that go, then the foreign ones.</summary>
/// <param name="Items">The schedules.</param>
/// <param name="Observed">The uuids of everything that Bitbucket listed.</param>
internal sealed record SchedulePlan(ImmutableArray<ScheduleItem> Items, ImmutableHashSet<string> Observed)
{
    /// <summary>Whether nothing has to be done.</summary>
    public bool IsDone => Items.All(item => item.Action is ScheduleAction.Unchanged or ScheduleAction.Foreign);
}
