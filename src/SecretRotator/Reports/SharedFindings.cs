using SecretRotator.Audit;

namespace SecretRotator.Reports;

/// <summary>Findings with one cause, told once.</summary>
/// <param name="Findings">At least one, in the order of the report.</param>
/// <param name="What">What was seen; words in place of names where it differs in them.</param>
/// <param name="Hint">What to do, likewise.</param>
internal sealed record SharedFindings(ImmutableArray<AuditFinding> Findings, string What, string Hint)
{
    /// <summary>The rule of all of them.</summary>
    public FindingRule Rule => Findings[0].Rule;

    /// <summary>The findings of a report by their cause.</summary>
    public static ImmutableArray<SharedFindings> Of(AuditReport report, IEnumerable<AuditFinding> findings) =>
        Of(report.Secrets.Select(audit => audit.Secret), findings);

    /// <summary>Findings by their cause, each group at the place of its first finding.</summary>
    public static ImmutableArray<SharedFindings> Of(IEnumerable<ManagedSecret> all, IEnumerable<AuditFinding> findings)
    {
        var secrets = all.ToDictionary(secret => secret.Name, secret => new Placeholders(secret), StringComparer.Ordinal);
        var none = new Placeholders("", null, Array.Empty<VariableTarget>());
        Placeholders NamesOf(AuditFinding finding) => finding.Secret is { } name ? secrets.GetValueOrDefault(name) ?? none : none;
        return
        [
            // Without a secret only a cause is reported.
            .. SharedCauses.Of(findings, finding => (finding.Rule, NamesOf(finding).In(finding.What), NamesOf(finding).In(finding.Hint)))
                .Select(group => new SharedFindings(
                    group, SharedCauses.Text(group, finding => finding.What, NamesOf),
                    SharedCauses.Text(group, finding => finding.Hint, NamesOf))),
        ];
    }

    /// <summary>Where a finding is.</summary>
    public static string Place(AuditFinding finding) => finding.Target?.ToString() ?? finding.Secret ?? "";
}
