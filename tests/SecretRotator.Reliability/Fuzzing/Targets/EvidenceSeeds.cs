using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Reliability.Fuzzing.Targets;

/// <summary>Evidence to begin with, as the program writes it.</summary>
internal static class EvidenceSeeds
{
    private static readonly Instant At = Instant.FromUtc(2026, 11, 24, 1, 0);

    private static readonly ImmutableArray<EvidenceRecord> Records =
    [
        new EvidenceRecord.RunStarted(At, "rotate", "1.0", new Holder.Process("00000000000000aa", 7, 9, "me@here"), EvidenceFormat.NoHash)
        {
            By = "me@here",
            After = new PreviousRun(RunId.None, EvidenceFormat.NoHash),
        },
        new EvidenceRecord.Planned(At, EvidenceFormat.NoHash, 1),
        new EvidenceRecord.Decided(At, "db", new Decision.Forced("me", "leak")) { Overrides = ["freeze: year-end"] },
        new EvidenceRecord.Step(At, "db", new("r"), RotationStep.Distribute, StepState.Failed, "workspace:DB", "Refused."),
        new EvidenceRecord.Ended(
            At, "db", new("r"), new RotationOutcome.NeedsOperator(new(FailureKind.Other, "Refused."), ["workspace:DB"])),
        new EvidenceRecord.RunEnded(At, 5),
    ];

    /// <summary>A whole file.</summary>
    public static string Whole { get; } = Of(Records);

    /// <summary>One that was cut.</summary>
    public static string Cut { get; } = Of(Records[..^1])[..^9];

    private static string Of(IEnumerable<EvidenceRecord> records)
    {
        var (text, head, sequence) = (new StringBuilder(), EvidenceFormat.NoHash, 0);
        foreach (var record in records)
        {
            var line = EvidenceFormat.Format(record, ++sequence, head).Span;
            text.Append(Encoding.UTF8.GetString(line)).Append('\n');
            head = EvidenceFormat.Hash(line);
        }

        return text.ToString();
    }
}
