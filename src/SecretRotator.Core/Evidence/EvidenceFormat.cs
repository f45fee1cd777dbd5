using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using SecretRotator.Planning;
using SecretRotator.Rotation;
using SecretRotator.Vaults;

namespace SecretRotator.Evidence;

/// <summary>Evidence records as JSON lines: one object a line, members in a fixed order, times in UTC.</summary>
public static class EvidenceFormat
{
    /// <summary>The hash that the first record of a file names as the one before it.</summary>
    public const string NoHash = "0000000000000000000000000000000000000000000000000000000000000000";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.Default };

    /// <summary>One line, without its line end.</summary>
    /// <param name="record">What happened.</param>
    /// <param name="sequence">Its number in the file, from 1.</param>
    /// <param name="previous">The SHA-256 of the line before, in lower-case hexadecimal digits, or <see cref="NoHash"/>.</param>
    public static ReadOnlyMemory<byte> Format(EvidenceRecord record, long sequence, string previous)
    {
        ArgumentNullException.ThrowIfNull(record);
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("version", 1);
            json.WriteNumber("sequence", sequence);
            json.WriteString("previous", previous);
            json.WriteString("at", MarkText.Format(record.At));
            WriteFacts(json, record, sequence, previous);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteFacts(Utf8JsonWriter json, EvidenceRecord record, long sequence, string previous)
    {
        switch (record)
        {
            case EvidenceRecord.RunStarted r:
                json.WriteString("kind", "run-started");
                json.WriteString("command", r.Command);
                json.WriteString("tool", r.Tool);
                json.WriteString("holder", r.Holder.Format());
                json.WriteString("inventory", r.InventoryDigest);
                break;
            case EvidenceRecord.Planned r:
                json.WriteString("kind", "planned");
                json.WriteString("digest", r.Digest);
                json.WriteNumber("secrets", r.Secrets);
                break;
            case EvidenceRecord.Decided r:
                json.WriteString("kind", "decided");
                json.WriteString("secret", r.Secret);
                WriteDecision(json, r.Decision);
                break;
            case EvidenceRecord.Step r:
                json.WriteString("kind", "step");
                json.WriteString("secret", r.Secret);
                json.WriteString("rotation", r.Rotation.Value);
                json.WriteString("step", Words.Of(r.Kind));
                json.WriteString("state", Words.Of(r.State));
                WriteOptional(json, "target", r.Target);
                WriteOptional(json, "detail", r.Detail);
                break;
            case EvidenceRecord.Ended r:
                json.WriteString("kind", "ended");
                json.WriteString("secret", r.Secret);
                WriteOptional(json, "rotation", r.Rotation?.Value);
                WriteOutcome(json, r.Outcome);
                break;
            case EvidenceRecord.RunEnded r:
                // The closing record commits to how many records there are and to the last one.
                json.WriteString("kind", "run-ended");
                json.WriteNumber("exitCode", r.ExitCode);
                json.WriteNumber("records", sequence);
                json.WriteString("head", previous);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(record));
        }
    }

    private static void WriteDecision(Utf8JsonWriter json, Decision decision)
    {
        json.WriteString("decision", Words.Of(decision));
        WriteOptional(json, "reason", Words.WhyOf(decision) is { Length: > 0 } why ? why : null);
        switch (decision)
        {
            case Decision.Due d:
                json.WriteString("since", MarkText.Format(d.Since));
                break;
            case Decision.NotDue d:
                json.WriteString("until", MarkText.Format(d.Until));
                break;
            case Decision.Waiting { Until: { } until }:
                json.WriteString("until", MarkText.Format(until));
                break;
            case Decision.Blocked d:
                json.WriteString("hint", d.Hint);
                break;
        }
    }

    private static void WriteOutcome(Utf8JsonWriter json, RotationOutcome outcome)
    {
        json.WriteString("outcome", Words.Of(outcome));
        switch (outcome)
        {
            case RotationOutcome.Rotated o:
                json.WriteString("from", o.From.Value);
                json.WriteString("to", o.To.Value);
                json.WriteString("level", Words.Of(o.Level));
                break;
            case RotationOutcome.Redelivered o:
                json.WriteString("to", o.Version.Value);
                json.WriteString("level", Words.Of(o.Level));
                break;
            case RotationOutcome.Adopted o:
                json.WriteString("to", o.Version.Value);
                json.WriteString("level", Words.Of(o.Level));
                break;
            case RotationOutcome.RolledBack o:
                json.WriteString("cause", o.Cause);
                json.WriteBoolean("cancelled", o.Cancelled);
                break;
            case RotationOutcome.NeedsOperator o:
                json.WriteString("cause", o.Cause);
                json.WriteStartArray("notUndone");
                foreach (var item in o.NotUndone)
                    json.WriteStringValue(item);
                json.WriteEndArray();
                break;
            case RotationOutcome.Untouched o:
                WriteDecision(json, o.Decision);
                break;
        }
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }
}
