using System.Security.Cryptography;
using SecretRotator.Rotation;

namespace SecretRotator.Evidence;

/// <summary>Evidence records as JSON lines: one object a line in canonical form, times in UTC.</summary>
public static class EvidenceFormat
{
    /// <summary>Rises whenever a line's members change: a checker of evidence must support all of them.</summary>
    public const int Version = 3;

    /// <summary>The oldest form that is read: evidence is kept for years.</summary>
    public const int OldestVersion = 2;

    /// <summary>The hash that the first record of a file names as the one before it.</summary>
    public const string NoHash = "0000000000000000000000000000000000000000000000000000000000000000";

    /// <summary>One line, without its line end.</summary>
    /// <param name="record">What happened.</param>
    /// <param name="sequence">Its number in the file, from 1.</param>
    /// <param name="previous">The SHA-256 of the line before, in lower-case hexadecimal digits, or <see cref="NoHash"/>.</param>
    public static ReadOnlyMemory<byte> Format(EvidenceRecord record, long sequence, string previous)
    {
        // The canonical form leaves most characters as they are, and a terminal interprets some of them.
        var line = new CanonicalObject(PrintableText.Of)
            .With("version", Version)
            .With("sequence", sequence)
            .With("previous", previous)
            .With("at", MarkText.Format(record.At));
        AddFacts(line, record, sequence, previous);
        return (record is EvidenceRecord.RunEnded ? Seal(line) : line).ToUtf8();
    }

    /// <summary>The hash of a line, in lower-case hexadecimal digits.</summary>
    /// <param name="line">The line without its line end.</param>
    public static string Hash(ReadOnlySpan<byte> line) => Convert.ToHexStringLower(SHA256.HashData(line));

    // No record follows the last one, so no later hash would reveal a change in it.
    private static CanonicalObject Seal(CanonicalObject line) => line.With("seal", Hash(line.ToUtf8()));

    private static void AddFacts(CanonicalObject line, EvidenceRecord record, long sequence, string previous)
    {
        switch (record)
        {
            case EvidenceRecord.RunStarted r:
                line.With("kind", "run-started").With("run", r.Run.Value).With("by", r.By)
                    .With("command", r.Command).With("tool", r.Tool).With("holder", r.Holder.Format()).With("inventory", r.InventoryDigest)
                    .With("after", r.After is { } before ? Named(before) : null);
                if (!r.Beside.IsDefaultOrEmpty)
                    line.With("beside", r.Beside.Select(Named));
                break;
            case EvidenceRecord.Planned r:
                line.With("kind", "planned").With("digest", r.Digest).With("secrets", r.Secrets);
                break;
            case EvidenceRecord.Decided r:
                line.With("kind", "decided").With("secret", r.Secret);
                AddDecision(line, r.Decision);
                if (!r.Overrides.IsDefaultOrEmpty)
                    line.With("overrides", r.Overrides);
                break;
            case EvidenceRecord.Step r:
                line.With("kind", "step").With("secret", r.Secret).With("rotation", r.Rotation.Value)
                    .With("step", WireNames.Of(r.Kind)).With("state", WireNames.Of(r.State))
                    .With("target", r.Target).With("detail", r.Detail).With("failure", Facts(r.Failure));
                break;
            case EvidenceRecord.Ended r:
                line.With("kind", "ended").With("secret", r.Secret).With("rotation", r.Rotation?.Value);
                AddOutcome(line, r.Outcome);
                break;
            case EvidenceRecord.Stopped r:
                line.With("kind", "stopped").With("cause", r.Cause.Message).With("failure", Facts(r.Cause));
                break;
            case EvidenceRecord.RunEnded r:
                // The closing record commits to how many records there are and to the last one.
                line.With("kind", "run-ended").With("exitCode", r.ExitCode).With("records", sequence).With("head", previous);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(record));
        }
    }

    private static CanonicalObject Named(PreviousRun run) => new CanonicalObject().With("run", run.Run.Value).With("head", run.Head);

    private static CanonicalObject? Facts(Failure? failure) => RecordedFailure.Of(failure) is { } words
        ? new CanonicalObject(PrintableText.Of)
            .With("kind", words.Kind).With("effect", words.Effect).With("service", words.Service).With("resource", words.Resource)
        : null;

    private static void AddDecision(CanonicalObject line, Decision decision)
    {
        line.With("decision", WireNames.Of(decision)).With("reason", WireNames.WhyOf(decision) is { Length: > 0 } why ? why : null);
        _ = decision switch
        {
            Decision.Due d => line.With("since", MarkText.Format(d.Since)),
            Decision.NotDue d => line.With("until", MarkText.Format(d.Until)),
            Decision.Waiting { Until: { } until } => line.With("until", MarkText.Format(until)),
            Decision.Blocked d => line.With("hint", d.Hint).With("failure", Facts(d.Failure)),
            _ => line,
        };
    }

    private static void AddOutcome(CanonicalObject line, RotationOutcome outcome)
    {
        line.With("outcome", WireNames.Of(outcome));
        switch (outcome)
        {
            case RotationOutcome.Rotated o:
                line.With("from", o.From.Value).With("to", o.To.Value).With("level", WireNames.Of(o.Level));
                break;
            case RotationOutcome.Redelivered o:
                line.With("to", o.Version.Value).With("level", WireNames.Of(o.Level));
                break;
            case RotationOutcome.Adopted o:
                line.With("to", o.Version.Value).With("level", WireNames.Of(o.Level));
                break;
            case RotationOutcome.Retired o:
                line.With("from", o.Version.Value);
                if (o.DeletedFrom is { } deletes)
                    line.With("deletedFrom", MarkText.Format(deletes));
                break;
            case RotationOutcome.RolledBack o:
                line.With("cause", FailureMessages.Text(o.Cause)).With("cancelled", o.Cancelled).With("failure", Facts(o.Cause));
                break;
            case RotationOutcome.NeedsOperator o:
                line.With("cause", FailureMessages.Text(o.Cause)).With("notUndone", o.NotUndone).With("failure", Facts(o.Cause));
                break;
            case RotationOutcome.Untouched o:
                AddDecision(line, o.Decision);
                break;
        }
    }
}
