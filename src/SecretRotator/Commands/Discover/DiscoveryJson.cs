using System.Text.Json;
using SecretRotator.Discovery;
using SecretRotator.Output;

namespace SecretRotator.Commands;

/// <summary>Uncovered variables as machines read them; schemas/discovery.schema.json describes it.</summary>
internal static class DiscoveryJson
{
    public static void Write(Utf8JsonWriter json, DiscoveryView view, ExitCode exitCode)
    {
        var report = view.Report;
        json.WriteStartObject();
        json.WriteNumber("version", Json.Version);
        json.WriteString("command", "discover");
        json.WriteNumber("exitCode", (int)exitCode);
        Json.WriteSandbox(json, view.Sandbox);
        json.WriteString("workspace", view.Workspace);
        json.WriteBoolean("complete", report.IsComplete);
        json.WriteNumber("scopes", report.Scopes);
        json.WriteNumber("calls", report.Calls);
        json.WriteStartArray("variables");
        foreach (var variable in report.Variables)
        {
            json.WriteStartObject();
            json.WriteString("kind", DiscoveryView.Of(variable.Kind));
            Json.WriteScope(json, variable.Scope);
            json.WriteString("variable", variable.Key);
            json.WriteBoolean("secured", variable.Secured);
            if (variable.Kind == FindingKind.StaticCloudKey)
                json.WriteString("cloud", SecretNames.CloudOf(variable.Key));
            json.WriteEndObject();
            Json.FlushIfLarge(json);
        }

        json.WriteEndArray();
        json.WriteStartArray("unknown");
        foreach (var place in report.Unknown)
        {
            json.WriteStartObject();
            json.WriteString("place", place.Place);
            json.WriteString("message", place.Failure.Message);
            if (place.Failure.Hint is { } hint)
                json.WriteString("hint", hint);
            Json.WriteFailure(json, place.Failure);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Json.WriteTexts(json, "unseen", report.Unseen);
        json.WriteEndObject();
    }
}
