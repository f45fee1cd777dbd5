using System.Runtime.CompilerServices;
using SecretRotator.Audit;

namespace SecretRotator.Reports;

/// <summary>The report as a page of CommonMark with tables, for pull requests and wikis.</summary>
internal static class MarkdownReport
{
    private const string Markup = "\\`*_{}[]<>|#~!&";

    public static void Write(Stream stream, AuditReport report)
    {
        using var page =
            new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        Line(page, $"# Secret rotation: {report.Origin.Workspace}");
        Line(page, $"");
        Line(page, $"{ReportNames.Headline(report)}");
        Table(page, ["", ""], ReportFacts.Of(report).Select(fact => new[] { fact.Name, fact.Text }));
        WriteFindings(page, report);
        WriteSecrets(page, report);
        WriteStories(page, report);
        WriteRest(page, report);
    }

    private static void WriteFindings(StreamWriter page, AuditReport report)
    {
        Heading(page, "Findings");
        if (report.Findings.IsEmpty)
            Line(page, $"None.");
        else
            Table(
                page,
                ["Severity", "Rule", "Where", "What", "What to do"],
                SharedFindings.Of(report, report.Findings).Select(shared => new[]
                {
                    WireNames.Of(shared.Rule.Severity), shared.Rule.Id,
                    SharedCauses.Named([.. shared.Findings.Select(SharedFindings.Place)]), shared.What, shared.Hint,
                }));
    }

    private static void WriteSecrets(StreamWriter page, AuditReport report)
    {
        WriteGroups(page, "By vault", "Vault", report.ByVault);
        WriteGroups(page, "By owner", "Owner", report.ByOwner);
        Heading(page, "Secrets");
        Table(page, ["Secret", "Owner", "State", "Age", "Policy", "Due", "Last delivered"], report.Secrets.Select(audit => new[]
        {
            audit.Secret.Name,
            audit.Secret.Owner,
            HumanText.ForPeople(WireNames.Of(audit.State)),
            ReportNames.Age(audit.Age),
            $"every {ReportNames.Plain(audit.Secret.RotateEvery)}",
            audit.DueAt is { } due ? HumanText.Time(due) : "unknown",
            ReportNames.Plain(audit.Last),
        }));
    }

    // One group says nothing that the facts don't.
    private static void WriteGroups(StreamWriter page, string title, string heading, ImmutableArray<SecretGroup> groups)
    {
        if (groups.Length < 2)
            return;
        Heading(page, title);
        Table(page, [heading, "Secrets", "Within policy", "Overdue", "Of unknown age", "Findings to act on"], groups.Select(group => new[]
        {
            group.Name, $"{group.Compliance.Total}",
            $"{group.Compliance.Within} ({ReportNames.Percent(group.Compliance.Share)})",
            $"{group.Compliance.Overdue}", $"{group.Compliance.Unknown}", $"{group.ToActOn}",
        }));
    }

    private static void WriteStories(StreamWriter page, AuditReport report)
    {
        Heading(page, "Each secret");
        foreach (var audit in report.Secrets)
        {
            Line(page, $"");
            Line(page, $"### {audit.Secret.Name}");
            Line(page, $"");
            foreach (var (name, text) in ReportFacts.Of(audit, report.Origin.At))
                Line(page, $"- {name}: {text}");
        }
    }

    private static void WriteRest(StreamWriter page, AuditReport report)
    {
        Heading(page, "Due in the next 90 days");
        Table(page,
            ["Day (UTC)", "What"],
            report.Calendar.Where(day => day.Due > 0 || day.Freeze is not null)
                .Select(day => new[] { ReportNames.Of(day.Date), ReportFacts.Of(day) }));
        Heading(page, "Coverage");
        Table(page, ["Scope", "Managed", "Unmanaged"], report.Coverage.Scopes.Select(scope => new[]
        {
            scope.Scope.ToString(), $"{scope.Managed}", $"{scope.Unmanaged}",
        }));
        if (report.Unobserved.Length > 0)
        {
            Heading(page, "Not observed");
            Table(page, ["What", "Why", "What to do"], report.Unobserved.Select(item => new[] { item.What, item.Why, item.Hint }));
        }

        Heading(page, "Controls");
        Line(page, $"Which facts are relevant to which controls: a mapping that the inventory may change, and no claim of compliance.");
        Table(page, ["Control", "Asks for", "Facts"], report.Controls.Select(control => new[]
        {
            control.Control.Id, control.Control.Title, string.Join(' ', control.Facts.Select(fact => fact.Text)),
        }));
        Heading(page, "Runs");
        if (report.Evidence.Runs.IsEmpty)
            Line(page, $"No evidence of earlier runs was read.");
        else
            Table(page, ["Run", "What"], report.Evidence.Runs.Select(run => new[] { run.Id, ReportFacts.Of(run) }));
        foreach (var gap in report.Evidence.Gaps)
            Line(page, $"- {gap}");
    }

    private static void Heading(StreamWriter page, string text)
    {
        Line(page, $"");
        Line(page, $"## {text}");
        Line(page, $"");
    }

    private static void Table(StreamWriter page, string[] headings, IEnumerable<string[]> rows)
    {
        page.WriteLine();
        page.WriteLine($"| {string.Join(" | ", headings)} |");
        page.WriteLine($"|{string.Concat(Enumerable.Repeat("---|", headings.Length))}");
        foreach (var row in rows)
            page.WriteLine($"| {string.Join(" | ", row.Select(Escaped))} |");
    }

    /// <summary>Text from outside as plain text: no markup, no HTML, no link, no end of a cell.</summary>
    internal static string Escaped(string text)
    {
        var printable = PrintableText.Of(text);
        var escaped = new StringBuilder(printable.Length + 8);
        foreach (var character in printable)
        {
            // Autolinks of extended Markdown begin with a scheme or with www. as well: a zero-width entity breaks neither reading nor
            // copying.
            if (Markup.Contains(character, StringComparison.Ordinal))
                escaped.Append('\\');
            escaped.Append(character);
        }

        return escaped.Replace("://", ":&#8203;//").Replace("www.", "www&#46;").ToString();
    }

    private static void Line(StreamWriter page, MarkdownLine line) => page.WriteLine(line.Text);

    /// <summary>A line whose holes can't be anything but text.</summary>
    [InterpolatedStringHandler]
    private readonly ref struct MarkdownLine(int literalLength, int formattedCount)
    {
        private readonly StringBuilder _text = new(literalLength + (formattedCount * 16));

        public string Text => _text.ToString();

        public void AppendLiteral(string literal) => _text.Append(literal);

        public void AppendFormatted(string text) => _text.Append(Escaped(text));
    }
}
