using System.Diagnostics;
using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Log;

/// <summary>
/// Every event that the log knows, each with a number that is never given to another one. A user who filters or alerts
/// relies on them; docs/observability.md explains each to people.
/// </summary>
internal static class LogEvents
{
    public static readonly LoggedEvent RunStarted = new(
        1000, "run-started", "information", Text("Command"), Text("Holder"), Text("Tool"), Text("InventoryDigest"));
    public static readonly LoggedEvent Planned = new(1001, "planned", "information", Number("Secrets"), Text("Digest"));
    public static readonly LoggedEvent Decided = new(
        1002, "decided", "debug, information or warning", Text("Secret"), Text("Decision"), Text("Why"));
    public static readonly LoggedEvent RunEnded = new(1003, "run-ended", "information", Number("ExitCode"));
    public static readonly LoggedEvent Stopped = new(1004, "stopped", "error", Text("Cause"));
    public static readonly LoggedEvent StepBegun = Step(1010, "debug");
    public static readonly LoggedEvent StepDone = Step(1011, "information");
    public static readonly LoggedEvent StepFailed = Step(1012, "warning");
    public static readonly LoggedEvent Rotated = Ended(1020, "information");
    public static readonly LoggedEvent Redelivered = Ended(1021, "information");
    public static readonly LoggedEvent Adopted = Ended(1022, "information");
    public static readonly LoggedEvent RolledBack = Ended(1023, "error or warning");
    public static readonly LoggedEvent NeedsOperator = Ended(1024, "error");
    public static readonly LoggedEvent Untouched = Ended(1025, "debug or warning");
    public static readonly LoggedEvent Retired = Ended(1026, "information");
    public static readonly LoggedEvent Notice = new(2000, "notice", "warning", Text("Message"));
    public static readonly LoggedEvent Waiting = new(2001, "waiting", "warning", Number("Seconds"));
    public static readonly LoggedEvent Failed = new(2002, "failed", "debug", Text("Trace"));
    public static readonly LoggedEvent TelemetryLost = new(2003, "telemetry-lost", "warning", Text("Message"));
    public static readonly LoggedEvent InsightsLost = new(2004, "insights-lost", "warning", Text("Message"));
    public static readonly LoggedEvent NotificationLost = new(2005, "notification-lost", "warning", Text("Message"));

    /// <summary>All of them, by number.</summary>
    public static ImmutableArray<LoggedEvent> All { get; } =
    [
        RunStarted, Planned, Decided, RunEnded, Stopped, StepBegun, StepDone, StepFailed,
        Rotated, Redelivered, Adopted, RolledBack, NeedsOperator, Untouched, Retired, Notice, Waiting, Failed, TelemetryLost, InsightsLost,
        NotificationLost,
    ];

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

    private static LoggedEvent Step(int id, string levels) =>
        new(id, "step", levels, Text("Secret"), Text("Rotation"), Text("Step"), Text("State"), Optional("Target"), Optional("Detail"));

    private static LoggedEvent Ended(int id, string levels) => new(id, "ended", levels, Text("Secret"), Text("Outcome"), Text("Cause"));

    private static LoggedField Text(string name) => new(name, "text", IsOptional: false);

    private static LoggedField Optional(string name) => new(name, "text", IsOptional: true);

    private static LoggedField Number(string name) => new(name, "number", IsOptional: false);
}

/// <summary>One event of the log.</summary>
/// <param name="Id">Its number: in the JSON form the field <c>Id</c>.</param>
/// <param name="Name">Its name: the field <c>Event</c>, and the first word of the text form. Events that differ only in how it went share
/// one.</param>
/// <param name="Levels">The level at which it is logged.</param>
/// <param name="Fields">What it tells besides.</param>
internal sealed record LoggedEvent(int Id, string Name, string Levels, params ImmutableArray<LoggedField> Fields);

/// <summary>One field of an event.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>text</c> or <c>number</c>.</param>
/// <param name="IsOptional">Whether it may be missing.</param>
internal sealed record LoggedField(string Name, string Type, bool IsOptional);
