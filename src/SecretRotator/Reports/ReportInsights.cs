using SecretRotator.Audit;
using SecretRotator.Providers.Bitbucket.CodeInsights;

namespace SecretRotator.Reports;

/// <summary>The report as a commit's page in Bitbucket shows it: a few facts, and each finding on its line of the inventory.</summary>
internal static class ReportInsights
{
    public static InsightReport Of(AuditReport report)
    {
        var (compliance, errors) = (report.Compliance, report.Findings.Count(finding => finding.Rule.Severity == Severity.Error));
        return new InsightReport(
            "Secret rotation",
            $"{ReportNames.Headline(report)}{(report.Origin.SandboxRun ? " A sandbox run: observed in the sandbox, not in the real "
                + "services." : "")}",
            errors == 0,
            [
                new InsightFact.Percentage("Within policy (vault)", (double)Math.Floor((compliance.Share ?? 1) * 1000) / 10),
                new InsightFact.Number("Secrets", compliance.Total),
                new InsightFact.Number("Overdue", compliance.Overdue),
                new InsightFact.Number("Of unknown age", compliance.Unknown),
                new InsightFact.Number("Findings to act on", errors),
                new InsightFact.Number("Unmanaged variables", report.Coverage.Unmanaged.Length),
                new InsightFact.Number("Not observed", report.Unobserved.Length),
                new InsightFact.Number("Runs in evidence", report.Evidence.Runs.Length),
                new InsightFact.Date("Made for", report.Origin.At),
                new InsightFact.Text("Inventory", report.Origin.InventoryDigest[..12]),
            ],
            [.. Annotations(report)]);
    }

    private static IEnumerable<InsightAnnotation> Annotations(AuditReport report)
    {
        var told = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var finding in report.Findings)
        {
            var about = finding.Target?.ToString() ?? finding.Secret ?? finding.What;
            var id = $"{finding.Rule.Id}:{(finding.Secret is { } secret && finding.Target is not null ? $"{secret}:" : "")}{about}";
            // Bitbucket shows annotations on files of the repository, which it knows by relative paths.
            var file = finding.File ?? report.Origin.InventoryFile;
            var path = Path.IsPathRooted(file) ? null : file.Replace('\\', '/');
            var times = told[id] = told.GetValueOrDefault(id) + 1;
            yield return new InsightAnnotation(
                times == 1 ? id : $"{id}:{times}",
                SeverityOf(finding.Rule.Severity),
                KindOf(finding.Rule),
                $"{finding.Rule.Id}: {(finding.Secret is null ? "" : $"{about}: ")}{finding.What}",
                finding.Hint,
                path,
                path is null ? null : finding.Line);
        }
    }

    private static InsightSeverity SeverityOf(Severity severity) => severity switch
    {
        Severity.Error => InsightSeverity.High,
        Severity.Warning => InsightSeverity.Medium,
        _ => InsightSeverity.Low,
    };

    private static InsightKind KindOf(FindingRule rule) =>
        ImmutableArray.Create(
            FindingRule.Unsecured, FindingRule.Overdue, FindingRule.Unmanaged, FindingRule.LowEntropy, FindingRule.EvidenceBroken)
                .Contains(rule) ? InsightKind.Vulnerability
        : rule.Severity == Severity.Note ? InsightKind.CodeSmell
        : InsightKind.Bug;
}
