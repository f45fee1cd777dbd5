namespace SecretRotator.Browser;

/// <summary>One file that asks no one for anything, and that runs nothing.</summary>
public sealed class IsolationTests(Chromium chromium)
{
    [Theory]
    [InlineData(Sample.Everything)]
    [InlineData(Sample.Many)]
    public async Task The_browser_asks_for_nothing_but_the_file_and_has_nothing_to_complain_of(Sample sample)
    {
        await using var report = await chromium.OpenAsync(sample, new());

        report.Requests.Should().Equal(report.Address.AbsoluteUri);
        report.Complaints.Should().BeEmpty();
    }

    [Theory]
    [InlineData("<p style=\"color: red\">", "style-src")]
    [InlineData("<script>document.title = 'taken over'</script>", "script-src")]
    [InlineData("<img alt=\"\" src=\"data:image/gif;base64,R0lGODlhAQABAAAAACw=\">", "img-src")]
    public async Task The_policy_stops_what_gets_into_the_page_all_the_same(string markup, string directive)
    {
        await using var report = await chromium.OpenBrokenAsync("<main>", "<main>" + markup);

        report.Complaints.Should().ContainSingle().Which.Should().Contain("Content Security Policy").And.Contain(directive);
    }

    [Fact]
    public async Task The_one_style_is_let_in()
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, new());

        (await report.AskAsync<string>("getComputedStyle(document.querySelector('.legend')).listStyleType")).Should().Be("none");
    }

    [Fact]
    public async Task Without_scripts_it_looks_the_same()
    {
        await using var with = await chromium.OpenInWindowAsync(Sample.Everything, scripts: true);
        await using var without = await chromium.OpenInWindowAsync(Sample.Everything, scripts: false);

        (await without.Page.ScreenshotAsync(new() { FullPage = true })).Should()
            .Equal(await with.Page.ScreenshotAsync(new() { FullPage = true }));
    }
}
