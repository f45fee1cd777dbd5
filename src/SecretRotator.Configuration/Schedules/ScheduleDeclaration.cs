namespace SecretRotator.Configuration.Schedules;

/// <summary>What one file of <c>schedules/</c> says: which custom pipeline runs when, on which branch.</summary>
/// <param name="Name">Its name, unique among all files.</param>
/// <param name="Repository">The repository whose pipeline runs.</param>
/// <param name="Pipeline">The custom pipeline's name in <c>bitbucket-pipelines.yml</c>.</param>
/// <param name="Branch">The branch whose head it runs on; Bitbucket's schedules know no tags.</param>
/// <param name="Local">When it runs, in <paramref name="Zone"/>.</param>
/// <param name="Zone">The zone of the cron expression.</param>
/// <param name="Utc">The same times in UTC.</param>
/// <param name="Enabled">Whether Bitbucket starts it.</param>
/// <param name="File">The file that it is in, as it was named.</param>
internal sealed record ScheduleDeclaration(
    string Name,
    VariableScope.Repository Repository,
    string Pipeline,
    string Branch,
    CronTimes Local,
    DateTimeZone Zone,
    CronTimes Utc,
    bool Enabled,
    string File)
{
    /// <summary>The seven fields that Bitbucket is given.</summary>
    public string Pattern => QuartzPattern.Of(Utc);
}
