using SecretRotator.Planning;
using SecretRotator.Rotation;
using SecretRotator.Vaults;

namespace SecretRotator.Evidence;

/// <summary>The words that evidence, JSON results and logs use for the closed sets of the domain. They are a promise to programs that read
/// them.</summary>
public static class WireNames
{
    /// <summary>A decision's word, such as <c>not-due</c>.</summary>
    public static string Of(Decision decision) => decision switch
    {
        Decision.Unfinished => "unfinished",
        Decision.Redeliver => "redeliver",
        Decision.Adopt => "adopt",
        Decision.Due => "due",
        Decision.NotDue => "not-due",
        Decision.Retire => "retire",
        Decision.Forced => "forced",
        Decision.Waiting => "waiting",
        Decision.Blocked => "blocked",
        _ => throw new ArgumentOutOfRangeException(nameof(decision)),
    };

    /// <summary>An outcome's word, such as <c>rolled-back</c>.</summary>
    public static string Of(RotationOutcome outcome) => outcome switch
    {
        RotationOutcome.Rotated => "rotated",
        RotationOutcome.Redelivered => "redelivered",
        RotationOutcome.Adopted => "adopted",
        RotationOutcome.Retired => "retired",
        RotationOutcome.RolledBack => "rolled-back",
        RotationOutcome.NeedsOperator => "needs-operator",
        RotationOutcome.Untouched => "untouched",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };

    /// <summary>A step's word, such as <c>distribute</c>.</summary>
    public static string Of(RotationStep step) => step switch
    {
        RotationStep.Claim => "claim",
        RotationStep.Check => "check",
        RotationStep.Stage => "stage",
        RotationStep.Issue => "issue",
        RotationStep.Set => "set",
        RotationStep.Prove => "prove",
        RotationStep.Disable => "disable",
        RotationStep.Enable => "enable",
        RotationStep.Delete => "delete",
        RotationStep.Distribute => "distribute",
        RotationStep.Verify => "verify",
        RotationStep.Promote => "promote",
        RotationStep.Finish => "finish",
        RotationStep.Restore => "restore",
        RotationStep.Discard => "discard",
        RotationStep.Retire => "retire",
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    /// <summary>A step state's word: <c>begun</c>, <c>done</c> or <c>failed</c>.</summary>
    public static string Of(StepState state) => state switch
    {
        StepState.Begun => "begun",
        StepState.Done => "done",
        StepState.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>A verification level's word: <c>listed</c>, <c>attested</c>, <c>accepted</c> or <c>accepted-and-attested</c>.</summary>
    public static string Of(VerificationLevel level) => level switch
    {
        VerificationLevel.Listed => "listed",
        VerificationLevel.Attested => "attested",
        VerificationLevel.Accepted => "accepted",
        VerificationLevel.Accepted | VerificationLevel.Attested => "accepted-and-attested",
        _ => throw new ArgumentOutOfRangeException(nameof(level)),
    };

    /// <summary>The level of a word; null where it is none.</summary>
    public static VerificationLevel? LevelOf(string? word) => word switch
    {
        "listed" => VerificationLevel.Listed,
        "attested" => VerificationLevel.Attested,
        "accepted" => VerificationLevel.Accepted,
        "accepted-and-attested" => VerificationLevel.Accepted | VerificationLevel.Attested,
        _ => null,
    };

    /// <summary>What is known of an effect: <c>rejected</c> or <c>unknown</c>.</summary>
    public static string Of(Effect effect) => effect switch
    {
        Effect.Rejected => "rejected",
        Effect.Unknown => "unknown",
        _ => throw new ArgumentOutOfRangeException(nameof(effect)),
    };

    /// <summary>A kind of failure's word, such as <c>access-denied</c>.</summary>
    public static string Of(FailureKind kind) => kind switch
    {
        FailureKind.Other => "other",
        FailureKind.NotFound => "not-found",
        FailureKind.Unauthenticated => "unauthenticated",
        FailureKind.AccessDenied => "access-denied",
        FailureKind.Throttled => "throttled",
        FailureKind.Conflict => "conflict",
        FailureKind.Superseded => "superseded",
        FailureKind.Unavailable => "unavailable",
        FailureKind.Garbled => "garbled",
        FailureKind.ProxyRefused => "proxy-refused",
        FailureKind.InvalidConfiguration => "invalid-configuration",
        FailureKind.NotObserved => "not-observed",
        FailureKind.ClaimHeld => "claim-held",
        FailureKind.ClaimLeft => "claim-left",
        FailureKind.LeaseOver => "lease-over",
        FailureKind.RotationOpen => "rotation-open",
        FailureKind.ManagedElsewhere => "managed-elsewhere",
        FailureKind.PolicyMismatch => "policy-mismatch",
        FailureKind.Unsupported => "unsupported",
        FailureKind.TargetMissing => "target-missing",
        FailureKind.TargetAmbiguous => "target-ambiguous",
        FailureKind.TargetUnsecured => "target-unsecured",
        FailureKind.UnknownAge => "unknown-age",
        FailureKind.NeverDelivered => "never-delivered",
        FailureKind.VersionUnusable => "version-unusable",
        FailureKind.PlanOutdated => "plan-outdated",
        FailureKind.RunLimit => "run-limit",
        FailureKind.InvalidContent => "invalid-content",
        FailureKind.VerificationFailed => "verification-failed",
        FailureKind.CredentialRefused => "credential-refused",
        FailureKind.UnknownCredential => "unknown-credential",
        FailureKind.EvidenceLost => "evidence-lost",
        FailureKind.Cancelled => "cancelled",
        FailureKind.Unexpected => "unexpected",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>A decision's reason in one sentence, for people; empty where the word says it all.</summary>
    public static string WhyOf(Decision decision) => decision switch
    {
        Decision.Unfinished d => d.Why,
        Decision.Redeliver d => d.Why,
        Decision.Adopt { Approved: true } => "It was never delivered by this tool; the operator approved.",
        Decision.Adopt =>
            "It was never delivered by this tool, so what its targets hold can't be put back. --adopt delivers the vault's current value.",
        Decision.Due => "",
        Decision.NotDue => "",
        Decision.Retire d => $"{d.Version}: {d.Why}",
        Decision.Forced d => $"{d.By}: {d.Reason}",
        Decision.Waiting d => d.Why,
        Decision.Blocked d => d.Why,
        _ => throw new ArgumentOutOfRangeException(nameof(decision)),
    };
}
