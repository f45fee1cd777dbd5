using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace SecretRotator.Browser;

/// <summary>The report on paper, all of it.</summary>
public sealed partial class PrintTests(Chromium chromium)
{
    [Fact]
    public async Task A_report_takes_some_pages_of_paper()
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, new());

        var paper = await PrintAsync(report);

        paper.Should().StartWith("%PDF-");
        PageOfPaper().Count(paper).Should().BeInRange(3, 12);
    }

    [Fact]
    public async Task Every_story_of_many_gets_onto_paper()
    {
        await using var report = await chromium.OpenAsync(Sample.Many, new());

        var paper = await PrintAsync(report);

        // Chromium makes the outline of the headings that it has set.
        for (var i = 0; i < Chromium.Many; i++)
            paper.Should().Contain($"/Title (secret-{i:D5}");
        PageOfPaper().Count(paper).Should().BeGreaterThan(Chromium.Many / 10);
    }

    [Fact]
    public async Task Nothing_is_left_out_that_has_not_been_scrolled_to_on_a_screen_or_on_paper()
    {
        const string allVisible =
            "[...document.querySelectorAll('article dd')].every(e => e.checkVisibility({ contentVisibilityAuto: true }))";
        await using var report = await chromium.OpenAsync(Sample.Many, new());

        (await report.AskAsync<bool>(allVisible)).Should().BeTrue();
        await report.Page.EmulateMediaAsync(new() { Media = Media.Print });
        (await report.AskAsync<bool>(allVisible)).Should().BeTrue();
    }

    [Fact]
    public async Task Paper_does_not_scroll()
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, new(718, 1000));

        await report.Page.EmulateMediaAsync(new() { Media = Media.Print });

        (await report.AskAsync<bool>("[...document.querySelectorAll('.scroll, html')].every(e => e.scrollWidth <= e.clientWidth)")).Should()
            .BeTrue();
    }

    [Fact]
    public async Task Paper_is_white_for_whoever_reads_in_the_dark()
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, new(Scheme: ColorScheme.Dark));

        await report.Page.EmulateMediaAsync(new() { Media = Media.Print });

        (await report.AskAsync<string>("getComputedStyle(document.body).backgroundColor")).Should().Be("rgb(255, 255, 255)");
    }

    private static async Task<string> PrintAsync(ReportPage report) => Encoding.Latin1.GetString(
        await report.Page.PdfAsync(
            new()
            {
                Format = "A4",
                Margin = new() { Top = "10mm", Bottom = "10mm", Left = "10mm", Right = "10mm" },
                Tagged = true,
                Outline = true,
                PrintBackground = true
            }));

    [GeneratedRegex(@"/Type\s*/Page\b")]
    private static partial Regex PageOfPaper();
}
