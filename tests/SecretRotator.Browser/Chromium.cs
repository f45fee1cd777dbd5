using Microsoft.Playwright;
using SecretRotator.Browser;
using SecretRotator.Settings;
using SecretRotator.Tests.Reports;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace SecretRotator.Browser;

/// <summary>This machine's browser, and the reports as files for it. Where there is no browser, a test that asks for a page is
/// skipped.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>Names the browser's program, where it isn't on the PATH.</summary>
    public const string Variable = "SECRET_ROTATOR_TESTS_CHROMIUM";

    /// <summary>Why a test is skipped.</summary>
    public const string Missing =
        $"No Chromium on this machine: install one (on Debian: apt-get install chromium) or name its program in {Variable}.";

    /// <summary>How many secrets the large report has.</summary>
    internal const int Many = 300;

    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("report-");
    private readonly string? _program = Find(Environment.GetEnvironmentVariable(Variable), Environment.GetEnvironmentVariable("PATH"));

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IBrowserContext? _tabs;

    /// <summary>The program that was asked for; otherwise the first that the path holds.</summary>
    internal static string? Find(string? asked, string? path)
    {
        if (!string.IsNullOrEmpty(asked))
            return File.Exists(asked) ? asked : null;
        var folders = (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return new[] { "chromium", "chromium-browser", "google-chrome" }
            .SelectMany(name => folders.Select(folder => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
    }

    public async ValueTask InitializeAsync()
    {
        if (_program is null)
            return;
        await WriteAsync(Sample.Everything, ReportSamples.Report);
        await WriteAsync(Sample.Many, ReportSamples.Large(Many));
        _playwright = await Playwright.CreateAsync();
        // The sandbox of Chromium refuses to run as root, which is who a container runs as.
        _browser = await _playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = _program, Args = Environment.UserName == "root" ? ["--no-sandbox"] : [] });
        // A tab costs a fraction of what a context does, which has a window of its own.
        _tabs = await _browser.NewContextAsync();
    }

    /// <summary>Opens a report as a person does: from a file.</summary>
    internal async Task<ReportPage> OpenAsync(Sample sample, Look look) => await ReportPage.OpenAsync(Tabs(), FileOf(sample), look);

    /// <summary>Opens a report in a window of its own.</summary>
    internal async Task<ReportPage> OpenInWindowAsync(Sample sample, bool scripts) => await ReportPage.OpenAsync(
        await Tabs().Browser!.NewContextAsync(new() { JavaScriptEnabled = scripts }), FileOf(sample), new());

    /// <summary>Opens a report in which something was broken on purpose.</summary>
    internal async Task<ReportPage> OpenBrokenAsync(string sound, string broken)
    {
        var tabs = Tabs();
        var file = Path.Combine(_files.FullName, "broken.html");
        await File.WriteAllTextAsync(
            file, (await File.ReadAllTextAsync(FileOf(Sample.Everything))).Replace(sound, broken, StringComparison.Ordinal));
        return await ReportPage.OpenAsync(tabs, file, new());
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        _files.Delete(recursive: true);
    }

    private IBrowserContext Tabs()
    {
        Assert.SkipWhen(_tabs is null, Missing);
        return _tabs;
    }

    private string FileOf(Sample sample) => Path.Combine(_files.FullName, $"{sample}.html");

    private async Task WriteAsync(Sample sample, Audit.AuditReport report) =>
        await File.WriteAllBytesAsync(FileOf(sample), Written.Bytes(report, OutputFormat.Html));
}
