using System.Text.Encodings.Web;
using System.Text.Json;
using NodaTime;
using SecretRotator.Audit;
using SecretRotator.Evidence;
using SecretRotator.Inventory;
using SecretRotator.Output;

namespace SecretRotator.Reports;

/// <summary>The report as machines read it. schemas/report.schema.json describes it; a test holds the two equal.</summary>
internal static class JsonReport
{
    /// <summary>Rises when a reader of the former version could be misled. New properties don't raise it.</summary>
    public const int Version = 1;

    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.Default };

    public static void Write(Stream stream, AuditReport report)
    {
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("kind", "secret-rotator-report");
            WriteOrigin(json, report.Origin);
            WriteSummary(json, report);
            WriteRest(json, report);
            json.WriteStartArray("secrets");
            foreach (var secret in report.Secrets)
            {
                WriteSecret(json, secret);
                Json.FlushIfLarge(json);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    private static void WriteOrigin(Utf8JsonWriter json, ReportOrigin origin)
    {
        json.WriteString("at", Json.Text(origin.At));
        json.WriteString("tool", origin.Tool);
        json.WriteString("by", origin.By);
        json.WriteBoolean("rehearsal", origin.SandboxRun);
        json.WriteString("workspace", origin.Workspace);
        json.WriteStartObject("inventory");
        json.WriteString("file", origin.InventoryFile);
        json.WriteString("digest", origin.InventoryDigest);
        json.WriteNumber("secrets", origin.InInventory);
        json.WriteEndObject();
        json.WriteString("planDigest", origin.PlanDigest);
    }

    private static void WriteSummary(Utf8JsonWriter json, AuditReport report)
    {
        json.WriteStartObject("compliance");
        json.WriteNumber("within", report.Compliance.Within);
        json.WriteNumber("overdue", report.Compliance.Overdue);
        json.WriteNumber("unknown", report.Compliance.Unknown);
        json.WriteNumber("of", report.Compliance.Total);
        if (report.Compliance.Share is { } share)
            json.WriteNumber("share", Math.Round(share, 6));
        else
            json.WriteNull("share");
        json.WriteEndObject();
        json.WriteStartObject("states");
        foreach (var (state, count) in report.States)
            json.WriteNumber(ReportNames.Of(state), count);
        json.WriteEndObject();
        Json.WriteTexts(json, "overdue", report.Overdue.Select(secret => secret.Secret.Name));
        json.WriteStartObject("calls");
        Json.WriteCalls(json, "observation", report.Calls.Observation);
        Json.WriteCalls(json, "action", report.Calls.Action);
        json.WriteNumber("bitbucketPerHour", report.Calls.BitbucketPerHour);
        json.WriteEndObject();
    }

    private static void WriteRest(Utf8JsonWriter json, AuditReport report)
    {
        json.WriteStartObject("coverage");
        json.WriteNumber("managed", report.Coverage.Managed);
        json.WriteNumber("secured", report.Coverage.Secured);
        Objects(json, "scopes", report.Coverage.Scopes, scope =>
        {
            Json.WriteScope(json, scope.Scope);
            json.WriteNumber("managed", scope.Managed);
            json.WriteNumber("unmanaged", scope.Unmanaged);
        });
        Objects(json, "unmanaged", report.Coverage.Unmanaged, variable =>
        {
            Json.WriteScope(json, variable.Scope);
            json.WriteString("variable", variable.Key);
        });
        json.WriteEndObject();
        Objects(json, "unobserved", report.Unobserved, item =>
        {
            json.WriteString("what", item.What);
            json.WriteString("why", item.Why);
            json.WriteString("hint", item.Hint);
            Json.WriteFailure(json, item.Failure);
        });
        Objects(json, "calendar", report.Calendar.Where(day => day.Due > 0 || day.Freeze is not null), day =>
        {
            json.WriteString("date", ReportNames.Of(day.Date));
            json.WriteNumber("due", day.Due);
            Optional(json, "freeze", day.Freeze);
        });
        WriteEvidence(json, report.Evidence);
        Objects(json, "controls", report.Controls, control =>
        {
            json.WriteString("id", control.Control.Id);
            json.WriteString("title", control.Control.Title);
            Objects(json, "facts", control.Facts, fact =>
            {
                json.WriteString("fact", ReportNames.Of(fact.Fact));
                json.WriteString("text", fact.Text);
            });
        });
        Objects(json, "findings", report.Findings, finding =>
        {
            json.WriteString("rule", finding.Rule.Id);
            json.WriteString("severity", ReportNames.Of(finding.Rule.Severity));
            Optional(json, "secret", finding.Secret);
            if (finding.Target is { } target)
            {
                json.WriteStartObject("target");
                Json.WriteTarget(json, target);
                json.WriteEndObject();
            }

            json.WriteString("what", finding.What);
            json.WriteString("hint", finding.Hint);
            Json.WriteFailure(json, finding.Failure);
            json.WriteNumber("line", finding.Line);
        });
    }

    private static void WriteEvidence(Utf8JsonWriter json, EvidenceFacts evidence)
    {
        json.WriteStartObject("evidence");
        Optional(json, "source", evidence.Source);
        Objects(json, "runs", evidence.Runs, run =>
        {
            json.WriteString("run", run.Id);
            json.WriteString("command", run.Command);
            json.WriteString("by", run.By);
            json.WriteString("startedAt", Json.Text(run.StartedAt));
            Optional(json, "endedAt", run.EndedAt);
            if (run.ExitCode is { } exitCode)
                json.WriteNumber("exitCode", exitCode);
            Optional(json, "stopped", run.Stopped);
            json.WriteString("file", run.Source);
        });
        Json.WriteTexts(json, "incomplete", evidence.Incomplete);
        Json.WriteTexts(json, "broken", evidence.Broken);
        Json.WriteTexts(json, "gaps", evidence.Gaps);
        json.WriteEndObject();
    }

    private static void WriteSecret(Utf8JsonWriter json, SecretAudit audit)
    {
        var secret = audit.Secret;
        json.WriteStartObject();
        json.WriteString("name", secret.Name);
        json.WriteString("owner", secret.Owner);
        json.WriteString("vault", secret.Vault);
        json.WriteString("path", secret.Path);
        json.WriteNumber("line", secret.Line);
        json.WriteString("rotateEvery", ReportNames.Iso(secret.RotateEvery));
        WriteWindow(json, secret.Window);
        Objects(json, "values", audit.Values, rule =>
        {
            Optional(json, "field", rule.Field);
            json.WriteString("kind", rule.Kind);
            if (rule.Bits is { } bits)
                json.WriteNumber("bits", bits);
            Optional(json, "weakBecause", rule.WeakBecause);
        });
        Objects(json, "targets", audit.Targets, target =>
        {
            Json.WriteTarget(json, target.Target);
            json.WriteString("state", ReportNames.Of(target.State));
        });
        json.WriteString("state", ReportNames.Of(audit.State));
        json.WriteString("freshness", ReportNames.Of(audit.Freshness));
        if (audit.Age is { } age)
            json.WriteNumber("ageSeconds", (long)age.TotalSeconds);
        Optional(json, "valueSince", audit.Age is null ? null : audit.Delivered?.ValueSince);
        Optional(json, "dueAt", audit.DueAt);
        Optional(json, "current", audit.Current?.Value);
        Json.WriteDecision(json, audit.Decision);
        WriteLast(json, audit.Last);
        Objects(json, "history", audit.History, happened => WriteEvent(json, happened));
        json.WriteNumber("olderEvents", audit.OlderEvents);
        Objects(json, "exceptions", audit.Exceptions, exception =>
        {
            json.WriteString("kind", ReportNames.Of(exception.Kind));
            json.WriteString("what", exception.What);
            Optional(json, "at", exception.At);
            Optional(json, "run", exception.Run);
        });
        json.WriteEndObject();
    }

    private static void WriteWindow(Utf8JsonWriter json, RotationWindow? window)
    {
        if (window is null)
        {
            json.WriteNull("window");
            return;
        }

        json.WriteStartObject("window");
        Json.WriteTexts(json, "days", window.Days.Select(day => day.ToString()[..3].ToLowerInvariant()));
        json.WriteString("from", ReportNames.Of(window.From));
        json.WriteString("to", ReportNames.Of(window.To));
        json.WriteString("zone", window.Zone.Id);
        json.WriteEndObject();
    }

    private static void WriteLast(Utf8JsonWriter json, Delivery? last)
    {
        if (last is null)
        {
            json.WriteNull("last");
            return;
        }

        json.WriteStartObject("last");
        json.WriteString("at", Json.Text(last.At));
        Optional(json, "from", last.From?.Value);
        json.WriteString("to", last.Version.Value);
        json.WriteString("level", WireNames.Of(last.Level));
        json.WriteString("rotation", last.Rotation.Value);
        Optional(json, "run", last.Run);
        json.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter json, PastEvent happened)
    {
        json.WriteString("at", Json.Text(happened.At));
        json.WriteString("run", happened.Run);
        json.WriteString("decision", happened.Decision);
        json.WriteString("outcome", happened.Outcome);
        Optional(json, "from", happened.From?.Value);
        Optional(json, "to", happened.To?.Value);
        Optional(json, "level", happened.Level is { } level ? WireNames.Of(level) : null);
        Optional(json, "rotation", happened.Rotation?.Value);
        Optional(json, "why", happened.Why.Length == 0 ? null : happened.Why);
        if (happened.Overrides.Length > 0)
            Json.WriteTexts(json, "overrides", happened.Overrides);
    }

    private static void Objects<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
            Json.FlushIfLarge(json);
        }

        json.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    private static void Optional(Utf8JsonWriter json, string name, Instant? value) =>
        Optional(json, name, value is { } instant ? Json.Text(instant) : null);
}
