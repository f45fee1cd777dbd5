using System.Text.RegularExpressions;

namespace SecretRotator.Tests.Processes;

/// <summary><c>doctor</c> as a process against the sandbox, well and with each condition that it can be put into.</summary>
public sealed class DoctorProcessTests : IDisposable
{
    private readonly Rotator _rotator = new();

    public DoctorProcessTests() => File.Copy(RepositoryFiles.Sample, _rotator.PathOf("rotation.yaml"));

    [Fact]
    public async Task A_sandbox_that_is_well_passes()
    {
        var (exitCode, results) = await RunDoctorAsync();

        exitCode.Should().Be(0);
        results.Should().NotContain(result => result.Status == "fail" || result.Status == "warn");
        results.Select(result => result.Id).Should().Contain(
                [
                    "inventory",
                    "credential",
                    "credential-accepted",
                    "scopes",
                    "scope-reached",
                    "pipelines-enabled",
                    "call-budget",
                    "secret-described",
                    "secret-readable",
                    "encryption-key",
                    "endpoint",
                    "clock-skew",
                ]);
    }

    [Fact]
    public async Task A_missing_scope_is_named_with_what_fixes_it()
    {
        var (exitCode, results) = await RunDoctorAsync("missing-scope");

        exitCode.Should().Be(3);
        var failed = results.Should().ContainSingle(result => result.Status == "fail").Which;
        failed.Id.Should().Be("scopes");
        failed.Observed.Should().Contain("lacks pipeline:variable");
        failed.Fix.Should().Contain("make a new one with pipeline and pipeline:variable");
    }

    [Fact]
    public async Task Repositories_without_access_are_named_with_what_fixes_it()
    {
        var (exitCode, results) = await RunDoctorAsync("no-access");

        exitCode.Should().Be(3);
        var failed = results.Where(result => result.Status == "fail").ToList();
        failed.Should().HaveCount(8, "seven repositories and the workspace").And.OnlyContain(result => result.Id == "scope-reached");
        failed.Should().Contain(
                result => result.Observed.Contains("acme/payments-api") && result.Observed.Contains("404")
                    && result.Fix!.StartsWith("Give the credential access to it"));
        failed.Should().Contain(result => result.Observed.Contains("workspace") && result.Fix!.Contains("use a workspace's token"));
    }

    [Fact]
    public async Task A_clock_that_is_off_is_named_with_what_fixes_it()
    {
        var (exitCode, results) = await RunDoctorAsync("clock-skew");

        exitCode.Should().Be(3);
        var skew = results.Single(result => result.Id == "clock-skew");
        skew.Status.Should().Be("fail");
        skew.Observed.Should().Contain("10 minutes behind");
        skew.Fix.Should().Contain("timedatectl set-ntp true");
        results.Where(result => result.Status == "fail" && result.Id != "clock-skew").Should().Contain(
                result => result.Observed.Contains("InvalidSignatureException") && result.Fix!.Contains("clock"), "AWS checks signatures");
    }

    [Fact]
    public async Task A_proxy_that_refuses_is_named_with_what_fixes_it()
    {
        var (exitCode, results) = await RunDoctorAsync("proxy-refuses");

        exitCode.Should().Be(3);
        var hops = results.Where(result => result.Id == "proxy").ToList();
        hops.Should().HaveCount(5).And
            .OnlyContain(
                result => result.Status == "fail"
                    && result.Observed.Contains("refused the connection (407): it doesn't accept the login that is set"));
        hops[0].Fix.Should().Contain("set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT");
        results.Where(result => result.Status == "fail").Should().OnlyContain(result => result.Observed.Contains("proxy"));
        results.Should().NotContain(result => result.Observed.Contains("sbx-5tP9wL3hYd6Qa1Vn"));
    }

    [Fact]
    public async Task Text_fits_80_columns_has_no_colour_in_a_file_and_says_what_fixes()
    {
        var ended = await _rotator.RunAsync("doctor", "--sandbox", "--fault", "no-access", "--area", "bitbucket");

        ended.ExitCode.Should().Be(3);
        ended.Out.Split('\n').Should().OnlyContain(line => line.Length <= 80);
        ended.Out.Should().NotContain("\u001b").And.Contain("  fail    scope-reached: SCOPE can't be reached");
        Regex.Count(ended.Out, "To fix: Give the credential access to it", RegexOptions.None, TimeSpan.FromSeconds(5)).Should()
            .Be(1, "what fixes several is said once");
    }

    [Fact]
    public async Task Without_inventory_credential_or_network_it_still_answers()
    {
        await File.WriteAllTextAsync(_rotator.PathOf("rotation.yaml"), "version: 1\nfoo: 2\n", TestContext.Current.CancellationToken);
        _rotator.Environment["SECRET_ROTATOR__ENDPOINTS__BITBUCKET"] = "http://127.0.0.1:1/2.0";

        var ended = await _rotator.RunAsync("doctor", "--output", "json");

        ended.ExitCode.Should().Be(3);
        var results = Results(ended.Out);
        results.Should().Contain(result => result.Id == "inventory" && result.Status == "fail" && result.Line > 0);
        results.Should().Contain(result => result.Id == "credential" && result.Status == "unknown");
        results.Should().Contain(result => result.Id == "connection" && result.Observed.Contains("127.0.0.1 port 1 refuses connections"));
    }

    [Fact]
    public async Task A_missing_credential_stops_no_other_check()
    {
        var lines = await File.ReadAllLinesAsync(_rotator.PathOf("rotation.yaml"), TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(
            _rotator.PathOf("rotation.yaml"), lines.Where(line => !line.StartsWith("  credential:", StringComparison.Ordinal)),
            TestContext.Current.CancellationToken);
        _rotator.Environment["SECRET_ROTATOR__ENDPOINTS__BITBUCKET"] = "http://127.0.0.1:1/2.0";

        var ended = await _rotator.RunAsync("doctor", "--output", "json", "--area", "inventory", "bitbucket");

        ended.ExitCode.Should().Be(3);
        var results = Results(ended.Out);
        results.Should().Contain(result => result.Id == "inventory" && result.Status == "pass");
        results.Should()
            .Contain(result => result.Id == "credential" && result.Status == "fail" && result.Fix!.Contains("BITBUCKET_ACCESS_TOKEN"));
        results.Should().Contain(result => result.Id == "credential-accepted" && result.Status == "fail");
    }

    [Fact]
    public async Task Offline_no_one_is_called()
    {
        var ended = await _rotator.RunAsync("doctor", "--offline", "--output", "json");

        JsonDocument.Parse(ended.Out).RootElement.GetProperty("offline").GetBoolean().Should().BeTrue();
        Results(ended.Out).Select(result => result.Area).Should().NotContain(["network", "vaults"]);
    }

    [Fact]
    public async Task A_sandbox_that_cannot_be_furnished_sends_no_one_to_the_real_services()
    {
        await File.WriteAllTextAsync(_rotator.PathOf("rotation.yaml"), "version: 1\n", TestContext.Current.CancellationToken);

        var ended = await _rotator.RunAsync("doctor", "--sandbox", "--output", "json");

        ended.ExitCode.Should().Be(3);
        Results(ended.Out).Select(result => result.Area).Should().NotContain("network");
    }

    public void Dispose() => _rotator.Dispose();

    // The areas of this machine depend on it: a test doesn't ask for them.
    private async Task<(int ExitCode, List<Found> Results)> RunDoctorAsync(params string[] conditions)
    {
        var ended = await _rotator.RunAsync(
            [
                "doctor",
                "--sandbox",
                "--output",
                "json",
                "--area",
                "inventory",
                "identity",
                "bitbucket",
                "vaults",
                "network",
                .. conditions.SelectMany(condition => new[] { "--fault", condition }),
            ]);
        return (ended.ExitCode, Results(ended.Out));
    }

    private static List<Found> Results(string json) =>
    [
        .. JsonDocument.Parse(json).RootElement.GetProperty("results").EnumerateArray().Select(result => new Found(
            result.GetProperty("area").GetString()!,
            result.GetProperty("id").GetString()!,
            result.GetProperty("status").GetString()!,
            result.GetProperty("observed").GetString()!,
            result.TryGetProperty("fix", out var fix) ? fix.GetString() : null,
            result.TryGetProperty("line", out var line) ? line.GetInt32() : null)),
    ];

    private sealed record Found(string Area, string Id, string Status, string Observed, string? Fix, int? Line);
}
