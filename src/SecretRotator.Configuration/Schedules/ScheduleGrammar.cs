namespace SecretRotator.Configuration.Schedules;

/// <summary>
/// Every key that a file in <c>schedules/</c> may hold. To add one, add it here, in <c>schemas/schedule.schema.json</c> and in
/// <c>docs/pipelines.md</c>; tests compare the three.
/// </summary>
internal static class ScheduleGrammar
{
    public static readonly Key Name = new("name", "name: nightly-rotation", Required: true);
    public static readonly Key Cron = new("cron", "cron: \"30 1 * * *\"", Required: true);
    public static readonly Key Zone = new("zone", "zone: UTC", Required: true);
    public static readonly Key Pipeline = new("pipeline", "pipeline: rotate", Required: true);
    public static readonly Key Branch = new("branch", "branch: main", Required: true);
    public static readonly Key Repository = new("repository", "repository: secret-rotator");
    public static readonly Key Enabled = new("enabled", "enabled: false");
    public static readonly KeyTable Keys = new("a schedule", "", Name, Cron, Zone, Pipeline, Branch, Repository, Enabled);
}
