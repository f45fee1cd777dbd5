using SecretRotator.Rotation;

namespace SecretRotator.Evidence;

/// <summary>One thing that happened in a run, without any value. The closed set of evidence records.</summary>
/// <param name="At">When.</param>
public abstract record EvidenceRecord(Instant At)
{
    /// <summary>A run began.</summary>
    /// <param name="At">When.</param>
    /// <param name="Command">The command, such as <c>rotate</c>.</param>
    /// <param name="Tool">The tool's version.</param>
    /// <param name="Holder">Who ran it.</param>
    /// <param name="InventoryDigest">Which inventory: 64 hexadecimal digits.</param>
    public sealed record RunStarted(Instant At, string Command, string Tool, Holder Holder, string InventoryDigest) : EvidenceRecord(At)
    {
        /// <summary>The run's identity.</summary>
        public RunId Run { get; init; } = RunId.None;

        /// <summary>Who asked for it.</summary>
        public string By { get; init; } = "";

        /// <summary>The run before, or null where none is known.</summary>
        public PreviousRun? After { get; init; }

        /// <summary>Other runs that no run has named yet: they ran beside the one before.</summary>
        public ImmutableArray<PreviousRun> Beside { get; init; } = [];
    }

    /// <summary>A plan was made.</summary>
    /// <param name="At">When.</param>
    /// <param name="Digest">The plan's digest.</param>
    /// <param name="Secrets">How many secrets it covers.</param>
    public sealed record Planned(Instant At, string Digest, int Secrets) : EvidenceRecord(At);

    /// <summary>What was decided for one secret.</summary>
    /// <param name="At">When.</param>
    /// <param name="Secret">The secret's name.</param>
    /// <param name="Decision">The decision.</param>
    public sealed record Decided(Instant At, string Secret, Decision Decision) : EvidenceRecord(At)
    {
        /// <summary>The rules that don't hold for it, each with its reason, as <see cref="Planning.Overrides"/> lists them.</summary>
        public ImmutableArray<string> Overrides { get; init; } = [];
    }

    /// <summary>A step of a rotation began, succeeded or failed. The beginning is written before the act.</summary>
    /// <param name="At">When.</param>
    /// <param name="Secret">The secret's name.</param>
    /// <param name="Rotation">The rotation.</param>
    /// <param name="Kind">Which step.</param>
    /// <param name="State">How far it is.</param>
    /// <param name="Target">The target, where the step is about one.</param>
    /// <param name="Detail">Versions, levels or the failure's text; never a value.</param>
    public sealed record Step(
        Instant At, string Secret, RotationId Rotation, RotationStep Kind, StepState State, string? Target, string? Detail)
        : EvidenceRecord(At)
    {
        /// <summary>Why it failed; null where it didn't.</summary>
        public Failure? Failure { get; init; }
    }

    /// <summary>How it ended for one secret.</summary>
    /// <param name="At">When.</param>
    /// <param name="Secret">The secret's name.</param>
    /// <param name="Rotation">The rotation, or null where none was begun.</param>
    /// <param name="Outcome">How.</param>
    public sealed record Ended(Instant At, string Secret, RotationId? Rotation, RotationOutcome Outcome) : EvidenceRecord(At);

    /// <summary>Something stopped the run as a whole: it could not begin, or not go on.</summary>
    /// <param name="At">When.</param>
    /// <param name="Cause">What; never a value.</param>
    public sealed record Stopped(Instant At, Failure Cause) : EvidenceRecord(At);

    /// <summary>The run ended. Without it the run was cut short.</summary>
    /// <param name="At">When.</param>
    /// <param name="ExitCode">The exit code.</param>
    public sealed record RunEnded(Instant At, int ExitCode) : EvidenceRecord(At);
}

/// <summary>How far a step is.</summary>
public enum StepState
{
    /// <summary>About to be done.</summary>
    Begun,

    /// <summary>Done.</summary>
    Done,

    /// <summary>Failed, or its effect is unknown.</summary>
    Failed,
}

/// <summary>Keeps evidence, in order.</summary>
public interface IEvidenceLog
{
    /// <summary>Writes a record so that it outlives the process. May be called from several rotations at once.</summary>
    /// <exception cref="EvidenceException">It can't be kept. A run that can't write evidence doesn't rotate.</exception>
    void Append(EvidenceRecord record);
}

/// <summary>Evidence can't be kept.</summary>
/// <param name="message">Why.</param>
/// <param name="inner">What was thrown, or null.</param>
public sealed class EvidenceException(string message, Exception? inner = null) : Exception(message, inner);
