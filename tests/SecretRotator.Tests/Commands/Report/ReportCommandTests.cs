using SecretRotator.Commands;
using SecretRotator.EvidenceStorage;
using SecretRotator.Hosting;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Rotation;
using SecretRotator.Tests.Output;
using SecretRotator.Tests.Reports;

namespace SecretRotator.Tests.Commands;

public sealed class ReportCommandTests : IDisposable
{
    private readonly CommandFixture _run = new();

    [Theory]
    [InlineData("html", "<!doctype html>")]
    [InlineData("markdown", "# Secret rotation: acme")]
    [InlineData("json", "{")]
    [InlineData("csv", "record,name")]
    [InlineData("sarif", "{")]
    public async Task A_report_goes_to_stdout_in_the_form_that_is_asked_for(string form, string begin)
    {
        (await _run.RunAsync("report", "--output", form)).Should().Be(0);

        _run.Out.Should().StartWith(begin);
    }

    [Fact]
    public async Task A_report_for_a_terminal_fits_into_80_columns_and_says_what_matters()
    {
        (await _run.RunAsync("report")).Should().Be(0);

        _run.Out.Split('\n').Should().OnlyContain(line => line.Length <= 80);
        _run.Out.Should().Contain("5 of 11 secrets within policy (45.4 %, by the age of the vault's copy), 3").And
            .Contain("overdue: due: It was due").And.Contain("failed");
    }

    [Fact]
    public async Task A_report_tells_what_evidence_tells()
    {
        await _run.RunAsync("report", "--output", "json");

        _run.Json.GetProperty("evidence").GetProperty("runs").GetArrayLength().Should().Be(2);
        _run.Json.GetProperty("by").GetString().Should().NotBeEmpty();
        _run.Json.GetProperty("inventory").GetProperty("secrets").GetInt32().Should().Be(2);
    }

    [Fact]
    public async Task A_plan_writes_its_report_into_files_that_only_their_owner_reads()
    {
        var (html, sarif) = (_run.PathOf("a.html"), _run.PathOf("b.sarif"));

        (await _run.RunAsync("plan", "--report", html, "--report", sarif)).Should().Be(0);

        File.ReadAllText(html).Should().StartWith("<!doctype html>");
        File.ReadAllText(sarif).Should().Contain("\"version\": \"2.1.0\"");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(html).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _run.Out.Should().Contain("Digest");
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("rotate")]
    public async Task A_report_without_a_known_ending_stops_the_command_before_it_begins(string command)
    {
        (await _run.RunAsync(command, "--report", _run.PathOf("a.txt"))).Should().Be(2);

        _run.Error.Should().Contain("the name tells no format").And.Contain(".html");
        _run.Sessions.Opened.Should().BeEmpty();
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("rotate")]
    public async Task A_report_that_can_not_be_written_stops_the_command_before_it_begins(string command)
    {
        (await _run.RunAsync(command, "--report", _run.PathOf("a.html"), "--report", Path.Combine(_run.PathOf("missing"), "b.html")))
            .Should().Be(2);

        _run.Sessions.Opened.Should().BeEmpty();
        File.Exists(_run.PathOf("a.html")).Should().BeFalse();
        File.Exists(_run.PathOf("a.html.new")).Should().BeFalse();
    }

    [Fact]
    public async Task A_run_reports_what_it_left_behind()
    {
        var path = _run.PathOf("a.md");

        (await _run.RunAsync("rotate", "--report", path)).Should().Be(0);

        File.ReadAllText(path).Should().StartWith("# Secret rotation");
        _run.Sessions.Ended.Should().Equal(ExitCode.Done);
    }

    [Fact]
    public async Task A_run_whose_report_fails_says_so_and_stands()
    {
        var path = _run.PathOf("a.md");
        _run.Sessions.Run = (_, _, _) =>
        {
            Directory.CreateDirectory(path);
            return Samples.RunOf([new RotationOutcome.Rotated(new("a"), new("b"), VerificationLevel.Listed)]);
        };

        (await _run.RunAsync("rotate", "--report", path)).Should().Be(1);

        _run.Out.Should().Contain("1 rotated");
        _run.Error.Should().Contain("secret-rotator report").And.NotContain("   at ");
        _run.Sessions.Ended.Should().Equal(ExitCode.Done);
    }

    [Fact]
    public async Task Whatever_a_report_fails_with_the_outcome_of_the_run_is_told()
    {
        _run.Sessions.Run = (_, _, _) => Samples.RunOf([new RotationOutcome.Rotated(new("a"), new("b"), VerificationLevel.Listed)]);
        _run.Sessions.SnapshotFails = new InvalidOperationException("unforeseen");

        (await _run.RunAsync("rotate", "--report", _run.PathOf("a.md"))).Should().Be(1);

        _run.Out.Should().Contain("1 rotated");
        _run.Sessions.Ended.Should().Equal(ExitCode.Done);
    }

    [Fact]
    public async Task A_run_reports_on_the_secrets_of_its_plan()
    {
        _run.Sessions.Run = (_, _, _) => Samples.RunOf([new RotationOutcome.Rotated(new("a"), new("b"), VerificationLevel.Listed)]);

        await _run.RunAsync("rotate", "--report", _run.PathOf("a.md"));

        _run.Sessions.SnapshotsAfterRun.Single().Only.Should()
            .Equal(Samples.RunOf([new RotationOutcome.Rotated(new("a"), new("b"), VerificationLevel.Listed)]).Plan.Items
                .Select(item => item.Secret.Name));
    }

    [Fact]
    public async Task Evidence_is_closed_once_also_where_no_one_can_be_told_of_the_run()
    {
        var terminal = new Terminal(new FullDiskWriter(), TextWriter.Null, new TerminalTraits(false, false, false, false, 80));
        var runner = new CommandRunner(
            terminal, _run.Environment, Path.GetDirectoryName(_run.InventoryPath)!, _run.Sessions, new Interruption(_ => { }));

        (await runner.RunAsync(["rotate", "--inventory", _run.InventoryPath])).Should().Be(ExitCode.Unexpected);

        _run.Sessions.Ended.Should().Equal(ExitCode.Done);
    }

    [Theory]
    [InlineData("plan", "html")]
    [InlineData("verify", "csv")]
    [InlineData("validate", "sarif")]
    public async Task Only_a_report_has_the_forms_of_a_report(string command, string form)
    {
        (await _run.RunAsync(command, "--output", form)).Should().Be(2);

        _run.Error.Should().Contain("secret-rotator report --output");
    }

    [Theory]
    [InlineData("plan", 1)]
    [InlineData("verify", 1)]
    [InlineData("report", 1)]
    [InlineData("rotate", 0)]
    public async Task In_a_pipeline_who_looks_tells_the_commit(string command, int published)
    {
        InPipeline();

        await _run.RunAsync(command, "--output", "json");

        _run.Sessions.Published.Should().HaveCount(published);
    }

    [Fact]
    public async Task A_run_in_a_pipeline_tells_the_commit_when_it_reports()
    {
        InPipeline();

        await _run.RunAsync("rotate", "--report", _run.PathOf("a.json"));

        _run.Sessions.Published.Should().ContainSingle();
    }

    [Theory]
    [InlineData("SECRET_ROTATOR__CODEINSIGHTS", "off")]
    [InlineData("BITBUCKET_COMMIT", "")]
    public async Task The_commit_is_left_alone_where_it_is_not_wanted(string variable, string value)
    {
        InPipeline();
        _run.Environment[variable] = value;

        await _run.RunAsync("plan");

        _run.Sessions.Published.Should().BeEmpty();
    }

    [Fact]
    public async Task Evidence_that_did_not_reach_its_archive_needs_someone_unless_a_copy_was_kept()
    {
        _run.Sessions.Archived = new ArchiveOutcome.Missing(
            new(FailureKind.AccessDenied, "S3 refused.", "Allow it."), ["/spool/a.jsonl"], ["aws s3api put-object"], KeptLocally: false);

        (await _run.RunAsync("rotate")).Should().Be(5);
        _run.Out.Should().Contain("The evidence is not in its archive").And.Contain("aws s3api put-object");

        _run.Sessions.Archived = (ArchiveOutcome.Missing)_run.Sessions.Archived with { KeptLocally = true };
        (await _run.RunAsync("rotate", "--output", "json")).Should().Be(0);
        _run.Json.GetProperty("archive").GetProperty("stored").GetBoolean().Should().BeFalse();
    }

    [Fact]
    public async Task Evidence_may_go_to_two_places()
    {
        await _run.RunAsync("rotate", "--evidence", "here", "--evidence", "s3://acme-evidence/rotator");

        _run.Sessions.Opened.Single().Settings.Evidence.Should().Equal("here", "s3://acme-evidence/rotator");
    }

    [Fact]
    public void A_report_for_a_commit_holds_every_finding_once_under_an_id_of_its_own()
    {
        var report = SecretRotator.Reports.ReportInsights.Of(ReportSamples.Report);

        report.HasPassed.Should().BeFalse();
        report.Data.Length.Should().BeLessThanOrEqualTo(10);
        report.Annotations.Should().HaveCount(ReportSamples.Report.Findings.Length);
        report.Annotations.Select(a => a.Id).Should().OnlyHaveUniqueItems();
        report.Annotations.Single(a => a.Id == "overdue:due").Should().Be(new InsightAnnotation(
            "overdue:due", InsightSeverity.High, InsightKind.Vulnerability,
            "overdue: due: " + ReportSamples.Report.Findings.Single(f => f is { Secret: "due", Rule.Id: "overdue" }).What,
            "Rotate it: secret-rotator rotate --only due", "rotation.yaml", 20));
    }

    [Fact]
    public void An_inventory_outside_the_repository_has_no_lines_on_a_commit() =>
        SecretRotator.Reports.ReportInsights.Of(
            ReportSamples.Report with { Origin = ReportSamples.Report.Origin with { InventoryFile = "/srv/rotation.yaml" } })
            .Annotations.Should().OnlyContain(a => a.Path == null && a.Line == null);

    public void Dispose() => _run.Dispose();

    private sealed class FullDiskWriter : StringWriter
    {
        public override void Write(string? value) => throw new IOException("No space left on device");
    }

    private void InPipeline()
    {
        _run.Environment["BITBUCKET_COMMIT"] = "0123456789abcdef0123456789abcdef01234567";
        _run.Environment["BITBUCKET_WORKSPACE"] = "acme";
        _run.Environment["BITBUCKET_REPO_SLUG"] = "secret-rotator";
        _run.Sessions.Plan = Samples.PlanOf(ImmutableArray.Create<Decision>(new Decision.Due(Samples.Now)));
    }
}
