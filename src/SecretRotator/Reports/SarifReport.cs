using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SecretRotator.Audit;
using SecretRotator.Output;
using SecretRotator.Values;

namespace SecretRotator.Reports;

/// <summary>
/// The report's findings as code scanners tell theirs: SARIF 2.1.0 (OASIS), one result a finding, at the line of the
/// inventory that it is about. What isn't a finding is in the run's properties.
/// </summary>
internal static class SarifReport
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.Default };

    public static void Write(Stream stream, AuditReport report)
    {
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            json.WriteStartObject();
            WriteTool(json, report);
            WriteInvocation(json, report);
            json.WriteString("columnKind", "utf16CodeUnits");
            json.WriteStartArray("results");
            foreach (var finding in report.Findings)
            {
                WriteResult(json, finding, report.Origin);
                Json.FlushIfLarge(json);
            }

            json.WriteEndArray();
            WriteProperties(json, report);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    private static void WriteTool(Utf8JsonWriter json, AuditReport report)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "secret-rotator");
        json.WriteString("version", report.Origin.Tool);
        json.WriteStartArray("rules");
        foreach (var rule in FindingRule.All)
        {
            json.WriteStartObject();
            json.WriteString("id", rule.Id);
            WriteMessage(json, "shortDescription", rule.Title);
            json.WriteStartObject("defaultConfiguration");
            json.WriteString("level", ReportNames.Of(rule.Severity));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // What could not be observed is what a scanner calls a notification: the results don't contain it.
    private static void WriteInvocation(Utf8JsonWriter json, AuditReport report)
    {
        json.WriteStartArray("invocations");
        json.WriteStartObject();
        json.WriteBoolean("executionSuccessful", true);
        json.WriteString("endTimeUtc", Json.Text(report.Origin.At));
        json.WriteStartArray("toolExecutionNotifications");
        foreach (var item in report.Unobserved)
        {
            json.WriteStartObject();
            json.WriteString("level", "warning");
            WriteMessage(json, "message", $"{item.What} could not be observed. {item.Why} {item.Hint}");
            json.WriteEndObject();
            Json.FlushIfLarge(json);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteResult(Utf8JsonWriter json, AuditFinding finding, ReportOrigin origin)
    {
        var name = finding.Target?.ToString() ?? finding.Secret;
        json.WriteStartObject();
        json.WriteString("ruleId", finding.Rule.Id);
        json.WriteNumber("ruleIndex", FindingRule.All.IndexOf(finding.Rule));
        json.WriteString("level", ReportNames.Of(finding.Rule.Severity));
        WriteMessage(
            json, "message",
            $"{(finding.Secret is { } secret ? $"{secret}: " : "")}{(finding.Target is { } target ? $"{target}: " : "")}{finding.What} "
                + $"{finding.Hint}");
        json.WriteStartArray("locations");
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", Address(origin.InventoryFile));
        json.WriteEndObject();
        json.WriteStartObject("region");
        json.WriteNumber("startLine", finding.Line);
        json.WriteEndObject();
        json.WriteEndObject();
        if (name is not null)
        {
            json.WriteStartArray("logicalLocations");
            json.WriteStartObject();
            json.WriteString("fullyQualifiedName", name);
            json.WriteString("kind", "resource");
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject("partialFingerprints");
        json.WriteString("finding/v1", Fingerprint(finding));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteProperties(Utf8JsonWriter json, AuditReport report)
    {
        json.WriteStartObject("properties");
        json.WriteStartObject("facts");
        foreach (var (name, text) in ReportFacts.Of(report))
            json.WriteString(name, text);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // The line moves when the inventory is edited, and the text tells times: neither makes it another finding.
    private static string Fingerprint(AuditFinding finding)
    {
        var about = finding.Secret is null ? finding.What : $"{finding.Secret}\n{finding.Target}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{finding.Rule.Id}\n{about}")))[..32];
    }

    private static string Address(string file) => Path.IsPathRooted(file)
        ? new Uri(file).AbsoluteUri
        : string.Join('/', file.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Select(Uri.EscapeDataString));

    private static void WriteMessage(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", PrintableText.Of(text));
        json.WriteEndObject();
    }
}
