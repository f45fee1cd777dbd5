using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace SecretRotator.Browser;

/// <summary>A report in a tab of its own, with all that the browser asked for and complained of since it was opened.</summary>
internal sealed class ReportPage : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _requests = [];
    private readonly ConcurrentQueue<string> _complaints = [];

    private ReportPage(IPage page, Uri address)
    {
        (Page, Address) = (page, address);
        page.Request += (_, request) => _requests.Enqueue(request.Url);
        page.Console += (_, message) => _complaints.Enqueue(message.Text);
        page.PageError += (_, error) => _complaints.Enqueue(error);
    }

    public IPage Page { get; }

    public Uri Address { get; }

    public IEnumerable<string> Requests => _requests;

    public IEnumerable<string> Complaints => _complaints;

    public static async Task<ReportPage> OpenAsync(IBrowserContext context, string file, Look look)
    {
        var opened = new ReportPage(await context.NewPageAsync(), new Uri(file));
        await opened.Page.SetViewportSizeAsync(look.Width, look.Height);
        await opened.Page.EmulateMediaAsync(new() { ColorScheme = look.Scheme });
        await opened.Page.GotoAsync(opened.Address.AbsoluteUri);
        return opened;
    }

    /// <summary>What a script says of the page. The page itself never runs one.</summary>
    public Task<T> AskAsync<T>(string script) => Page.EvaluateAsync<T>(script);

    public async ValueTask DisposeAsync() => await Page.CloseAsync();
}

/// <summary>The window that a report is read in; lengths in CSS pixels.</summary>
internal sealed record Look(int Width = 1280, int Height = 720, ColorScheme Scheme = ColorScheme.Light);
