using SecretRotator.Audit;

namespace SecretRotator.Reports;

/// <summary>The report on a terminal: the whole in a few lines, then what needs a look.</summary>
internal static class ReportText
{
    // More than a person reads on a terminal; the other formats tell all.
    private const int Most = 40;
    private const int MostGroups = 10;

    public static void Write(Terminal terminal, AuditReport report)
    {
        var worst = report.Secrets.OrderBy(audit => audit.State).ThenBy(audit => audit.DueAt ?? report.Origin.At)
            .ThenBy(audit => audit.Secret.Name, StringComparer.Ordinal).Take(Most).ToList();
        var table = ConsoleLayout.Table(
            ConsoleLayout.Names(worst.Select(audit => audit.Secret.Name)), ConsoleLayout.Whole("State"), ConsoleLayout.Whole("Age"),
            ConsoleLayout.Whole("Policy"), ConsoleLayout.Folding("Last delivered"));
        foreach (var audit in worst)
            table.AddRow(
                audit.Secret.Name,
                new(HumanText.ForPeople(WireNames.Of(audit.State)), ToneOf(audit.State)),
                ReportNames.Age(audit.Age),
                ReportNames.Plain(audit.Secret.RotateEvery),
                ReportNames.Plain(audit.Last));
        terminal.Write(table);
        if (report.Secrets.Length > Most)
        {
            terminal.Write($"And {report.Secrets.Length - Most} more, less urgent.");
            WriteGroups(terminal, "Vault", report.ByVault);
            WriteGroups(terminal, "Owner", report.ByOwner);
        }

        var findings = SharedFindings.Of(
            report, report.Findings.Where(finding => finding.Rule.Severity != Severity.Note).OrderBy(finding => finding.Rule.Severity));
        foreach (var shared in findings.Take(Most))
        {
            var places = shared.Findings.Select(SharedFindings.Place).Where(place => place.Length > 0).ToList();
            terminal.WriteLabelled(
            [
                (WireNames.Of(shared.Rule.Severity),
                    string.Join(
                        ": ", new[]
                        {
                            shared.Rule.Id,
                            places.Count == 0 ? null : SharedCauses.Named(places),
                            shared.What,
                        }.OfType<string>())),
                ("", shared.Hint),
            ]);
        }

        if (findings.Length > Most)
            terminal.Write($"And {HumanText.Count(findings.Length - Most, "cause")} more.");
        terminal.WriteLine("");
        foreach (var (name, text) in ReportFacts.Of(report))
            terminal.Write($"{name}: {text}");
        terminal.Write(ReportNames.Headline(report), report.Compliance.Within == report.Compliance.Total ? Tone.Good : Tone.Attention);
        terminal.Write("All of it, for a browser: secret-rotator report --output html > report.html", Tone.Quiet);
    }

    private static void WriteGroups(Terminal terminal, string heading, ImmutableArray<SecretGroup> groups)
    {
        if (groups.Length < 2)
            return;
        var table = ConsoleLayout.Table(
            ConsoleLayout.Folding(heading), ConsoleLayout.Whole("Secrets"), ConsoleLayout.Whole("Within policy"),
            ConsoleLayout.Whole("Overdue"), ConsoleLayout.Whole("Unknown"), ConsoleLayout.Whole("To act on"));
        foreach (var group in groups.Take(MostGroups))
            table.AddRow(
                group.Name, $"{group.Compliance.Total}", $"{group.Compliance.Within}",
                $"{group.Compliance.Overdue}", $"{group.Compliance.Unknown}", $"{group.ToActOn}");
        terminal.Write(table);
        if (groups.Length > MostGroups)
            terminal.Write($"And {groups.Length - MostGroups} more.");
    }

    private static Tone ToneOf(AuditState state) => state switch
    {
        AuditState.Failed or AuditState.Blocked => Tone.Bad,
        AuditState.Fresh => Tone.Good,
        _ => Tone.Attention,
    };
}
