using System.Text.Json;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Output;

namespace SecretRotator.Commands;

/// <summary>What evidence is worth, as machines read it.</summary>
internal static class EvidenceJson
{
    public static void Write(Utf8JsonWriter json, EvidenceView view)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Json.Version);
        json.WriteString("command", "evidence verify");
        json.WriteNumber("exitCode", (int)view.ExitCode);
        json.WriteStartArray("files");
        foreach (var (file, signature) in view.Evidence.Files.Zip(view.Signatures))
        {
            json.WriteStartObject();
            WriteVerdict(json, file);
            if (file.Story is { } story)
            {
                json.WriteString("run", story.Run.Value);
                if (story.After is { } after)
                    json.WriteString("after", after.Run.Value);
                if (!story.Beside.IsEmpty)
                    Json.WriteTexts(json, "beside", story.Beside.Select(each => each.Run.Value));
            }

            json.WriteString("sha256", file.Content);
            json.WriteString("signature", EvidenceView.Of(signature));
            if (signature is SignatureState.Bad bad)
                json.WriteString("signatureFault", bad.Why);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("chain");
        foreach (var finding in view.Evidence.Chain)
        {
            json.WriteStartObject();
            json.WriteString("finding", EvidenceView.Of(finding));
            json.WriteBoolean("failure", finding.IsFailure);
            json.WriteString("what", EvidenceView.Sentence(finding));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A file's verdict with the place of the first bad record.</summary>
    public static void WriteVerdict(Utf8JsonWriter json, CheckedFile file)
    {
        json.WriteString("file", file.Name);
        json.WriteString("verdict", EvidenceView.Of(file.Verdict));
        json.WriteNumber("records", file.Records);
        if (file.Verdict is not EvidenceVerdict.Broken { At: var bad })
            return;
        json.WriteStartObject("firstBad");
        json.WriteNumber("record", bad.Number);
        json.WriteNumber("line", bad.Line);
        json.WriteNumber("offset", bad.Offset);
        json.WriteString("flaw", EvidenceView.Of(bad.Flaw));
        json.WriteString("why", bad.Why);
        json.WriteEndObject();
    }
}
