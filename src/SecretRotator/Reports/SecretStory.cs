using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Output;
using SecretRotator.Reporting;

namespace SecretRotator.Reports;

/// <summary>Each secret's story: what every format for people says of it, in the same order.</summary>
internal static class SecretStory
{
    public static IEnumerable<(string Name, string Text)> Of(SecretAudit audit, Instant now)
    {
        var secret = audit.Secret;
        yield return ("Owner", secret.Owner);
        yield return ("Vault", $"{secret.Vault}, {secret.Path}{(audit.Current is { } current ? $", current version {current}" : "")}");
        yield return ("Policy", $"every {ReportWords.Plain(secret.RotateEvery)}, {ReportWords.Plain(secret.Window)}; {string.Join("; ", audit.Values.Select(ReportWords.Plain))}");
        yield return ("State", $"{Phrases.ForPeople(ReportWords.Of(audit.State))}: {ReportWords.Meaning(audit.State)}");
        yield return ("Age", audit is { Age: { } age, Delivered: { } delivered, DueAt: { } due }
            ? $"{ReportWords.Age(age)}, since {Phrases.Time(delivered.ValueSince)}; {(audit.Freshness == AgeVerdict.Overdue ? "was due" : "due")} {Phrases.Time(due)}"
            : "can't be told");
        yield return ("Decision", ReportWords.Plain(audit.Decision, now));
        yield return ("Targets", string.Join("; ", audit.Targets.Select(target => $"{target.Target}{(target.Target.Field is { } field ? $", field {field}" : "")}{(target.Target.Encoding == TargetEncoding.Base64 ? ", in base64" : "")} ({ReportWords.Of(target.State)})")));
        yield return ("Last delivered", ReportWords.Plain(audit.Last));
        foreach (var finding in audit.Findings)
            yield return ($"Finding, {ReportWords.Of(finding.Rule.Severity)}", $"{finding.Rule.Id}: {(finding.Target is { } target ? $"{target}: " : "")}{Phrases.Sentence(finding.What)} {finding.Hint}");
        foreach (var exception in audit.Exceptions)
            yield return ("Exception", ReportWords.Plain(exception));
        foreach (var happened in audit.History)
            yield return (Phrases.Time(happened.At), $"{ReportWords.Plain(happened)} (run {happened.Run})");
        if (audit.OlderEvents > 0)
            yield return ("Before", $"{Phrases.Count(audit.OlderEvents, "older event")} in the evidence");
    }
}
