namespace SecretRotator.EvidenceStorage;

/// <summary>Whether a run's evidence reached its archive.</summary>
internal abstract record ArchiveOutcome
{
    private ArchiveOutcome()
    {
    }

    /// <summary>All of it is there.</summary>
    /// <param name="Addresses">Where, such as <c>s3://acme-evidence/20261124T013000Z-rotate-1f0c2d3e.jsonl</c>.</param>
    public sealed record Stored(ImmutableArray<string> Addresses) : ArchiveOutcome;

    /// <summary>Some of it isn't there, or isn't known to be. It doesn't undo what the run did.</summary>
    /// <param name="Failure">What happened.</param>
    /// <param name="Files">The files on this machine that aren't in the archive.</param>
    /// <param name="Commands">What stores each of them by hand, in the same order.</param>
    /// <param name="KeptLocally">Whether the files are where the operator asked for them, and not only in a temporary directory.</param>
    public sealed record Missing(
        Failure Failure, ImmutableArray<string> Files, ImmutableArray<string> Commands, bool KeptLocally) : ArchiveOutcome;
}
