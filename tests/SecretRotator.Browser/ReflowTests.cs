namespace SecretRotator.Browser;

/// <summary>On every width and at every size of text, all is there and only tables scroll sideways (WCAG 1.4.4, 1.4.10, 1.4.12).</summary>
public sealed class ReflowTests(Chromium chromium)
{
    private const string Sideways = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

    // Elements with a text of their own that reach beyond the window's sides, and can't be scrolled to.
    private const string Lost = """
        [...document.querySelectorAll('body *')]
          .filter(e => !e.closest('.scroll, svg, .skip') && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
          .filter(e => { const box = e.getBoundingClientRect(); return box.left < 0 || box.right > document.documentElement.clientWidth + 1 || e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible'; })
          .map(e => e.outerHTML.slice(0, 80))
        """;

    public static MatrixTheoryData<Sample, int> Widths => new([Sample.Everything, Sample.Many], [320, 390, 768, 1280, 2560]);

    [Theory]
    [MemberData(nameof(Widths))]
    public async Task The_page_does_not_scroll_sideways_and_no_text_is_beyond_reach(Sample sample, int width)
    {
        await using var report = await chromium.OpenAsync(sample, Wide(width));

        (await report.AskAsync<int>(Sideways)).Should().Be(0);
        (await report.AskAsync<string[]>(Lost)).Should().BeEmpty();
    }

    [Fact]
    public async Task On_a_phone_a_wide_table_scrolls_within_its_region()
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, Wide(320));

        (await report.AskAsync<bool>(
            "[...document.querySelectorAll('.scroll')].every(e => e.clientWidth <= innerWidth && e.scrollWidth > e.clientWidth)")).Should()
                .BeTrue();
    }

    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task Names_leave_room_for_what_was_found(int width)
    {
        await using var report = await chromium.OpenAsync(Sample.Many, Wide(width));

        (await report.AskAsync<int>(
            "Math.max(...[...document.querySelectorAll('[aria-labelledby=findings] tbody th')].map(e => Math.round(e.clientWidth)))")).Should()
                .BeLessThanOrEqualTo(320);
    }

    [Fact]
    public async Task On_a_phone_facts_stand_below_their_names()
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, Wide(390));

        (await report.AskAsync<bool>(
            "[...document.querySelectorAll('article dl > div')].every(e => e.children[1].getBoundingClientRect().top >= "
                + "e.children[0].getBoundingClientRect().bottom)")).Should().BeTrue();
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(640)]
    public async Task Text_of_twice_the_size_is_all_there(int width)
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, Wide(width));

        await report.AskAsync<object>("void (document.documentElement.style.fontSize = '200%')");

        (await report.AskAsync<int>(Sideways)).Should().Be(0);
        (await report.AskAsync<string[]>(Lost)).Should().BeEmpty();
    }

    [Fact]
    public async Task Text_with_wide_spaces_is_all_there()
    {
        await using var report = await chromium.OpenAsync(Sample.Everything, Wide(390));

        await report.AskAsync<object>("""
            () => { const sheet = new CSSStyleSheet(); sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }'); document.adoptedStyleSheets = [sheet]; }
            """);

        (await report.AskAsync<int>(Sideways)).Should().Be(0);
        (await report.AskAsync<string[]>(Lost)).Should().BeEmpty();
    }

    [Theory]
    [InlineData(320)]
    [InlineData(1280)]
    public async Task A_picture_cuts_no_text_and_its_numbers_do_not_touch(int width)
    {
        await using var report = await chromium.OpenAsync(Sample.Many, Wide(width));

        var touching = await report.AskAsync<string[]>("""
            [...document.querySelectorAll('svg')].flatMap(svg => {
              const texts = [...svg.querySelectorAll('text')].map(e => ({ text: e.textContent, box: e.getBoundingClientRect() })).filter(t => t.text);
              return texts.flatMap((a, i) => texts.slice(i + 1)
                .filter(b => a.box.left < b.box.right && b.box.left < a.box.right && a.box.top < b.box.bottom && b.box.top < a.box.bottom)
                .map(b => `${a.text} and ${b.text}`));
            })
            """);

        var cut = await report.AskAsync<string[]>("""
            [...document.querySelectorAll('svg text')].filter(e => { const [text, svg] = [e.getBoundingClientRect(), e.closest('svg').getBoundingClientRect()];
              return text.width > 0 && (text.left < svg.left - 0.5 || text.right > svg.right + 0.5 || text.top < svg.top - 0.5 || text.bottom > svg.bottom + 0.5); }).map(e => e.textContent)
            """);

        touching.Should().BeEmpty();
        cut.Should().BeEmpty();
    }

    private static Look Wide(int width) => new(width, 800);
}
