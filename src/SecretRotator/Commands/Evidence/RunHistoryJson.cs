using System.Text.Json;
using NodaTime;
using SecretRotator.Evidence;
using SecretRotator.Output;

namespace SecretRotator.Commands;

/// <summary>What runs did, as machines read it.</summary>
internal static class RunHistoryJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<CheckedFile> files)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Json.Version);
        json.WriteString("command", "evidence show");
        json.WriteNumber("exitCode", (int)ExitCodes.Worst(files.Select(file => ExitCodes.Of(file.Verdict))));
        json.WriteStartArray("runs");
        foreach (var file in files)
        {
            json.WriteStartObject();
            EvidenceJson.WriteVerdict(json, file);
            if (file.Story is { } story)
                WriteRun(json, story);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, RunHistory story)
    {
        json.WriteString("run", story.Run.Value);
        Write(json, "after", story.After?.Run.Value);
        if (!story.Beside.IsEmpty)
            Json.WriteTexts(json, "beside", story.Beside.Select(each => each.Run.Value));
        json.WriteString("ran", story.Command);
        json.WriteString("tool", story.Tool);
        json.WriteString("holder", story.Holder);
        json.WriteString("by", story.By);
        json.WriteString("inventory", story.Inventory);
        Write(json, "plan", story.Plan);
        Write(json, "startedAt", story.StartedAt);
        Write(json, "endedAt", story.EndedAt);
        Write(json, "stopped", story.Stopped);
        Json.WriteFailure(json, story.StoppedBy);
        if (story.ExitCode is { } exitCode)
            json.WriteNumber("runExitCode", exitCode);
        json.WriteStartArray("secrets");
        foreach (var secret in story.Secrets)
            WriteSecret(json, secret);
        json.WriteEndArray();
    }

    private static void WriteSecret(Utf8JsonWriter json, SecretHistory secret)
    {
        json.WriteStartObject();
        json.WriteString("name", secret.Name);
        if (secret.Decision is { } decision)
            WriteDecision(json, "decided", decision);
        if (!secret.Overrides.IsEmpty)
            Json.WriteTexts(json, "overrides", secret.Overrides);
        Write(json, "rotation", secret.Rotation);
        json.WriteStartArray("steps");
        foreach (var step in secret.Steps)
            WriteStep(json, step);
        json.WriteEndArray();
        if (secret.Outcome is { } outcome)
            WriteOutcome(json, outcome);
        Write(json, "endedAt", secret.EndedAt);
        json.WriteEndObject();
    }

    private static void WriteStep(Utf8JsonWriter json, StepHistory step)
    {
        json.WriteStartObject();
        json.WriteString("step", step.Kind);
        Write(json, "from", step.From);
        Write(json, "to", step.To);
        json.WriteNumber("begun", step.Begun);
        json.WriteNumber("done", step.Done);
        json.WriteNumber("failed", step.Failed);
        json.WriteStartArray("failures");
        foreach (var (target, why, failure) in step.Failures)
        {
            json.WriteStartObject();
            Write(json, "target", target);
            Write(json, "why", why);
            Json.WriteFailure(json, failure);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteOutcome(Utf8JsonWriter json, RecordedOutcome outcome)
    {
        json.WriteString("outcome", outcome.Word);
        Write(json, "from", outcome.From);
        Write(json, "to", outcome.To);
        Write(json, "level", outcome.Level);
        Write(json, "cause", outcome.Cause);
        Json.WriteFailure(json, outcome.Failure);
        if (outcome.Word == "rolled-back")
            json.WriteBoolean("cancelled", outcome.IsCancelled);
        if (!outcome.NotUndone.IsEmpty)
            Json.WriteTexts(json, "notUndone", outcome.NotUndone);
        if (outcome.Because is { } because)
            WriteDecision(json, "because", because);
    }

    private static void WriteDecision(Utf8JsonWriter json, string name, RecordedDecision decision)
    {
        json.WriteStartObject(name);
        json.WriteString("decision", decision.Word);
        Write(json, "why", decision.Reason);
        Write(json, "since", decision.Since);
        Write(json, "until", decision.Until);
        Write(json, "hint", decision.Hint);
        Json.WriteFailure(json, decision.Failure);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Instant? instant) =>
        Write(json, name, instant is { } at ? Json.Text(at) : null);

    private static void Write(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }
}
