using System.Collections.Immutable;
using System.Globalization;
using SecretRotator.Output;
using SecretRotator.Reporting;

namespace SecretRotator.Reports;

/// <summary>The report on a terminal: the whole in a few lines, then what needs a look.</summary>
internal static class ReportText
{
    // More than a person reads on a terminal; the other formats tell all.
    private const int Most = 40;
    private const int MostGroups = 10;

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
        {
            terminal.Write(Shapes.Line($"And {report.Secrets.Length - Most} more, less urgent."));
            WriteGroups(terminal, "Vault", report.ByVault);
            WriteGroups(terminal, "Owner", report.ByOwner);
        }

        var findings = SharedFindings.Of(report, report.Findings.Where(finding => finding.Rule.Severity != Severity.Note).OrderBy(finding => finding.Rule.Severity));
        foreach (var shared in findings.Take(Most))
        {
            var places = shared.Findings.Select(SharedFindings.Place).Where(place => place.Length > 0).ToList();
            terminal.Write(Shapes.Labelled([
                (ReportWords.Of(shared.Rule.Severity), string.Join(": ", new[] { shared.Rule.Id, places.Count == 0 ? null : SharedCauses.Named(places), shared.What }.OfType<string>())),
                ("", shared.Hint),
            ]));
        }

        if (findings.Length > Most)
            terminal.Write(Shapes.Line($"And {Phrases.Count(findings.Length - Most, "cause")} more."));
        terminal.WriteLine("");
        foreach (var (name, text) in ReportFacts.Of(report))
            terminal.Write(Shapes.Line($"{name}: {text}"));
        terminal.Write(Shapes.Line(ReportWords.Headline(report), report.Compliance.Within == report.Compliance.Total ? Tone.Good : Tone.Attention));
        terminal.Write(Shapes.Line("All of it, for a browser: secret-rotator report --output html > report.html", Tone.Quiet));
    }

    private static void WriteGroups(Terminal terminal, string heading, ImmutableArray<SecretGroup> groups)
    {
        if (groups.Length < 2)
            return;
        var table = Shapes.Table(Shapes.Folding(heading), Shapes.Whole("Secrets"), Shapes.Whole("Within policy"), Shapes.Whole("Overdue"), Shapes.Whole("Unknown"), Shapes.Whole("To act on"));
        foreach (var group in groups.Take(MostGroups))
            table.AddRow(
                Shapes.Cell(group.Name), Number(group.Compliance.Total), Number(group.Compliance.Within), Number(group.Compliance.Overdue), Number(group.Compliance.Unknown), Number(group.ToActOn));
        terminal.Write(table);
        if (groups.Length > MostGroups)
            terminal.Write(Shapes.Line($"And {groups.Length - MostGroups} more."));
    }

    private static TextCell Number(int number) => Shapes.Cell(number.ToString(CultureInfo.InvariantCulture));

    private static Tone ToneOf(AuditState state) => state switch
    {
        AuditState.Failed or AuditState.Blocked => Tone.Bad,
        AuditState.Fresh => Tone.Good,
        _ => Tone.Attention,
    };
}
