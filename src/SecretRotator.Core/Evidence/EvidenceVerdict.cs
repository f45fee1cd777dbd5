namespace SecretRotator.Evidence;

/// <summary>What a file of evidence is worth. A closed set.</summary>
public abstract record EvidenceVerdict
{
    private EvidenceVerdict()
    {
    }

    /// <summary>Every record is as it was written, from the first to the closing one.</summary>
    public sealed record Whole : EvidenceVerdict;

    /// <summary>The run was cut short, or the file was: what there is fits together, but the closing record is missing.</summary>
    /// <param name="LastGood">The number of the last record that is whole; 0 where there is none.</param>
    /// <param name="IsTorn">Whether the beginning of another record follows it.</param>
    public sealed record Incomplete(long LastGood, bool IsTorn) : EvidenceVerdict;

    /// <summary>Someone or something changed the file after it was written.</summary>
    /// <param name="At">The first bad record.</param>
    public sealed record Broken(BadRecord At) : EvidenceVerdict;
}

/// <summary>The first bad record of a file: what comes before it is as it was written, what comes after it isn't looked at.</summary>
/// <param name="Number">Which record it is, from 1; where records are missing, the first missing one.</param>
/// <param name="Line">The line that it is in, or should be in, from 1.</param>
/// <param name="Offset">Where that line begins, in bytes from the beginning of the file.</param>
/// <param name="Flaw">What is wrong.</param>
/// <param name="Why">How that shows, in one sentence.</param>
public sealed record BadRecord(long Number, long Line, long Offset, EvidenceFlaw Flaw, string Why);

/// <summary>What can be wrong with a record.</summary>
public enum EvidenceFlaw
{
    /// <summary>It isn't what was written.</summary>
    Changed,

    /// <summary>It is missing.</summary>
    Removed,

    /// <summary>It was put in.</summary>
    Inserted,

    /// <summary>It is in another place than it was written in.</summary>
    Reordered,

    /// <summary>It is no record: not JSON, not canonical, of another version.</summary>
    Unreadable,

    /// <summary>It comes after the closing record.</summary>
    AfterTheEnd,

    /// <summary>It is the closing record, and its seal isn't made of it.</summary>
    WrongSeal,

    /// <summary>It is the closing record, and counts other records than there are.</summary>
    WrongCount,
}
