namespace SecretRotator.Evidence;

/// <summary>
/// A record as it was read from a file, which anyone may have written: its words are texts, and show what they please. The members are
/// those of <c>docs/evidence.md</c>.
/// </summary>
/// <param name="Sequence">Its number in the file.</param>
/// <param name="Previous">The hash that it names as that of the record before.</param>
/// <param name="At">When.</param>
public abstract record EvidenceEntry(long Sequence, string Previous, Instant At)
{
    /// <summary>A run began.</summary>
    public sealed record RunStarted(
        long Sequence, string Previous, Instant At, RunId Run, string By, string Command, string Tool, string Holder, string Inventory,
        PreviousRun? After,
        ImmutableArray<PreviousRun> Beside)
        : EvidenceEntry(Sequence, Previous, At);

    /// <summary>A plan was made.</summary>
    public sealed record Planned(
        long Sequence, string Previous, Instant At, string Digest, long Secrets) : EvidenceEntry(Sequence, Previous, At);

    /// <summary>Something was decided for a secret.</summary>
    public sealed record Decided(
        long Sequence, string Previous, Instant At, string Secret, RecordedDecision Decision, ImmutableArray<string> Overrides)
        : EvidenceEntry(Sequence, Previous, At);

    /// <summary>A step began, succeeded or failed.</summary>
    public sealed record Step(
        long Sequence, string Previous, Instant At, string Secret, string Rotation, string Kind, string State, string? Target,
        string? Detail,
        RecordedFailure? Failure)
        : EvidenceEntry(Sequence, Previous, At);

    /// <summary>It ended for a secret.</summary>
    public sealed record Ended(
        long Sequence, string Previous, Instant At, string Secret, string? Rotation, RecordedOutcome Outcome)
        : EvidenceEntry(Sequence, Previous, At);

    /// <summary>Something stopped the run as a whole.</summary>
    public sealed record Stopped(long Sequence, string Previous, Instant At, string Cause, RecordedFailure? Failure)
        : EvidenceEntry(Sequence, Previous, At);

    /// <summary>The run ended.</summary>
    public sealed record RunEnded(
        long Sequence, string Previous, Instant At, long ExitCode, long Records, string Head, string Seal, bool IsSealed)
        : EvidenceEntry(Sequence, Previous, At);
}

/// <summary>A decision as evidence records it.</summary>
/// <param name="Word">Its word, such as <c>not-due</c>.</param>
/// <param name="Reason">Why, or null where the word says it all.</param>
/// <param name="Since">Since when it is due, or null.</param>
/// <param name="Until">Until when it isn't, or waits; or null.</param>
/// <param name="Hint">What to do about it, or null.</param>
/// <param name="Failure">What prevents it, or null.</param>
public sealed record RecordedDecision(string Word, string? Reason, Instant? Since, Instant? Until, string? Hint, RecordedFailure? Failure);

/// <summary>An outcome as evidence records it.</summary>
/// <param name="Word">Its word, such as <c>rolled-back</c>.</param>
public sealed record RecordedOutcome(string Word)
{
    /// <summary>The version that was current before, or null.</summary>
    public string? From { get; init; }

    /// <summary>The version that was delivered, or null.</summary>
    public string? To { get; init; }

    /// <summary>How surely the targets hold it, or null.</summary>
    public string? Level { get; init; }

    /// <summary>Why it failed, or null.</summary>
    public string? Cause { get; init; }

    /// <summary>The same as data, or null.</summary>
    public RecordedFailure? Failure { get; init; }

    /// <summary>Whether it was stopped from outside.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>What is left to be done by hand.</summary>
    public ImmutableArray<string> NotUndone { get; init; } = [];

    /// <summary>The decision that kept it untouched, or null.</summary>
    public RecordedDecision? Because { get; init; }
}

/// <summary>A failure in the words that evidence and JSON results share, without its texts: those are separate members beside it.</summary>
/// <param name="Kind">Its kind's word, such as <c>throttled</c>.</param>
/// <param name="Effect">What is known of its effect, <c>rejected</c> or <c>unknown</c>, where a call failed.</param>
/// <param name="Service">The service that refused, where it is known.</param>
/// <param name="Resource">The thing there, where it is known.</param>
public sealed record RecordedFailure(string Kind, string? Effect, string? Service, string? Resource)
{
    /// <summary>The words of a failure; null for none.</summary>
    public static RecordedFailure? Of(Failure? failure) => failure is null
        ? null
        : new(WireNames.Of(failure.Kind), failure.Effect is { } effect ? WireNames.Of(effect) : null, failure.Service, failure.Resource);
}
