using System.Text.Json;
using SecretRotator.Evidence;
using SecretRotator.Output;
using SecretRotator.Planning;
using SecretRotator.Rotation;

namespace SecretRotator.Commands;

/// <summary>How a run ended, as machines read it.</summary>
internal static class RunJson
{
    public static void Write(Utf8JsonWriter json, RunView view)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Json.Version);
        json.WriteString("command", view.Command);
        json.WriteNumber("exitCode", (int)view.ExitCode);
        json.WriteBoolean("cancelled", view.Result.Cancelled);
        Json.WriteSandbox(json, view.Sandbox);
        json.WriteString("plannedAt", Json.Text(view.Result.Plan.PlannedAt));
        json.WriteString("digest", view.Result.Plan.Digest);
        json.WriteString("evidence", view.Evidence);
        if (view.Signature is { } signature)
            json.WriteString("signature", signature);
        if (view.Archived is { } archived)
            ArchiveView.WriteJson(json, archived);
        if (view.LostEvidence is { } lost)
            json.WriteString("lostEvidence", lost);
        json.WriteStartArray("secrets");
        foreach (var result in view.Result.Results)
        {
            json.WriteStartObject();
            Json.WriteSecret(json, result.Item.Secret);
            Json.WriteDecision(json, result.Item.Decision);
            WriteOutcome(json, result);
            if ((view.Result.Held ?? HoldOf(result)) is { } hold)
                HoldView.WriteJson(json, hold);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    // What a rotation replaced isn't held any more.
    private static Hold? HoldOf(SecretResult result) =>
        result.Item.Hold is { ByRollback: true } && result.Outcome is RotationOutcome.Rotated ? null : result.Item.Hold;

    private static void WriteOutcome(Utf8JsonWriter json, SecretResult result)
    {
        json.WriteString("outcome", WireNames.Of(result.Outcome));
        switch (result.Outcome)
        {
            case RotationOutcome.Rotated rotated:
                json.WriteString("from", rotated.From.Value);
                json.WriteString("to", rotated.To.Value);
                break;
            case RotationOutcome.Redelivered redelivered:
                json.WriteString("to", redelivered.Version.Value);
                break;
            case RotationOutcome.Adopted adopted:
                json.WriteString("to", adopted.Version.Value);
                break;
            case RotationOutcome.Retired retired:
                json.WriteString("from", retired.Version.Value);
                break;
            case RotationOutcome.RolledBack rolledBack:
                json.WriteBoolean("cancelled", rolledBack.Cancelled);
                Json.WriteFailure(json, rolledBack.Cause);
                break;
            case RotationOutcome.NeedsOperator needsOperator:
                Json.WriteTexts(json, "state", needsOperator.State);
                Json.WriteTexts(json, "notUndone", needsOperator.NotUndone);
                Json.WriteFailure(json, needsOperator.Cause);
                break;
            case RotationOutcome.Untouched untouched:
                json.WriteStartObject("because");
                Json.WriteDecision(json, untouched.Decision);
                json.WriteEndObject();
                break;
        }

        if (HumanText.Level(result.Outcome) is { } level)
            json.WriteString("level", WireNames.Of(level));
        if (Advice.For(result) is not { } advice)
            return;
        json.WriteString("cause", advice.Cause);
        json.WriteString("next", advice.Next);
        if (advice.Command is { } command)
            json.WriteString("nextCommand", command);
    }
}
