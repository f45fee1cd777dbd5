using Microsoft.Playwright;

namespace SecretRotator.Browser;

/// <summary>All that a mouse reaches, keys reach (WCAG 2.1.1, 2.4.1, 2.4.7).</summary>
public sealed class KeyboardTests(Chromium chromium)
{
    private const string Focused = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent";

    [Fact]
    public async Task The_first_key_shows_the_way_past_the_summary()
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, new());

        await report.Page.Keyboard.PressAsync("Tab");

        (await report.AskAsync<string>(Focused)).Should().Be("Skip to the secrets");
        (await report.AskAsync<bool>("document.activeElement.getBoundingClientRect().left >= 0")).Should().BeTrue();
    }

    [Fact]
    public async Task That_way_leads_to_the_secrets()
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, new());

        await report.Page.Keyboard.PressAsync("Tab");
        await report.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(report.Page.Locator("#secrets")).ToBeInViewportAsync(new() { Ratio = 1 });
        await report.Page.Keyboard.PressAsync("Tab");

        (await report.AskAsync<string>(Focused)).Should().Be("Every secret, the most urgent first");
    }

    [Fact]
    public async Task Tab_comes_past_every_region_that_scrolls()
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, new(320, 800));
        var regions = await report.AskAsync<string[]>(
            "[...document.querySelectorAll('*')].filter(e => e !== document.documentElement && e.scrollWidth > e.clientWidth && "
                + "/auto|scroll/.test(getComputedStyle(e).overflowX)).map(e => e.getAttribute('aria-label'))");
        var stops = await report.AskAsync<int>("document.querySelectorAll('a, [tabindex]').length");
        List<string> passed = [];

        for (var i = 0; i < stops; i++)
        {
            await report.Page.Keyboard.PressAsync("Tab");
            passed.Add(await report.AskAsync<string>(Focused));
        }

        regions.Should().HaveCountGreaterThan(3).And.BeSubsetOf(passed);
    }

    [Fact]
    public async Task Every_stop_of_the_tab_key_is_outlined()
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, new());
        var stops = await report.AskAsync<int>("document.querySelectorAll('a, [tabindex]').length");

        for (var i = 0; i < stops; i++)
        {
            await report.Page.Keyboard.PressAsync("Tab");
            (await report.AskAsync<string>("getComputedStyle(document.activeElement).outline")).Should().Contain("solid 3px");
        }
    }

    [Fact]
    public async Task An_arrow_scrolls_the_table_that_has_the_focus()
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, new(320, 800));
        var table = report.Page.Locator(".scroll").First;

        await table.FocusAsync();
        await report.Page.Keyboard.PressAsync("ArrowRight");

        // Playwright's own way of waiting needs eval, which the page's policy refuses.
        (await report.AskAsync<double>(
            """
            new Promise(done => {
                const table = document.querySelector('.scroll');
                const look = () => table.scrollLeft > 0 ? done(table.scrollLeft) : requestAnimationFrame(look);
                look();
            })
            """)).Should().BePositive();
    }

    [Fact]
    public async Task A_secret_in_the_table_leads_to_its_story()
    {
        await using var report = await chromium.OpenAsync(Sample.Many, new());

        await report.Page.Locator("[aria-labelledby=secrets] tbody a", new() { HasTextString = "secret-00277" }).ClickAsync();

        await Assertions.Expect(report.Page.Locator("#h-secret-00277")).ToBeInViewportAsync();
    }
}
