namespace SecretRotator.Rotation;

/// <summary>The steps of a rotation, in the words that PROTOCOL.md, logs and evidence share.</summary>
public enum RotationStep
{
    /// <summary>Take the exclusive right, and observe again under it.</summary>
    Claim,

    /// <summary>Refuse whatever can be refused before any write.</summary>
    Check,

    /// <summary>Have the backend make a credential, which it shows once.</summary>
    Issue,

    /// <summary>Write the new value to the vault as a version that no one reads.</summary>
    Stage,

    /// <summary>Make the backend accept the staged value.</summary>
    Set,

    /// <summary>Log in with a version as it was read from the vault.</summary>
    Prove,

    /// <summary>PUT it to the targets.</summary>
    Distribute,

    /// <summary>Prove that vault and targets hold it.</summary>
    Verify,

    /// <summary>Make it current: the commit point.</summary>
    Promote,

    /// <summary>Record what was delivered, clear the marks, release the claim.</summary>
    Finish,

    /// <summary>Put the old value back on a target.</summary>
    Restore,

    /// <summary>Drop the staged version and release the claim.</summary>
    Discard,

    /// <summary>Make an old version unusable whose grace is over.</summary>
    Retire,

    /// <summary>Make an old or abandoned credential refuse logins.</summary>
    Disable,

    /// <summary>Make a credential accept logins again that was disabled.</summary>
    Enable,

    /// <summary>Remove a credential for good that the backend had made.</summary>
    Delete,
}

/// <summary>How it ended for one secret. The closed set that <c>PROTOCOL.md</c> names.</summary>
public abstract record RotationOutcome
{
    private RotationOutcome()
    {
    }

    /// <summary>Whether it failed, so that it was undone or is left to its operator; not where the run was stopped.</summary>
    public bool IsFailed => this is RolledBack { Cancelled: false } or NeedsOperator;

    /// <summary>Vault and targets hold the new value.</summary>
    /// <param name="From">The version that was current before.</param>
    /// <param name="To">The version that is current now.</param>
    /// <param name="Level">How surely the targets hold it.</param>
    public sealed record Rotated(VersionId From, VersionId To, VerificationLevel Level) : RotationOutcome;

    /// <summary>All targets hold the current version again; nothing was generated.</summary>
    /// <param name="Version">The current version.</param>
    /// <param name="Level">How surely the targets hold it.</param>
    public sealed record Redelivered(VersionId Version, VerificationLevel Level) : RotationOutcome;

    /// <summary>All targets hold the current version for the first time by this tool.</summary>
    /// <param name="Version">The current version.</param>
    /// <param name="Level">How surely the targets hold it.</param>
    public sealed record Adopted(VersionId Version, VerificationLevel Level) : RotationOutcome;

    /// <summary>An old version isn't valid any more; the current one and the targets are what they were.</summary>
    /// <param name="Version">The old version.</param>
    public sealed record Retired(VersionId Version) : RotationOutcome
    {
        /// <summary>From when on its disabled credential is deleted; null where it is retired for good.</summary>
        public Instant? DeletedFrom { get; init; }
    }

    /// <summary>It failed, and vault and targets hold the old value.</summary>
    /// <param name="Cause">Why it failed.</param>
    /// <param name="Cancelled">Whether it was stopped from outside.</param>
    public sealed record RolledBack(Failure Cause, bool Cancelled) : RotationOutcome;

    /// <summary>Something isn't, or isn't known to be, put back or done.</summary>
    /// <param name="Cause">Why it failed.</param>
    /// <param name="NotUndone">What is left, for people: what is where, and what to do.</param>
    public sealed record NeedsOperator(Failure Cause, ImmutableArray<string> NotUndone) : RotationOutcome
    {
        /// <summary>What the vault and each target hold now, as far as it is known, for people.</summary>
        public ImmutableArray<string> State { get; init; } = [];
    }

    /// <summary>Nothing was changed.</summary>
    /// <param name="Decision">Why.</param>
    public sealed record Untouched(Decision Decision) : RotationOutcome;
}
