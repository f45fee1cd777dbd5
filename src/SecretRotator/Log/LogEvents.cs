using System.Diagnostics;
using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Log;

/// <summary>
/// Every event that the log knows, each with a number that is never given to another one. A user who filters or alerts
/// relies on them; docs/observability.md explains each to people, with its level and its fields.
/// </summary>
internal static class LogEvents
{
    public static readonly LoggedEvent RunStarted = new(1000, "run-started");
    public static readonly LoggedEvent Planned = new(1001, "planned");
    public static readonly LoggedEvent Decided = new(1002, "decided");
    public static readonly LoggedEvent RunEnded = new(1003, "run-ended");
    public static readonly LoggedEvent Stopped = new(1004, "stopped");
    public static readonly LoggedEvent StepBegun = new(1010, "step");
    public static readonly LoggedEvent StepDone = new(1011, "step");
    public static readonly LoggedEvent StepFailed = new(1012, "step");
    public static readonly LoggedEvent Rotated = new(1020, "ended");
    public static readonly LoggedEvent Redelivered = new(1021, "ended");
    public static readonly LoggedEvent Adopted = new(1022, "ended");
    public static readonly LoggedEvent RolledBack = new(1023, "ended");
    public static readonly LoggedEvent NeedsOperator = new(1024, "ended");
    public static readonly LoggedEvent Untouched = new(1025, "ended");
    public static readonly LoggedEvent Retired = new(1026, "ended");
    public static readonly LoggedEvent Notice = new(2000, "notice");
    public static readonly LoggedEvent Waiting = new(2001, "waiting");
    public static readonly LoggedEvent Failed = new(2002, "failed");
    public static readonly LoggedEvent TelemetryLost = new(2003, "telemetry-lost");
    public static readonly LoggedEvent InsightsLost = new(2004, "insights-lost");
    public static readonly LoggedEvent NotificationLost = new(2005, "notification-lost");

    /// <summary>The event of an evidence record.</summary>
    public static LoggedEvent Of(EvidenceRecord record) => record switch
    {
        EvidenceRecord.RunStarted => RunStarted,
        EvidenceRecord.Planned => Planned,
        EvidenceRecord.Decided => Decided,
        EvidenceRecord.Step { State: StepState.Begun } => StepBegun,
        EvidenceRecord.Step { State: StepState.Done } => StepDone,
        EvidenceRecord.Step { State: StepState.Failed } => StepFailed,
        EvidenceRecord.Ended ended => Of(ended.Outcome),
        EvidenceRecord.Stopped => Stopped,
        EvidenceRecord.RunEnded => RunEnded,
        _ => throw new UnreachableException("A new evidence record needs a log event."),
    };

    private static LoggedEvent Of(RotationOutcome outcome) => outcome switch
    {
        RotationOutcome.Rotated => Rotated,
        RotationOutcome.Redelivered => Redelivered,
        RotationOutcome.Adopted => Adopted,
        RotationOutcome.RolledBack => RolledBack,
        RotationOutcome.NeedsOperator => NeedsOperator,
        RotationOutcome.Untouched => Untouched,
        RotationOutcome.Retired => Retired,
        _ => throw new UnreachableException("A new outcome needs a log event."),
    };
}

/// <summary>One event of the log.</summary>
/// <param name="Id">Its number: in the JSON form the field <c>Id</c>.</param>
/// <param name="Name">Its name: the field <c>Event</c>, and the first word of the text form. Events that differ only in how it went share
/// one.</param>
internal sealed record LoggedEvent(int Id, string Name);
