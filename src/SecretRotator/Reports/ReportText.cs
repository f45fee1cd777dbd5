using SecretRotator.Output;
using SecretRotator.Reporting;

namespace SecretRotator.Reports;

/// <summary>The report on a terminal: the whole in a few lines, then what needs a look.</summary>
internal static class ReportText
{
    // More than a person reads on a terminal; the other formats tell all.
    private const int Most = 40;

    public static void Write(Terminal terminal, AuditReport report)
    {
        var worst = report.Secrets.OrderBy(audit => audit.State).ThenBy(audit => audit.DueAt ?? report.Origin.At).ThenBy(audit => audit.Secret.Name, StringComparer.Ordinal).Take(Most).ToList();
        var table = Shapes.Table(
            Shapes.Names(worst.Select(audit => audit.Secret.Name)), Shapes.Whole("State"), Shapes.Whole("Age"), Shapes.Whole("Policy"), Shapes.Folding("Last delivered"));
        foreach (var audit in worst)
            table.AddRow(
                Shapes.Cell(audit.Secret.Name),
                Shapes.Cell(Phrases.ForPeople(ReportWords.Of(audit.State)), ToneOf(audit.State)),
                Shapes.Cell(ReportWords.Age(audit.Age)),
                Shapes.Cell(ReportWords.Plain(audit.Secret.RotateEvery)),
                Shapes.Cell(ReportWords.Plain(audit.Last)));
        terminal.Write(table);
        if (report.Secrets.Length > Most)
            terminal.Write(Shapes.Line($"And {report.Secrets.Length - Most} more, less urgent."));

        var findings = report.Findings.Where(finding => finding.Rule.Severity != Severity.Note).OrderBy(finding => finding.Rule.Severity).ToList();
        foreach (var finding in findings.Take(Most))
            terminal.Write(Shapes.Labelled([
                (ReportWords.Of(finding.Rule.Severity), string.Join(": ", new[] { finding.Rule.Id, finding.Target?.ToString() ?? finding.Secret, finding.What }.OfType<string>())),
                ("", finding.Hint),
            ]));
        if (findings.Count > Most)
            terminal.Write(Shapes.Line($"And {Phrases.Count(findings.Count - Most, "finding")} more."));
        terminal.WriteLine("");
        foreach (var (name, text) in ReportFacts.Of(report))
            terminal.Write(Shapes.Line($"{name}: {text}"));
        terminal.Write(Shapes.Line(ReportWords.Headline(report), report.Compliance.Within == report.Compliance.Total ? Tone.Good : Tone.Attention));
        terminal.Write(Shapes.Line("All of it, for a browser: secret-rotator report --output html > report.html", Tone.Quiet));
    }

    private static Tone ToneOf(AuditState state) => state switch
    {
        AuditState.Failed or AuditState.Blocked => Tone.Bad,
        AuditState.Fresh => Tone.Good,
        _ => Tone.Attention,
    };
}
