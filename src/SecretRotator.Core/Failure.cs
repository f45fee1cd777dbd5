namespace SecretRotator;

/// <summary>
/// Why something failed, or why nothing was begun, as data: the code that learns it first fills it in, and it travels unchanged into
/// decisions,
/// outcomes, evidence and results. <see cref="Rotation.FailureMessages"/> makes one text of it.
/// </summary>
/// <param name="Kind">Why.</param>
/// <param name="Message">What happened to which thing, for people; never a value.</param>
/// <param name="Hint">What to do next, for people, or null.</param>
public sealed record Failure(FailureKind Kind, string Message, string? Hint = null)
{
    /// <summary>What is known of the effect of the call that failed; null where no call did.</summary>
    public Effect? Effect { get; init; }

    /// <summary>
    /// The service that refused or didn't answer, such as <c>aws-secrets-manager</c>, as its adapter names it; null where it isn't known or
    /// there is none.
    /// </summary>
    public string? Service { get; init; }

    /// <summary>The thing there: a secret's path, a variable's scope, a bucket; null where it isn't known or there is none.</summary>
    public string? Resource { get; init; }

    /// <summary>Whether it is about the credential or the way to the service, so that other calls there would fail alike.</summary>
    public bool ConcernsAll => Kind
        is FailureKind.Unauthenticated or FailureKind.Throttled or FailureKind.Unavailable or FailureKind.Garbled
            or FailureKind.ProxyRefused;

    /// <summary>The same, with something to do where nothing was said.</summary>
    public Failure OrHint(string hint) => Hint is null ? this with { Hint = hint } : this;

    /// <summary>The same, in a sentence about what came of it: the message is put behind it.</summary>
    public Failure After(string sentence) => this with { Message = $"{sentence} {Message}" };
}

/// <summary>Why something failed, or why nothing was begun. The closed set; <see cref="WireNames"/> has one name for
/// each.</summary>
public enum FailureKind
{
    /// <summary>A service refused for none of the other reasons.</summary>
    Other,

    /// <summary>The thing doesn't exist, or the credential may not know that it does.</summary>
    NotFound,

    /// <summary>The credential is missing, wrong or expired, or no token could be had with it.</summary>
    Unauthenticated,

    /// <summary>The credential is accepted, and not allowed to do this.</summary>
    AccessDenied,

    /// <summary>Too many calls, and waiting didn't help within the limit.</summary>
    Throttled,

    /// <summary>The thing isn't in the state that the call expected.</summary>
    Conflict,

    /// <summary>Something else is current than the call expected: another version was created meanwhile.</summary>
    Superseded,

    /// <summary>The service could not be reached, answered 5xx, or not in time.</summary>
    Unavailable,

    /// <summary>The service answered with something that can't be understood.</summary>
    Garbled,

    /// <summary>A proxy in between didn't let the call through, so nothing was sent to the service.</summary>
    ProxyRefused,

    /// <summary>Settings, inventory or command line are wrong.</summary>
    InvalidConfiguration,

    /// <summary>What the decision depends on was not looked at.</summary>
    NotObserved,

    /// <summary>Another run, or one that may still run, has claimed the secret.</summary>
    ClaimHeld,

    /// <summary>A claim that is not needed any more could not be released.</summary>
    ClaimLeft,

    /// <summary>The rotation has lasted so long that its claim may be taken over.</summary>
    LeaseOver,

    /// <summary>A rotation is open, and has to be finished first.</summary>
    RotationOpen,

    /// <summary>Another service, or another tool's open rotation, changes the secret.</summary>
    ManagedElsewhere,

    /// <summary>The inventory and the vault contradict each other on who makes the value.</summary>
    PolicyMismatch,

    /// <summary>A secret of this kind can't be treated so.</summary>
    Unsupported,

    /// <summary>A target, or the deployment environment that it is in, doesn't exist and may not be created.</summary>
    TargetMissing,

    /// <summary>Several variables have a target's key.</summary>
    TargetAmbiguous,

    /// <summary>A target isn't a secured variable.</summary>
    TargetUnsecured,

    /// <summary>The value's age can't be determined: a clock is wrong.</summary>
    UnknownAge,

    /// <summary>This tool never delivered the secret, and an operator has to approve that.</summary>
    NeverDelivered,

    /// <summary>The version that was asked for isn't one to roll back to.</summary>
    VersionUnusable,

    /// <summary>Something that the plan rests on has changed since.</summary>
    PlanOutdated,

    /// <summary>A limit of the run doesn't allow it.</summary>
    RunLimit,

    /// <summary>The secret's content isn't what the inventory says, or is too large.</summary>
    InvalidContent,

    /// <summary>A target or the staged version isn't as it should be.</summary>
    VerificationFailed,

    /// <summary>The system that a credential is for refuses it.</summary>
    CredentialRefused,

    /// <summary>The system that credentials are for has one that no version of the secret names.</summary>
    UnknownCredential,

    /// <summary>Evidence can't be written, and without it nothing is changed.</summary>
    EvidenceLost,

    /// <summary>The run was stopped from outside.</summary>
    Cancelled,

    /// <summary>A fault of this tool.</summary>
    Unexpected,
}
