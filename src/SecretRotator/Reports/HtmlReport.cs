using System.Security.Cryptography;
using SecretRotator.Audit;

namespace SecretRotator.Reports;

/// <summary>
/// The report as one file for a browser: no script, no network, nothing that the page's own policy would let in. It is
/// made to be read on a phone, on paper, by a screen reader, in light and in dark.
/// </summary>
internal static class HtmlReport
{
    // What a person reads before turning to the table.
    private const int MostFindings = 100;
    private const int MostGroups = 50;

    // Text has a contrast of at least 4.5 to 1 with its background, shapes of 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11), in light and in dark;
    // what a colour says, a word says too. It begins with an empty line, so that the tag has a line of its own.
    private static readonly string Style = EmbeddedText.Read("report.css");

    // The only style that the policy lets in is this one.
    private static readonly string StyleHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));

    public static void Write(Stream stream, AuditReport report)
    {
        using var page = new HtmlPage(stream);
        WriteHead(page, report);
        page.WriteLine($"<body>");
        page.WriteLine($"<a class=\"skip\" href=\"#secrets\">Skip to the secrets</a>");
        WriteHeader(page, report);
        page.WriteLine($"<main>");
        WriteSection(page, "summary", "Summary", () => WriteSummary(page, report));
        WriteSection(page, "findings", "What needs a look", () => WriteFindings(page, report));
        // One vault or owner says nothing that the summary doesn't.
        var (vaults, owners) = (report.ByVault, report.ByOwner);
        if (vaults.Length > 1 || owners.Length > 1)
            WriteSection(page, "groups", "Vaults and owners", () =>
            {
                WriteGroups(page, "By vault", "Vault", vaults);
                WriteGroups(page, "By owner", "Owner", owners);
            });
        WriteSection(page, "secrets", "Secrets", () => WriteTable(page, report));
        WriteSection(page, "stories", "Each secret", () => WriteStories(page, report));
        WriteSection(page, "coverage", "What is covered", () => WriteCoverage(page, report));
        WriteSection(page, "controls", "Controls that these facts are relevant to", () => WriteControls(page, report));
        WriteSection(page, "runs", "Runs that it rests on", () => WriteEvidence(page, report));
        WriteSection(page, "facts", "How this report was made", () => WriteFacts(page, report));
        page.WriteLine($"</main>");
        page.WriteLine($"</body>");
        page.WriteLine($"</html>");
    }

    private static void WriteHead(HtmlPage page, AuditReport report)
    {
        page.WriteLine($"<!doctype html>");
        page.WriteLine($"<html lang=\"en\">");
        page.WriteLine($"<head>");
        page.WriteLine($"<meta charset=\"utf-8\">");
        page.WriteLine(
            $"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{StyleHash}'; base-uri "
                + $"'none'; form-action 'none'\">");
        page.WriteLine($"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.WriteLine($"<meta name=\"color-scheme\" content=\"light dark\">");
        page.WriteLine($"<meta name=\"referrer\" content=\"no-referrer\">");
        page.WriteLine($"<title>Secret rotation: {report.Origin.Workspace}, {HumanText.Time(report.Origin.At)}</title>");
        page.Write($"<style>");
        page.WriteStyle(Style);
        page.WriteLine($"</style>");
        page.WriteLine($"</head>");
    }

    private static void WriteHeader(HtmlPage page, AuditReport report)
    {
        page.WriteLine($"<header>");
        page.WriteLine($"<h1>Secret rotation: {report.Origin.Workspace}</h1>");
        page.WriteLine(
            $"<p class=\"quiet\">{HumanText.Time(report.Origin.At)}, by {report.Origin.By}, secret-rotator "
                + $"{ReportNames.Version(report.Origin.Tool)}</p>");
        if (report.Origin.SandboxRun)
            page.WriteLine($"<p class=\"sandbox\">A sandbox run: all of this was observed in the sandbox, not in the real services.</p>");
        page.WriteLine($"</header>");
    }

    private static void WriteSummary(HtmlPage page, AuditReport report)
    {
        var (compliance, toAct) = (report.Compliance, report.Findings.Count(finding => finding.Rule.Severity == Severity.Error));
        page.WriteLine($"<dl class=\"tiles\">");
        Tile(page,
            ReportNames.Percent(compliance.Share),
            $"within policy, by the age of the vault's copy: {compliance.Within} of {compliance.Total}",
            compliance.Within == compliance.Total ? "good" : "attention");
        Tile(page, HumanText.Count(compliance.Overdue, "secret"), "overdue", compliance.Overdue == 0 ? "good" : "bad");
        Tile(page, HumanText.Count(compliance.Unknown, "secret"), "of unknown age", compliance.Unknown == 0 ? "good" : "attention");
        Tile(page, HumanText.Count(toAct, "finding"), "to act on", toAct == 0 ? "good" : "bad");
        page.WriteLine($"</dl>");
        HtmlPlots.WriteStates(page, report);
        page.WriteLine($"<div class=\"plots\">");
        HtmlPlots.WriteAges(page, report);
        HtmlPlots.WriteCalendar(page, report);
        page.WriteLine($"</div>");
    }

    private static void Tile(HtmlPage page, string number, string label, string tone) =>
        page.WriteLine($"<div class=\"tile {tone}\"><dt>{label}</dt><dd>{number}</dd></div>");

    private static void WriteFindings(HtmlPage page, AuditReport report)
    {
        var urgent = SharedFindings.Of(
            report, report.Findings.Where(finding => finding.Rule.Severity != Severity.Note).OrderBy(finding => finding.Rule.Severity));
        if (urgent.IsEmpty)
            page.WriteLine($"<p>Nothing, as far as could be seen.</p>");
        else
            page.WriteTable(
                "Findings by cause, the worst first",
                ["Where", "What", "What to do"],
                urgent.Take(MostFindings),
                shared =>
                {
                    page.Write($"<th scope=\"row\"><span class=\"{WireNames.Of(shared.Rule.Severity)}\">{shared.Rule.Id}</span> ");
                    WritePlaces(page, shared.Findings);
                    page.Write($"</th><td>{shared.What}</td><td>{shared.Hint}</td>");
                });
        if (urgent.Length > MostFindings)
            page.WriteLine($"<p>And {urgent.Length - MostFindings} more: each is listed at its secret.</p>");
    }

    private static void WritePlaces(HtmlPage page, ImmutableArray<AuditFinding> findings)
    {
        if (findings.Length > 1)
            page.Write($"{findings.Length}: ");
        foreach (var (finding, index) in findings.Take(SharedCauses.MostNamed).Select((finding, index) => (finding, index)))
        {
            page.Write($"{(index == 0 ? "" : ", ")}");
            if (finding.Secret is { } secret)
                page.Write($"<a href=\"#s-{secret}\">{SharedFindings.Place(finding)}</a>");
        }

        if (findings.Length > SharedCauses.MostNamed)
            page.Write($" and {findings.Length - SharedCauses.MostNamed} more: each is listed at its secret");
    }

    private static void WriteTable(HtmlPage page, AuditReport report)
    {
        var byUrgency = report.Secrets.OrderBy(audit => audit.State).ThenBy(audit => audit.DueAt ?? report.Origin.At)
            .ThenBy(audit => audit.Secret.Name, StringComparer.Ordinal);
        page.WriteTable(
            "Every secret, the most urgent first",
            ["Secret", "State", "Age", "Policy", "Due", "Last delivered", "Owner and vault"],
            byUrgency,
            audit =>
            {
                var name = audit.Secret.Name;
                page.Write($"<th scope=\"row\"><a href=\"#s-{name}\">{name}</a></th>");
                page.Write(
                    $"<td><span class=\"state "
                        + $"{WireNames.Of(audit.State)}\">{HumanText.ForPeople(WireNames.Of(audit.State))}</span></td>");
                page.Write($"<td>{ReportNames.Age(audit.Age)}</td><td>every {ReportNames.Plain(audit.Secret.RotateEvery)}</td>");
                page.Write(
                    $"<td>{(audit.DueAt is { } due ? HumanText.Time(due) : "unknown")}{(audit.Freshness == AgeVerdict.Overdue ? ", overdue" : "")}</td>");
                page.Write(
                    $"<td>{(audit.Last is { } last ? $"{HumanText.Time(last.At)}, {WireNames.Of(last.Level)}" : "never")}</td><td>{audit.Secret.Owner}<br><span class=\"quiet\">{audit.Secret.Vault}</span></td>");
            });
    }

    private static void WriteGroups(HtmlPage page, string caption, string heading, ImmutableArray<SecretGroup> groups)
    {
        if (groups.Length < 2)
            return;
        page.WriteTable(
            $"{caption}, the one with the most out of policy first",
            [heading, "Secrets", "Within policy", "Overdue", "Of unknown age", "Findings to act on"],
            groups.Take(MostGroups),
            group =>
                page.Write(
                    $"<th scope=\"row\">{group.Name}</th><td>{group.Compliance.Total}</td><td>{group.Compliance.Within} "
                        + $"({ReportNames.Percent(group.Compliance.Share)})</td><td>{group.Compliance.Overdue}</td><td>{group.Compliance.Unknown}</td><td>{group.ToActOn}</td>"));
        if (groups.Length > MostGroups)
            page.WriteLine($"<p>And {groups.Length - MostGroups} more.</p>");
    }

    private static void WriteStories(HtmlPage page, AuditReport report)
    {
        foreach (var audit in report.Secrets)
        {
            page.WriteLine($"<article id=\"s-{audit.Secret.Name}\" aria-labelledby=\"h-{audit.Secret.Name}\">");
            page.WriteLine(
                $"<h3 id=\"h-{audit.Secret.Name}\">{audit.Secret.Name} <span class=\"state "
                    + $"{WireNames.Of(audit.State)}\">{HumanText.ForPeople(WireNames.Of(audit.State))}</span></h3>");
            page.WriteLine($"<dl>");
            foreach (var (name, text) in ReportFacts.Of(audit, report.Origin.At))
                page.WriteLine($"<div><dt>{name}</dt><dd>{text}</dd></div>");
            page.WriteLine($"</dl>");
            page.WriteLine($"</article>");
        }
    }

    private static void WriteCoverage(HtmlPage page, AuditReport report)
    {
        page.WriteLine(
            $"<p>{report.Coverage.Managed} of {report.Coverage.Secured} secured variables in the listed scopes are in the inventory. "
                + $"Scopes that no entry names were not looked at.</p>");
        page.WriteTable("Secured variables by scope", ["Scope", "In the inventory", "In no entry"], report.Coverage.Scopes, scope =>
            page.Write($"<th scope=\"row\">{scope.Scope.ToString()}</th><td>{scope.Managed}</td><td>{scope.Unmanaged}</td>"));
        if (report.Coverage.Unmanaged.Length > 0)
            page.WriteLine($"<p>In no entry: {string.Join(", ", report.Coverage.Unmanaged.Select(variable => variable.ToString()))}.</p>");
        page.WriteLine($"<h3>Not observed</h3>");
        if (report.Unobserved.IsEmpty)
            page.WriteLine($"<p>Everything in the report was observed.</p>");
        else
            page.WriteTable("What could not be observed", ["What", "Why", "What to do"], report.Unobserved, item =>
                page.Write($"<th scope=\"row\">{item.What}</th><td>{item.Why}</td><td>{item.Hint}</td>"));
    }

    private static void WriteControls(HtmlPage page, AuditReport report)
    {
        page.WriteLine($"<p>A mapping that the inventory may change, and no claim of compliance.</p>");
        page.WriteTable("Controls and facts", ["Control", "Facts"], report.Controls, control =>
        {
            page.Write($"<th scope=\"row\">{control.Control.Id}<br><span class=\"quiet\">{control.Control.Title}</span></th><td><ul>");
            foreach (var (_, text) in control.Facts)
                page.Write($"<li>{text}</li>");
            page.Write($"</ul></td>");
        });
    }

    private static void WriteEvidence(HtmlPage page, AuditReport report)
    {
        if (report.Evidence.Runs.IsEmpty)
            page.WriteLine($"<p>No evidence of earlier runs was read, so earlier rotations aren't reported.</p>");
        else
            page.WriteTable("Runs by evidence", ["Began", "Command", "By", "Ended", "Run", "File"], report.Evidence.Runs, run =>
                page.Write(
                    $"<th scope=\"row\">{HumanText.Time(run.StartedAt)}</th><td>{run.Command}</td><td>{run.By}</td><td>{ReportFacts.EndOf(run)}</td><td>{run.Id}</td><td>{run.Source}</td>"));
        foreach (var gap in report.Evidence.Gaps)
            page.WriteLine($"<p>{gap}</p>");
    }

    private static void WriteFacts(HtmlPage page, AuditReport report)
    {
        page.WriteLine($"<dl class=\"facts\">");
        foreach (var (name, text) in ReportFacts.Of(report))
            page.WriteLine($"<div><dt>{name}</dt><dd>{text}</dd></div>");
        page.WriteLine($"</dl>");
    }

    private static void WriteSection(HtmlPage page, string id, string heading, Action write)
    {
        page.WriteLine($"<section aria-labelledby=\"{id}\">");
        page.WriteLine($"<h2 id=\"{id}\">{heading}</h2>");
        write();
        page.WriteLine($"</section>");
    }
}
