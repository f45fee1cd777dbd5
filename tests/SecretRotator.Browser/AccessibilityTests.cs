using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace SecretRotator.Browser;

/// <summary>WCAG 2.2 AA as far as a program can see it, by axe.</summary>
public sealed class AccessibilityTests(Chromium chromium)
{
    private const string Rules =
        "runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }, resultTypes: "
            + "['violations']";

    public static MatrixTheoryData<ColorScheme, int> Looks => new([ColorScheme.Light, ColorScheme.Dark], [1280, 390]);

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Axe_finds_nothing(ColorScheme scheme, int width)
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, new(width, 900, scheme));

        (await FaultsOf(report, Rules)).Should().BeEmpty();
    }

    [Fact]
    public async Task Axe_finds_nothing_at_many_secrets()
    {
        await using var report = await chromium.OpenAsync(Sample.Many, new());

        // More rows bring no colours of their own, and to measure those of every cell takes minutes.
        (await FaultsOf(report, $"{Rules}, rules: {{ 'color-contrast': {{ enabled: false }} }}")).Should().BeEmpty();
    }

    [Fact]
    public async Task Axe_finds_what_is_broken_on_purpose()
    {
        await using var report = await chromium.OpenBrokenAsync("<html lang=\"en\">", "<html>");

        (await FaultsOf(report, Rules)).Should().ContainSingle().Which.Should().StartWith("html-has-lang");
    }

    // Run in the page as a whole: the way of axe's library for .NET carries every element that is sound out of the browser too.
    private static async Task<string[]> FaultsOf(ReportPage report, string rules)
    {
        await report.Page.EvaluateAsync(new BundledAxeScriptProvider().GetScript());
        return await report.Page.EvaluateAsync<string[]>($$"""
            async () => (await axe.run(document, { {{rules}} })).violations.map(fault =>
              `${fault.id}: ${fault.help}: ${fault.nodes.slice(0, 3).map(node => `${node.html} ${node.any.map(check => check.message).join('; ')}`).join(', ')}`)
            """);
    }
}
