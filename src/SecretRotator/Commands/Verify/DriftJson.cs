using System.Text.Json;
using SecretRotator.Inventory;
using SecretRotator.Output;

namespace SecretRotator.Commands;

/// <summary>What drifted, as machines read it.</summary>
internal static class DriftJson
{
    public static void Write(Utf8JsonWriter json, DriftView view, ExitCode exitCode)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Json.Version);
        json.WriteString("command", "verify");
        json.WriteNumber("exitCode", (int)exitCode);
        Json.WriteSandbox(json, view.Sandbox);
        json.WriteNumber("secrets", view.Secrets);
        json.WriteStartArray("findings");
        foreach (var finding in view.Report.Findings)
        {
            json.WriteStartObject();
            json.WriteString("secret", finding.Secret);
            json.WriteString("kind", HumanText.Of(finding.Kind));
            if (finding.Target is { } target)
            {
                json.WriteStartObject("target");
                Json.WriteTarget(json, target);
                json.WriteEndObject();
            }

            json.WriteString("what", finding.What);
            json.WriteString("hint", finding.Hint);
            Json.WriteFailure(json, finding.Failure);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("unmanaged");
        foreach (var variable in view.Report.Unmanaged)
        {
            json.WriteStartObject();
            Json.WriteTarget(json, new VariableTarget(variable.Scope, variable.Key, null, MayCreate: false));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
