using Cronos;
using SecretRotator.Configuration.Schedules;

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
}
