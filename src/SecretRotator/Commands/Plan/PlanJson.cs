using System.Text.Json;
using SecretRotator.Output;

namespace SecretRotator.Commands;

/// <summary>A plan as machines read it.</summary>
internal static class PlanJson
{
    public static void Write(Utf8JsonWriter json, PlanView view, ExitCode exitCode)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Json.Version);
        json.WriteString("command", "plan");
        json.WriteNumber("exitCode", (int)exitCode);
        Json.WriteSandbox(json, view.Sandbox);
        WriteBody(json, view);
        json.WriteEndObject();
    }

    /// <summary>The plan itself, which a saved plan holds too.</summary>
    public static void WriteBody(Utf8JsonWriter json, PlanView view)
    {
        var plan = view.Plan;
        json.WriteString("plannedAt", Json.Text(plan.PlannedAt));
        json.WriteString("digest", plan.Digest);
        json.WriteStartObject("calls");
        Json.WriteCalls(json, "observation", plan.ObservationCost);
        Json.WriteCalls(json, "action", plan.ActionCost);
        json.WriteNumber("bitbucketPerHour", view.BitbucketCallsPerHour);
        json.WriteEndObject();
        json.WriteStartArray("secrets");
        foreach (var item in plan.Items)
        {
            json.WriteStartObject();
            Json.WriteSecret(json, item.Secret);
            Json.WriteDecision(json, item.Decision);
            Json.WriteCalls(json, "calls", item.Cost);
            Json.WriteTexts(json, "warnings", item.Warnings);
            if (item.InFlight is { } inFlight)
                InFlightView.WriteJson(json, inFlight);
            if (item.Hold is { } hold)
                HoldView.WriteJson(json, hold);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
