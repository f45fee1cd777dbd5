namespace SecretRotator.Tests.Processes;

/// <summary>Reports and archived evidence, by the program itself against its sandbox.</summary>
public sealed class ReportProcessTests : IDisposable
{
    private const string Bucket = "s3://acme-evidence/rotator";
    private static readonly string[] Later = ["--sandbox", "--now", "2026-12-02T12:00:00Z"];

    private readonly Rotator _rotator = new();

    public ReportProcessTests() => File.Copy(Inventory.RepositoryFiles.Sample, _rotator.PathOf("rotation.yaml"), overwrite: true);

    [Theory]
    [InlineData("html")]
    [InlineData("markdown")]
    [InlineData("json")]
    [InlineData("csv")]
    [InlineData("sarif")]
    public async Task A_report_is_the_same_to_the_last_byte_when_it_is_made_again(string form)
    {
        (await _rotator.RunAsync("rotate", "--sandbox", "--only", "payments-db")).ExitCode.Should().Be(0);

        var first = await _rotator.RunAsync(["report", .. Later, "--output", form]);
        var second = await _rotator.RunAsync(["report", .. Later, "--output", form]);

        first.ExitCode.Should().Be(0);
        first.Out.Should().Contain("telemetry-id");
        second.Out.Should().Be(first.Out);
    }

    [Fact]
    public async Task A_run_reports_itself_with_versions_and_level()
    {
        (await _rotator.RunAsync("rotate", "--sandbox", "--only", "payments-db", "--report", "report.json")).ExitCode.Should().Be(0);

        using var report = JsonDocument.Parse(
            await File.ReadAllTextAsync(_rotator.PathOf("report.json"), TestContext.Current.CancellationToken));
        var secret = report.RootElement.GetProperty("secrets")[0];
        secret.GetProperty("state").GetString().Should().Be("fresh");
        secret.GetProperty("history")[0].GetProperty("outcome").GetString().Should().Be("rotated");
        secret.GetProperty("last")
            .GetProperty("run")
            .GetString()
            .Should().Be(report.RootElement.GetProperty("evidence").GetProperty("runs")[0].GetProperty("run").GetString());
    }

    [Fact]
    public async Task A_failed_rotation_is_in_the_next_report_with_its_cause()
    {
        (await _rotator.RunAsync(
            "rotate", "--sandbox", "--only", "payments-db", "--fault", "bitbucket.put@PAYMENTS_DB_PASSWORD=403")).ExitCode.Should().Be(4);

        using var report = JsonDocument.Parse((await _rotator.RunAsync("report", "--sandbox", "--output", "json")).Out);

        report.RootElement.GetProperty("secrets")[0].GetProperty("state").GetString().Should().Be("failed");
        report.RootElement.GetProperty("findings")
            .EnumerateArray()
            .Select(f => f.GetProperty("rule").GetString())
            .Should().Contain("failed");
    }

    [Fact]
    public async Task Evidence_in_a_bucket_is_chained_and_leaves_nothing_on_the_machine()
    {
        _rotator.Environment["TMPDIR"] = Directory.CreateDirectory(_rotator.PathOf("tmp")).FullName;
        (await _rotator.RunAsync("rotate", "--sandbox", "--only", "payments-db", "--evidence", Bucket)).ExitCode.Should().Be(0);
        var second = await _rotator.RunAsync("rotate", "--sandbox", "--only", "grid-api", "--evidence", Bucket, "--evidence", "kept");

        second.ExitCode.Should().Be(0);
        second.Out.Should().Contain($"Evidence: {Bucket}/");
        Directory.EnumerateFiles(_rotator.PathOf("tmp"), "*.jsonl", SearchOption.AllDirectories).Should().BeEmpty();
        Directory.Exists(_rotator.PathOf(Path.Combine(".sandbox", "evidence"))).Should().BeFalse();
        var line = File.ReadLines(Directory.GetFiles(_rotator.PathOf("kept"), "*.jsonl").Single()).First();
        using var report = JsonDocument.Parse(
            (await _rotator.RunAsync("report", "--sandbox", "--output", "json", "--evidence", Bucket)).Out);
        var runs = report.RootElement.GetProperty("evidence").GetProperty("runs").EnumerateArray().ToList();
        runs.Should().HaveCount(2);
        report.RootElement.GetProperty("evidence").GetProperty("gaps").GetArrayLength().Should().Be(0);
        JsonDocument.Parse(line).RootElement
            .GetProperty("after")
            .GetProperty("run")
            .GetString()
            .Should().Be(runs[0].GetProperty("run").GetString());
    }

    [Fact]
    public async Task A_bucket_that_can_not_be_written_stops_a_run_before_anything_is_done()
    {
        var before = await SandboxView.OfAsync(_rotator);
        var ended = await _rotator.RunAsync("rotate", "--sandbox", "--evidence", Bucket, "--fault", "s3.PutObject=403");

        ended.ExitCode.Should().Be(2);
        ended.Error.Should().Contain("nothing was started").And.Contain("s3:PutObject");
        var after = await SandboxView.OfAsync(_rotator);
        foreach (var secret in SandboxView.Inventory.Secrets)
            after.Current(secret).Should().Be(before.Current(secret));
    }

    [Theory]
    [InlineData(false, 5)]
    [InlineData(true, 0)]
    public async Task An_upload_that_fails_at_the_end_needs_someone_unless_a_copy_was_kept(bool kept, int exitCode)
    {
        _rotator.Environment["TMPDIR"] = Directory.CreateDirectory(_rotator.PathOf("tmp")).FullName;
        string[] copy = kept ? ["--evidence", "kept"] : [];

        var ended = await _rotator.RunAsync(
            ["rotate", "--sandbox", "--only", "payments-db", "--evidence", Bucket, .. copy, "--fault", "s3.PutObject#2..=403"]);

        ended.ExitCode.Should().Be(exitCode);
        ended.Out.Should().Contain("The evidence is not in its archive").And.Contain("aws s3api put-object");
        Directory.EnumerateFiles(_rotator.PathOf(kept ? "kept" : "tmp"), "*.jsonl", SearchOption.AllDirectories).Should().ContainSingle();
    }

    public void Dispose() => _rotator.Dispose();
}
