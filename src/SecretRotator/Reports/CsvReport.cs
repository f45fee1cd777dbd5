using SecretRotator.Audit;

namespace SecretRotator.Reports;

/// <summary>
/// The report as spreadsheets read it: RFC 4180, a row a secret, then rows of other kinds with the facts of the whole.
/// The first column tells the kind of the row.
/// </summary>
internal static class CsvReport
{
    private static readonly (string Name, Func<SecretAudit, Instant, string> Cell)[] Columns =
    [
        ("record", (_, _) => "secret"),
        ("name", (audit, _) => audit.Secret.Name),
        ("owner", (audit, _) => audit.Secret.Owner),
        ("vault", (audit, _) => audit.Secret.Vault),
        ("path", (audit, _) => audit.Secret.Path),
        ("targets", (audit, _) => Joined(audit.Targets.Select(target => $"{target.Target} ({WireNames.Of(target.State)})"))),
        ("state", (audit, _) => WireNames.Of(audit.State)),
        ("freshness", (audit, _) => WireNames.Of(audit.Freshness)),
        ("age_days", (audit, _) => audit.Age is { } age ? Math.Floor(age.TotalDays).ToString(CultureInfo.InvariantCulture) : ""),
        ("rotate_every", (audit, _) => ReportNames.Iso(audit.Secret.RotateEvery)),
        ("window", (audit, _) => ReportNames.Plain(audit.Secret.Window)),
        ("value_since", (audit, _) => Json.Text(audit.Age is null ? null : audit.Delivered?.ValueSince) ?? ""),
        ("due_at", (audit, _) => Json.Text(audit.DueAt) ?? ""),
        ("decision", (audit, now) => ReportNames.Plain(audit.Decision, now)),
        ("last_delivered_at", (audit, _) => Json.Text(audit.Last?.At) ?? ""),
        ("last_from", (audit, _) => audit.Last?.From?.Value ?? ""),
        ("last_to", (audit, _) => audit.Last?.Version.Value ?? ""),
        ("last_level", (audit, _) => audit.Last is { } last ? WireNames.Of(last.Level) : ""),
        ("last_run", (audit, _) => audit.Last?.Run ?? ""),
        ("values", (audit, _) => Joined(audit.Values.Select(ReportNames.Plain))),
        ("history", (audit, _) => Joined([
            .. audit.History.Select(happened => $"{Json.Text(happened.At)} {ReportNames.Plain(happened)} (run {happened.Run})"),
            .. audit.OlderEvents == 0 ? [] : new[] { $"and {audit.OlderEvents} older" }])),
        ("exceptions", (audit, _) => Joined(audit.Exceptions.Select(ReportNames.Plain))),
        ("findings", (audit, _) => Joined(
            audit.Findings.Select(
                finding => $"{finding.Rule.Id}: {(finding.Target is { } target ? $"{target}: " : "")}{finding.What} {finding.Hint}"))),
        ("text", (_, _) => ""),
    ];

    public static void Write(Stream stream, AuditReport report)
    {
        using var writer =
            new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\r\n" };
        WriteRow(writer, Columns.Select(column => column.Name));
        foreach (var secret in report.Secrets)
            WriteRow(writer, Columns.Select(column => column.Cell(secret, report.Origin.At)));
        foreach (var (record, name, text) in OfTheWhole(report))
            WriteRow(writer, [record, name, .. Enumerable.Repeat("", Columns.Length - 3), text]);
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

    private static void WriteRow(StreamWriter writer, IEnumerable<string> cells) => writer.WriteLine(string.Join(',', cells.Select(Cell)));

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
