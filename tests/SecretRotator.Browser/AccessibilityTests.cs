using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace SecretRotator.Browser;

/// <summary>WCAG 2.2 AA as far as a program can see it, by axe.</summary>
public sealed class AccessibilityTests(Chromium chromium)
{
    private static readonly AxeRunOptions Rules = new()
    {
        RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
        ResultTypes = [ResultType.Violations],
    };

    public static MatrixTheoryData<ColorScheme, int> Looks => new([ColorScheme.Light, ColorScheme.Dark], [1280, 390]);

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Axe_finds_nothing(ColorScheme scheme, int width)
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 900 } });

        (await FaultsOf(report, Rules)).Should().BeEmpty();
    }

    [Fact]
    public async Task Axe_finds_nothing_at_a_thousand_secrets()
    {
        await using var report = await chromium.OpenAsync(Sample.Thousand, new());

        // More rows bring no colours of their own, and to measure those of every cell takes minutes.
        var rules = new AxeRunOptions { RunOnly = Rules.RunOnly, ResultTypes = Rules.ResultTypes, Rules = new() { ["color-contrast"] = new() { Enabled = false } } };

        (await FaultsOf(report, rules)).Should().BeEmpty();
    }

    [Fact]
    public async Task Axe_finds_what_is_broken_on_purpose()
    {
        await using var report = await chromium.OpenBrokenAsync("<html lang=\"en\">", "<html>");

        (await FaultsOf(report, Rules)).Should().ContainSingle().Which.Should().StartWith("html-has-lang");
    }

    private static async Task<IEnumerable<string>> FaultsOf(ReportPage report, AxeRunOptions rules)
    {
        var found = await report.Page.RunAxe(rules);
        return found.Violations.Select(fault => $"{fault.Id}: {fault.Help}: {string.Join(", ", fault.Nodes.Take(3).Select(node => $"{node.Html} {string.Join("; ", node.Any.Select(check => check.Message))}"))}");
    }
}
