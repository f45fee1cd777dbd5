using SecretRotator.Audit;

namespace SecretRotator.Reports;

/// <summary>
/// The report as spreadsheets read it: RFC 4180, a row a secret, then rows of other kinds with the facts of the whole.
/// The first column tells the kind of the row.
/// </summary>
internal static class CsvReport
{
    private static readonly string[] Columns =
    [
        "record", "name", "owner", "vault", "path", "targets", "state", "freshness", "age_days", "rotate_every", "window", "value_since",
        "due_at",
        "decision", "last_delivered_at", "last_from", "last_to", "last_level", "last_run", "values", "history", "exceptions", "findings",
        "text",
    ];

    public static void Write(Stream stream, AuditReport report)
    {
        using var writer =
            new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\r\n" };
        WriteRow(writer, Columns);
        foreach (var secret in report.Secrets)
            WriteRow(writer, [.. OfSecret(secret, report.Origin.At)]);
        foreach (var (record, name, text) in OfTheWhole(report))
            WriteRow(writer, [record, name, .. Enumerable.Repeat("", Columns.Length - 3), text]);
    }

    private static IEnumerable<string> OfSecret(SecretAudit audit, Instant now)
    {
        var secret = audit.Secret;
        yield return "secret";
        yield return secret.Name;
        yield return secret.Owner;
        yield return secret.Vault;
        yield return secret.Path;
        yield return Joined(audit.Targets.Select(target => $"{target.Target} ({WireNames.Of(target.State)})"));
        yield return WireNames.Of(audit.State);
        yield return WireNames.Of(audit.Freshness);
        yield return audit.Age is { } age ? Math.Floor(age.TotalDays).ToString(CultureInfo.InvariantCulture) : "";
        yield return ReportNames.Iso(secret.RotateEvery);
        yield return ReportNames.Plain(secret.Window);
        yield return Time(audit.Age is null ? null : audit.Delivered?.ValueSince);
        yield return Time(audit.DueAt);
        yield return ReportNames.Plain(audit.Decision, now);
        yield return Time(audit.Last?.At);
        yield return audit.Last?.From?.Value ?? "";
        yield return audit.Last?.Version.Value ?? "";
        yield return audit.Last is { } last ? WireNames.Of(last.Level) : "";
        yield return audit.Last?.Run ?? "";
        yield return Joined(audit.Values.Select(ReportNames.Plain));
        yield return Joined([
            .. audit.History.Select(happened => $"{Json.Text(happened.At)} {ReportNames.Plain(happened)} (run {happened.Run})"),
            .. audit.OlderEvents == 0 ? [] : new[] { $"and {audit.OlderEvents} older" }]);
        yield return Joined(audit.Exceptions.Select(ReportNames.Plain));
        yield return Joined(
            audit.Findings.Select(
                finding => $"{finding.Rule.Id}: {(finding.Target is { } target ? $"{target}: " : "")}{finding.What} {finding.Hint}"));
        yield return "";
    }

    private static IEnumerable<(string Record, string Name, string Text)> OfTheWhole(AuditReport report)
    {
        foreach (var (name, text) in ReportFacts.Of(report))
            yield return ("fact", name, text);
        foreach (var control in report.Controls)
            foreach (var (fact, text) in control.Facts)
                yield return ("control", $"{control.Control.Id}: {WireNames.Of(fact)}", text);
        foreach (var day in report.Calendar.Where(day => day.Due > 0 || day.Freeze is not null))
            yield return ("calendar", ReportNames.Of(day.Date), ReportFacts.Of(day));
        foreach (var scope in report.Coverage.Scopes)
            yield return ("scope", scope.Scope.ToString(), $"{scope.Managed} managed, {scope.Unmanaged} unmanaged");
        foreach (var finding in report.Findings.Where(finding => finding.Secret is null))
            yield return (finding.Rule.Id, "", $"{finding.What} {finding.Hint}");
        foreach (var item in report.Unobserved)
            yield return ("unobserved", item.What, $"{item.Why} {item.Hint}");
        foreach (var run in report.Evidence.Runs)
            yield return ("run", run.Id, ReportFacts.Of(run));
        foreach (var gap in report.Evidence.Gaps)
            yield return ("evidence-gap", "", gap);
    }

    private static string Joined(IEnumerable<string> texts) => string.Join("; ", texts);

    private static string Time(Instant? instant) => instant is { } known ? Json.Text(known) : "";

    private static void WriteRow(StreamWriter writer, string[] cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0)
                writer.Write(',');
            writer.Write(Cell(cells[i]));
        }

        writer.WriteLine();
    }

    /// <summary>
    /// One cell. A spreadsheet takes what begins with one of these characters for a formula (OWASP, "CSV Injection");
    /// an apostrophe before it makes it a text.
    /// </summary>
    internal static string Cell(string text)
    {
        var printable = PrintableText.Of(text);
        if (printable.Length > 0 && printable[0] is '=' or '+' or '-' or '@' or '＝' or '＋' or '－' or '＠')
            printable = "'" + printable;
        return printable.AsSpan().IndexOfAny(",\"\r\n'") < 0 && printable.Trim().Length == printable.Length
            ? printable
            : $"\"{printable.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
