using System.Security.Cryptography;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using SecretRotator.Audit;
using SecretRotator.Settings;

namespace SecretRotator.Tests.Reports;

public sealed class HtmlReportTests
{
    private static readonly AuditReport Report = ReportSamples.Report;

    private static readonly string Text = Written.Text(Report, OutputFormat.Html);

    private static readonly IDocument Page = new HtmlParser(new HtmlParserOptions { IsStrictMode = true }).ParseDocument(Text);

    [Fact]
    public void There_is_nothing_that_could_run_or_load() =>
        Page.QuerySelectorAll(
            "script, iframe, object, embed, link, img, video, audio, form, base, [src], [style], [onload], [onclick], a[href^='http']")
                .Should().BeEmpty();

    [Fact]
    public void The_policy_lets_in_the_one_style_and_nothing_else()
    {
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Page.QuerySelectorAll("style").Single().TextContent)));

        Page.QuerySelector("meta[http-equiv='Content-Security-Policy']")!.GetAttribute("content")
            .Should().Be($"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'");
    }

    [Fact]
    public void Hostile_texts_are_texts() =>
        Page.QuerySelectorAll("dd").Select(dd => dd.TextContent).Should().Contain(PrintableText.Of(ReportSamples.Hostile));

    [Fact]
    public void Every_link_leads_somewhere_in_the_page() =>
        Page.QuerySelectorAll("a[href]")
            .Select(a => a.GetAttribute("href")!)
            .Should().OnlyContain(href => href.StartsWith('#') && Page.GetElementById(href.Substring(1)) != null);

    [Fact]
    public void No_two_elements_have_one_id() => Page.QuerySelectorAll("[id]").Select(e => e.Id).Should().OnlyHaveUniqueItems();

    [Fact]
    public void Every_secret_has_a_row_and_a_story()
    {
        foreach (var audit in Report.Secrets)
        {
            Page.QuerySelectorAll($"tbody a[href='#s-{audit.Secret.Name}']").Should().NotBeEmpty();
            Page.GetElementById($"s-{audit.Secret.Name}")!.LocalName.Should().Be("article");
        }
    }

    [Fact]
    public void The_most_urgent_secrets_stand_first() =>
        Page.QuerySelectorAll("[aria-labelledby='secrets'] tbody tr th")
            .Select(th => th.TextContent)
            .Should().StartWith(["failed", "unseen", "blocked", "unlisted"]).And
            .HaveCount(Report.Secrets.Length);

    [Fact]
    public void What_is_within_policy_is_the_vault_s_copy() =>
        Page.QuerySelectorAll(".tile dt")
            .Select(dt => dt.TextContent)
            .Should().Contain("within policy, by the age of the vault's copy: 5 of 11");

    [Fact]
    public void A_thousand_secrets_are_told_by_owner()
    {
        var page = new HtmlParser().ParseDocument(Written.Text(ReportSamples.Large(1_000), OutputFormat.Html));

        page.QuerySelectorAll("[aria-labelledby='groups'] tbody tr th")
            .Select(th => th.TextContent)
            .Should().BeEquivalentTo(Enumerable.Range(0, 7).Select(i => $"team-{i}@acme.example"));
        page.QuerySelectorAll("[aria-labelledby='findings'] tbody tr").Length.Should().BeLessThan(100);
    }

    [Fact]
    public void Findings_with_one_cause_are_one_row_that_leads_to_the_first_ten()
    {
        var report = ReportSamples.Large(1_000);
        AuditFinding[] same =
        [
            .. report.Secrets.Select(
                audit => new AuditFinding(
                    FindingRule.Unknown, audit.Secret.Name, null, $"{audit.Secret.Path} can't be seen", "Allow it.", 1)),
        ];
        var page = new HtmlParser().ParseDocument(Written.Text(report with { Findings = [.. same] }, OutputFormat.Html));

        var row = page.QuerySelectorAll("[aria-labelledby='findings'] tbody tr").Should().ContainSingle().Which;
        row.QuerySelectorAll("a").Should().HaveCount(10);
        row.TextContent.Should().Contain("1000: ").And
            .Contain("and 990 more").And
            .Contain("can't be seen").And
            .NotContain($"{report.Secrets[0].Secret.Path} can't");
    }

    [Fact]
    public void Due_and_waiting_look_different()
    {
        var style = Page.QuerySelectorAll("style").Single().TextContent;

        style.Should().Contain(".due { --tone: var(--attention); }").And.Contain(".waiting { --tone: var(--neutral); }");
    }

    [Fact]
    public void Pictures_say_in_words_what_they_show()
    {
        Page.QuerySelectorAll("svg[role='img']").Select(svg => svg.GetAttribute("aria-label")).Should().Equal(
            "Secrets by how much of their period is used up: 5 between 30 and 40 per cent, 3 over it, 3 unknown.",
            "8 become due on 2 days; most on 2026-06-17 (3), 2026-07-07 (5). What is overdue counts on the first day.");
        Page.QuerySelectorAll("svg:not([role='img'])").Should().OnlyContain(svg => svg.GetAttribute("aria-hidden") == "true");
    }

    [Fact]
    public void A_day_on_which_thousands_become_due_says_so_in_its_cell()
    {
        var page = new HtmlParser().ParseDocument(Written.Text(
            ReportSamples.Report with { Calendar = [new(new(2026, 6, 17), 999, null), new(new(2026, 6, 18), 12_345, null)] },
            OutputFormat.Html));

        page.QuerySelectorAll("svg text.in").Select(text => text.TextContent).Should().Equal("999", "12k");
    }

    [Fact]
    public void The_bar_of_states_is_as_long_as_its_parts()
    {
        var parts = Page.QuerySelectorAll(".states rect")
            .Select(rect => double.Parse(rect.GetAttribute("width")!, System.Globalization.CultureInfo.InvariantCulture)).ToList();

        parts.Should().HaveCount(Report.States.Length);
        parts.Sum(part => part + 2).Should().BeApproximately(1000, 1);
    }

    [Fact]
    public void Every_table_has_a_caption_and_headings() =>
        Page.QuerySelectorAll("table").Should().OnlyContain(
                table => table.QuerySelector("caption") != null && table.QuerySelectorAll("thead th[scope=col]").Length > 1
                    && table.QuerySelector("tbody th[scope=row]") != null);

    [Fact]
    public void A_sandbox_run_says_that_it_is_one()
    {
        Text.Should().NotContain("A sandbox run:");
        Written.Text(Report with { Origin = Report.Origin with { SandboxRun = true } }, OutputFormat.Html).Should()
            .Contain("A sandbox run:");
    }

    [Fact]
    public void A_thousand_secrets_make_a_page_that_mails() =>
        Written.Bytes(ReportSamples.Large(1000), OutputFormat.Html).Length.Should().BeLessThan(3 << 20);
}
