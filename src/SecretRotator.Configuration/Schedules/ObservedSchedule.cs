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
