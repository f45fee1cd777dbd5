using System.Collections.Concurrent;
using System.Diagnostics;
using SecretRotator.Evidence;
using SecretRotator.Planning;
using SecretRotator.Rotation;
using SecretRotator.Settings;
using Serilog;
using Serilog.Events;

namespace SecretRotator.Log;

/// <summary>
/// The log: every evidence record as an event with a stable name and fields, on stderr. It is fed from the evidence,
/// so the two can't disagree.
/// </summary>
internal sealed class RunLog(ILogger logger) : IEvidenceLog
{
    private readonly ConcurrentDictionary<string, Decision> _decided = new(StringComparer.Ordinal);

    /// <summary>Says nothing.</summary>
    public static RunLog Silent { get; } = new(Serilog.Core.Logger.None);

    /// <summary>Opens the log that the settings ask for.</summary>
    public static RunLog Open(Terminal terminal, RotatorSettings settings)
    {
        // On a terminal the progress display tells what is being done; the log then only tells what needs attention.
        var level = settings.LogLevel ?? (ProgressDisplay.IsWanted(terminal, settings) ? LogEventLevel.Warning : LogEventLevel.Information);
        return new RunLog(new LoggerConfiguration()
            .MinimumLevel.Is(level)
            .WriteTo.Sink(new TerminalSink(terminal, settings.LogFormat))
            .CreateLogger());
    }

    /// <summary>Tells what a person should know though it stops nothing.</summary>
    public void Notice(string message) => Tell(LogEvents.Notice, LogEventLevel.Warning, "{Event:l}: {Message:l}", message);

    /// <summary>Tells that traces or metrics didn't all reach their collector.</summary>
    public void TelemetryLost(string message) => Tell(LogEvents.TelemetryLost, LogEventLevel.Warning, "{Event:l}: {Message:l}", message);

    /// <summary>Tells that the report on a commit isn't there, or not whole.</summary>
    public void InsightsLost(string message) => Tell(LogEvents.InsightsLost, LogEventLevel.Warning, "{Event:l}: {Message:l}", message);

    /// <summary>Told, besides the log, for how long calls wait.</summary>
    public Action<TimeSpan>? CallsWait { get; set; }

    /// <summary>Tells that a receiver was not told of the run.</summary>
    public void NotificationLost(string message) =>
        Tell(LogEvents.NotificationLost, LogEventLevel.Warning, "{Event:l}: {Message:l}", message);

    /// <summary>Tells that calls wait for the hourly budget.</summary>
    public void Waiting(TimeSpan length)
    {
        CallsWait?.Invoke(length);
        Tell(LogEvents.Waiting,
            LogEventLevel.Warning, "{Event:l}: Bitbucket's call budget is used up for now; going on in {Seconds} s",
            (int)Math.Ceiling(length.TotalSeconds));
    }

    /// <inheritdoc />
    public void Append(EvidenceRecord record)
    {
        var logged = LogEvents.Of(record);
        switch (record)
        {
            case EvidenceRecord.RunStarted started:
                Tell(logged,
                    LogEventLevel.Information, "{Event:l}: {Command:l} by {Holder:l}, version {Tool:l}, inventory {InventoryDigest:l}",
                    started.Command, started.Holder.ToString(), started.Tool, started.InventoryDigest);
                break;
            case EvidenceRecord.Planned planned:
                Tell(logged, LogEventLevel.Information, "{Event:l}: {Secrets} secrets, digest {Digest:l}", planned.Secrets, planned.Digest);
                break;
            case EvidenceRecord.Decided decided:
                _decided[decided.Secret] = decided.Decision;
                Tell(logged,
                    LevelOf(decided.Decision), "{Event:l}: {Secret:l}: {Decision:l}. {Why:l}", decided.Secret,
                    WireNames.Of(decided.Decision), HumanText.Why(decided.Decision, decided.At));
                break;
            case EvidenceRecord.Step step:
                Tell(logged, step);
                break;
            case EvidenceRecord.Ended ended:
                Tell(logged,
                    LevelOf(ended), "{Event:l}: {Secret:l}: {Outcome:l}. {Cause:l}", ended.Secret, WireNames.Of(ended.Outcome),
                    CauseOf(ended));
                break;
            case EvidenceRecord.Stopped stopped:
                Tell(logged, LogEventLevel.Error, "{Event:l}: {Cause:l}", stopped.Cause.Message);
                break;
            case EvidenceRecord.RunEnded runEnded:
                Tell(logged, LogEventLevel.Information, "{Event:l}: exit code {ExitCode}", runEnded.ExitCode);
                break;
            default:
                throw new UnreachableException("A new evidence record needs a log line.");
        }
    }

    /// <summary>Tells of an exception that ends a command; where it happened only on the debug level.</summary>
    public void Failed(Exception exception)
    {
        if (exception is UsageException)
            return;
        Tell(LogEvents.Failed, LogEventLevel.Debug, "{Event:l}: {Trace:l}", Debugging.Trace(exception));
    }

    private void Tell(LoggedEvent logged, EvidenceRecord.Step step)
    {
        var (target, detail) = (step.Target is null ? "" : ": {Target:l}", step.Detail is null ? "" : ": {Detail:l}");
        Write(
            logger.ForContext("Rotation", step.Rotation.Value), logged, LevelOf(step.State),
            $"{{Event:l}}: {{Secret:l}}: {{Step:l}} {{State:l}}{target}{detail}",
            [step.Secret, WireNames.Of(step.Kind), WireNames.Of(step.State), .. new[] { step.Target, step.Detail }.OfType<string>()]);
    }

    private void Tell(LoggedEvent logged, LogEventLevel level, string template, params object[] fields) =>
        Write(logger, logged, level, template, fields);

    private static void Write(ILogger context, LoggedEvent logged, LogEventLevel level, string template, params object[] fields)
    {
        if (context.IsEnabled(level))
            context.ForContext("Id", logged.Id).Write(level, template, [logged.Name, .. fields]);
    }

    private static string CauseOf(EvidenceRecord.Ended ended) => ended.Outcome switch
    {
        RotationOutcome.Rotated rotated => $"From {rotated.From} to {rotated.To}, {WireNames.Of(rotated.Level)}",
        RotationOutcome.Redelivered redelivered => $"Version {redelivered.Version}, {WireNames.Of(redelivered.Level)}",
        RotationOutcome.Adopted adopted => $"Version {adopted.Version}, {WireNames.Of(adopted.Level)}",
        RotationOutcome.Retired { DeletedFrom: { } at } disabled =>
            $"Version {disabled.Version}: its credential is disabled, and deleted from {HumanText.Time(at)} on",
        RotationOutcome.Retired retired => $"Version {retired.Version}",
        RotationOutcome.RolledBack rolledBack => FailureMessages.Text(rolledBack.Cause),
        RotationOutcome.NeedsOperator needsOperator =>
            string.Join(' ', needsOperator.NotUndone.Prepend(FailureMessages.Text(needsOperator.Cause))),
        RotationOutcome.Untouched untouched => $"{WireNames.Of(untouched.Decision)}: {HumanText.Why(untouched.Decision, ended.At)}",
        _ => throw new UnreachableException("A new outcome needs a log line."),
    };

    private static LogEventLevel LevelOf(Decision decision) => decision switch
    {
        Decision.Blocked or Decision.Adopt { Approved: false } => LogEventLevel.Warning,
        Decision.NotDue or Decision.Waiting => LogEventLevel.Debug,
        _ => LogEventLevel.Information,
    };

    private static LogEventLevel LevelOf(StepState state) => state switch
    {
        StepState.Begun => LogEventLevel.Debug,
        StepState.Done => LogEventLevel.Information,
        _ => LogEventLevel.Warning,
    };

    // What was said when it was decided is not said again.
    private LogEventLevel LevelOf(EvidenceRecord.Ended ended) => ExitCodes.Of(ended.Outcome) switch
    {
        _ when ended.Outcome is RotationOutcome.Untouched untouched && untouched.Decision == _decided.GetValueOrDefault(ended.Secret) =>
            LogEventLevel.Debug,
        ExitCode.Done => ended.Outcome is RotationOutcome.Untouched ? LogEventLevel.Debug : LogEventLevel.Information,
        ExitCode.Cancelled or ExitCode.Blocked => LogEventLevel.Warning,
        _ => LogEventLevel.Error,
    };
}
