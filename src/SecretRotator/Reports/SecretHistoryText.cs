using SecretRotator.Audit;

namespace SecretRotator.Reports;

/// <summary>Each secret's story: what every format for people says of it, in the same order.</summary>
internal static class SecretHistoryText
{
    public static IEnumerable<(string Name, string Text)> Of(SecretAudit audit, Instant now)
    {
        var secret = audit.Secret;
        yield return ("Owner", secret.Owner);
        yield return ("Vault", $"{secret.Vault}, {secret.Path}{(audit.Current is { } current ? $", current version {current}" : "")}");
        yield return (
            "Policy",
            $"every {ReportNames.Plain(secret.RotateEvery)}, {ReportNames.Plain(secret.Window)}; "
                + $"{string.Join("; ", audit.Values.Select(ReportNames.Plain))}");
        yield return ("State", $"{HumanText.ForPeople(WireNames.Of(audit.State))}: {ReportNames.Meaning(audit.State)}");
        yield return ("Age", audit is { Age: { } age, Delivered: { } delivered, DueAt: { } due }
            ? $"{ReportNames.Age(age)}, since {HumanText.Time(delivered.ValueSince)}; "
            + $"{(audit.Freshness == AgeVerdict.Overdue ? "was due" : "due")} {HumanText.Time(due)}"
            : "can't be determined");
        yield return ("Decision", ReportNames.Plain(audit.Decision, now));
        yield return (
            "Targets",
            string.Join(
                "; ", audit.Targets.Select(
                    target => $"{target.Target}{(target.Target.Field is { } field ? $", field {field}" : "")}{(target.Target.Encoding == TargetEncoding.Base64 ? ", in base64" : "")} ({WireNames.Of(target.State)})")));
        yield return ("Last delivered", ReportNames.Plain(audit.Last));
        foreach (var finding in audit.Findings)
            yield return (
                $"Finding, {WireNames.Of(finding.Rule.Severity)}",
                $"{finding.Rule.Id}: {(finding.Target is { } target ? $"{target}: " : "")}{HumanText.Sentence(finding.What)} "
                    + $"{finding.Hint}");
        foreach (var exception in audit.Exceptions)
            yield return ("Exception", ReportNames.Plain(exception));
        foreach (var happened in audit.History)
            yield return (HumanText.Time(happened.At), $"{ReportNames.Plain(happened)} (run {happened.Run})");
        if (audit.OlderEvents > 0)
            yield return ("Before", $"{HumanText.Count(audit.OlderEvents, "older event")} in the evidence");
    }
}
