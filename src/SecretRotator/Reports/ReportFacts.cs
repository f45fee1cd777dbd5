using SecretRotator.Audit;

namespace SecretRotator.Reports;

/// <summary>Facts, each with its name and in words: what every format for people says, in the same order.</summary>
internal static class ReportFacts
{
    /// <summary>The facts of the whole.</summary>
    public static IEnumerable<(string Name, string Text)> Of(AuditReport report)
    {
        var origin = report.Origin;
        yield return ("Made for", HumanText.Time(origin.At));
        yield return ("Made by", $"{origin.By}, secret-rotator {origin.Tool}{(origin.SandboxRun ? ", in the sandbox" : "")}");
        yield return ("Workspace", origin.Workspace);
        yield return (
            "Inventory",
            $"{origin.InventoryFile}, {origin.InInventory} secrets, of which {report.Secrets.Length} are in this report; digest "
                + $"{origin.InventoryDigest}");
        yield return ("Plan digest", origin.PlanDigest);
        yield return (
            "Within policy",
            $"{report.Compliance.Within} of {report.Compliance.Total} ({ReportNames.Percent(report.Compliance.Share)}); "
                + $"{report.Compliance.Overdue} overdue, {report.Compliance.Unknown} of unknown age, which count as not within. "
                + $"Measured by the age of the vault's copy: what a target holds can't be read");
        yield return (
            "States",
            string.Join(", ", report.States.Select(state => $"{state.Count} {HumanText.ForPeople(WireNames.Of(state.State))}")));
        yield return (
            "Overdue", report.Overdue.IsEmpty ? "none" : SharedCauses.Named([.. report.Overdue.Select(secret => secret.Secret.Name)]));
        yield return (
            "Coverage",
            $"{report.Coverage.Managed} of {report.Coverage.Secured} secured variables in {report.Coverage.Scopes.Length} listed scopes "
                + $"are in the inventory; scopes that no entry names were not looked at");
        yield return (
            "Not observed", report.Unobserved.IsEmpty ? "nothing" : SharedCauses.Named([.. report.Unobserved.Select(item => item.What)]));
        yield return (
            "Calls",
            $"{report.Calls.Observation.Bitbucket} of Bitbucket and {report.Calls.Observation.Vault} of vaults to observe; acting would "
                + $"take {report.Calls.Action.Bitbucket} and {report.Calls.Action.Vault}; at most {report.Calls.BitbucketPerHour} of "
                + $"Bitbucket an hour");
        yield return ("Evidence", report.Evidence.Source is { } source
            ? $"{HumanText.Count(report.Evidence.Runs.Length, "run")} read from {source}; {report.Evidence.Incomplete.Length} cut "
            + $"short, {report.Evidence.Broken.Length} that don't hold, {report.Evidence.Gaps.Length} gaps"
            : "none was read, so earlier rotations aren't reported");
    }

    /// <summary>A secret's story.</summary>
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
        yield return ("Targets", string.Join("; ", audit.Targets.Select(target =>
            $"{target.Target}{(target.Target.Field is { } field ? $", field {field}" : "")}"
                + $"{(target.Target.Encoding == TargetEncoding.Base64 ? ", in base64" : "")} ({WireNames.Of(target.State)})")));
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

    /// <summary>What a day of the calendar brings.</summary>
    public static string Of(DueDay day) =>
        $"{day.Due} due" + (day.Freeze is { } reason ? $"; freeze: {reason}" : "");

    /// <summary>What a run was.</summary>
    public static string Of(PastRun run) =>
        $"{run.Command} by {run.By}, {HumanText.Time(run.StartedAt)}, {EndOf(run)} ({run.Source})";

    /// <summary>How a run ended, with what stopped it.</summary>
    public static string EndOf(PastRun run) =>
        (run.ExitCode is { } exitCode ? $"exit code {exitCode}" : "cut short")
            + (run.Stopped is { } cause ? $": {cause.TrimEnd('.')}" : "");
}
