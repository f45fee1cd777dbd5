using System.Text.Json;
using SecretRotator.Doctor;
using SecretRotator.Output;
using SecretRotator.Providers.Doctor;

namespace SecretRotator.Commands;

/// <summary>What <c>doctor</c> found, as machines read it. <c>schemas/doctor.schema.json</c> describes it.</summary>
internal static class DoctorJson
{
    // Version 1 had other names for "observed" and "fix".
    private const int Version = 2;

    public static void Write(Utf8JsonWriter json, string command, DoctorReport report, ExitCode exitCode)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteString("command", command);
        json.WriteNumber("exitCode", (int)exitCode);
        Json.WriteSandbox(json, report.Sandbox);
        json.WriteBoolean("offline", report.Offline);
        json.WriteStartObject("counts");
        foreach (var status in Enum.GetValues<CheckStatus>())
            json.WriteNumber(CheckNames.Of(status), report.Count(status));
        json.WriteEndObject();
        json.WriteStartArray("results");
        foreach (var result in report.Results)
            Write(json, result);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CheckResult result)
    {
        json.WriteStartObject();
        json.WriteString("area", CheckNames.Of(result.Area));
        json.WriteString("id", result.Id);
        json.WriteString("status", CheckNames.Of(result.Status));
        json.WriteString("observed", result.Observed);
        foreach (var (name, text) in new[] { ("why", result.Why), ("fix", result.Fix), ("file", result.File) })
            if (text is not null)
                json.WriteString(name, text);
        Json.WriteFailure(json, result.Failure);
        foreach (var (name, number) in new[] { ("line", result.Line), ("column", result.Column) })
            if (number is { } known)
                json.WriteNumber(name, known);
        json.WriteEndObject();
    }
}
