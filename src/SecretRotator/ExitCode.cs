using System.Diagnostics;
using SecretRotator.Audit;
using SecretRotator.Doctor;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Planning;
using SecretRotator.Providers.Doctor;
using SecretRotator.Rotation;
using SecretRotator.Verification;

namespace SecretRotator;

/// <summary>How a command ends, for the caller that started it. docs/commands.md explains each to people.</summary>
internal enum ExitCode
{
    /// <summary>Done, or nothing to do.</summary>
    Done = 0,

    /// <summary>An unexpected error.</summary>
    Unexpected = 1,

    /// <summary>Invalid inventory, settings or usage: nothing was touched.</summary>
    Usage = 2,

    /// <summary><c>plan --exit-code</c>: something is due. <c>status</c>: something needs a person. <c>verify</c>: something drifted.
    /// <c>doctor</c>: a check failed. <c>evidence</c>: a file is incomplete.</summary>
    Found = 3,

    /// <summary>A rotation failed and everything was put back.</summary>
    RolledBack = 4,

    /// <summary>Something is not, or not known to be, put back or done. <c>evidence</c>: something was changed or is missing.</summary>
    NeedsOperator = 5,

    /// <summary>Something due could not be started, or the whole command: an identity, a credential or a service that it begins with isn't
    /// available.</summary>
    Blocked = 6,

    /// <summary>Stopped from outside; whatever was in flight was put back.</summary>
    Cancelled = 130,
}

/// <summary>The one place that says which exit code a decision, an outcome, a run or an exception maps to.</summary>
internal static class ExitCodes
{
    /// <summary>The worst comes first. Being stopped is worse than a failure that was undone, as the run is incomplete; an operator's work
    /// is never hidden by it.</summary>
    private static readonly ExitCode[] WorstFirst =
    [
        ExitCode.NeedsOperator,
        ExitCode.Unexpected,
        ExitCode.Usage,
        ExitCode.Cancelled,
        ExitCode.RolledBack,
        ExitCode.Blocked,
        ExitCode.Found,
        ExitCode.Done,
    ];

    /// <summary>The worst of several; done where there are none.</summary>
    public static ExitCode Worst(IEnumerable<ExitCode> codes) =>
        codes.DefaultIfEmpty(ExitCode.Done).MinBy(code => Array.IndexOf(WorstFirst, code));

    /// <summary>What a planned decision means to <c>plan --exit-code</c>.</summary>
    public static ExitCode OfPlanned(Decision decision) => decision switch
    {
        Decision.Unfinished or Decision.Redeliver or Decision.Due or Decision.Forced or Decision.Retire => ExitCode.Found,
        Decision.Adopt adopt => adopt.Approved ? ExitCode.Found : ExitCode.Blocked,
        Decision.NotDue or Decision.Waiting => ExitCode.Done,
        Decision.Blocked => ExitCode.Blocked,
        _ => throw new UnreachableException("A new decision needs an exit code."),
    };

    /// <summary>What <c>plan --exit-code</c> answers.</summary>
    /// <remarks>What a person has to renew is told, though no run acts on it.</remarks>
    public static ExitCode Of(RotationPlan plan) => Worst(plan.Items.Select(item =>
        item is { Secret.Value: ValuePolicy.External, Decision: Decision.Waiting } ? ExitCode.Found : OfPlanned(item.Decision)));

    /// <summary>What the outcome of one secret means to a run.</summary>
    public static ExitCode Of(RotationOutcome outcome) => outcome switch
    {
        RotationOutcome.Rotated or RotationOutcome.Redelivered or RotationOutcome.Adopted or RotationOutcome.Retired => ExitCode.Done,
        RotationOutcome.RolledBack rolledBack => rolledBack.Cancelled ? ExitCode.Cancelled : ExitCode.RolledBack,
        RotationOutcome.NeedsOperator => ExitCode.NeedsOperator,
        RotationOutcome.Untouched untouched => OfUntouched(untouched.Decision),
        _ => throw new UnreachableException("A new outcome needs an exit code."),
    };

    /// <summary>What a whole run answers.</summary>
    public static ExitCode Of(RunResult result) =>
        Worst(
        [
            .. result.Results.Select(each => Of(each.Outcome)),
            result.Cancelled ? ExitCode.Cancelled : ExitCode.Done,
            result.LostEvidence is null ? ExitCode.Done : ExitCode.Unexpected,
        ]);

    /// <summary>What the way of the evidence into its archive means to a run.</summary>
    public static ExitCode Of(ArchiveOutcome outcome) => outcome switch
    {
        ArchiveOutcome.Stored => ExitCode.Done,
        ArchiveOutcome.Missing missing => missing.KeptLocally ? ExitCode.Done : ExitCode.NeedsOperator,
        _ => throw new UnreachableException("A new outcome needs an exit code."),
    };

    /// <summary>What <c>verify</c> answers. Variables that no one manages are no drift.</summary>
    public static ExitCode Of(DriftReport report) => report.Findings.IsEmpty ? ExitCode.Done : ExitCode.Found;

    /// <summary>What <c>status</c> answers.</summary>
    public static ExitCode Of(StatusReport report) => report.Findings.IsEmpty ? ExitCode.Done : ExitCode.Found;

    /// <summary>What <c>doctor</c> answers: what is only a risk, or isn't known, stops no pipeline.</summary>
    public static ExitCode Of(DoctorReport report) => report.Count(CheckStatus.Fail) > 0 ? ExitCode.Found : ExitCode.Done;

    /// <summary>What a file of evidence means to <c>evidence verify</c> and <c>evidence show</c>.</summary>
    public static ExitCode Of(EvidenceVerdict verdict) => verdict switch
    {
        EvidenceVerdict.Whole => ExitCode.Done,
        EvidenceVerdict.Incomplete => ExitCode.Found,
        EvidenceVerdict.Broken => ExitCode.NeedsOperator,
        _ => throw new UnreachableException("A new verdict needs an exit code."),
    };

    /// <summary>What an exception that ends a command answers.</summary>
    public static ExitCode Of(Exception exception) => exception switch
    {
        UsageException => ExitCode.Usage,
        PlanChangedException => ExitCode.Blocked,
        OperationCanceledException => ExitCode.Cancelled,
        // Nothing was changed: a command that waits for an identity is as blocked as a secret that waits for one.
        RemoteFailureException { Effect: Effect.Rejected } => ExitCode.Blocked,
        _ => ExitCode.Unexpected,
    };

    /// <summary>A decision to act that was not acted on was stopped by something: it counts as blocked.</summary>
    private static ExitCode OfUntouched(Decision decision) =>
        decision is Decision.NotDue or Decision.Waiting ? ExitCode.Done : ExitCode.Blocked;
}
