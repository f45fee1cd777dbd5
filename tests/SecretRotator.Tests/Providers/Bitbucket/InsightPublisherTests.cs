using SecretRotator.Providers;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Settings;

namespace SecretRotator.Tests.Providers.Bitbucket;

/// <summary>Reports on a commit, over real sockets against the emulator.</summary>
public sealed class InsightPublisherTests : IAsyncDisposable
{
    private static readonly CommitFacts Commit = new(
        BitbucketStage.Workspace, BitbucketStage.Home.Slug, "0f3b11c0ffee00de12ad34be56ef0f3b11c0ffee");

    private readonly List<string> _lost = [];
    private BitbucketStage? _stage;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _stage?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task A_report_has_its_facts_and_its_annotations_on_their_lines()
    {
        await PublishAsync(
            Report([Finding("overdue:payments-db", InsightSeverity.High, line: 12), Finding("unmanaged:X", InsightSeverity.Low)]) with
            {
                Data =
                [
                    new InsightFact.Number("Secrets", 8),
                    new InsightFact.Percentage("Within policy", 87.5),
                    new InsightFact.Flag("Everything was looked at", true),
                    new InsightFact.Text("Oldest", "payments-db"),
                    new InsightFact.Date("Next due", Instant.FromUtc(2026, 11, 24, 1, 30)),
                ],
            });

        _lost.Should().BeEmpty();
        var report = await StoredAsync();
        report.Should().BeEquivalentTo(
                new
                {
                    Commit.Commit,
                    ExternalId = "secret-rotator",
                    Title = "Secret rotation",
                    Details = "1 secret is overdue.",
                    Result = "FAILED"
                });
        report.Data.Select(fact => (fact.Title, fact.Type, fact.Value)).Should().Equal(
            ("Secrets", "NUMBER", "8"),
            ("Within policy", "PERCENTAGE", "87.5"),
            ("Everything was looked at", "BOOLEAN", "True"),
            ("Oldest", "TEXT", "payments-db"),
            ("Next due", "DATE", "1795483800000"));
        report.Annotations.Select(each => (each.ExternalId, each.Severity, each.Path, each.Line)).Should().Equal(
            ("overdue:payments-db", "HIGH", "rotation.yaml", 12), ("unmanaged:X", "LOW", "rotation.yaml", null));
    }

    [Fact]
    public async Task What_is_mended_is_gone_from_the_next_report()
    {
        await PublishAsync(Report([Finding("a"), Finding("b")]));

        await PublishAsync(Report([Finding("b")]) with { HasPassed = true });

        var report = await StoredAsync();
        report.Result.Should().Be("PASSED");
        report.Annotations.Should().ContainSingle().Which.ExternalId.Should().Be("b");
    }

    [Fact]
    public async Task Annotations_go_a_hundred_at_a_time()
    {
        await PublishAsync(Report([.. Enumerable.Range(0, 201).Select(i => Finding($"f{i}"))]));

        (await StoredAsync()).Annotations.Should().HaveCount(201);
        _stage!.CallsOf("annotations").Should().Be(3);
        _stage.Connection.CallsMade.Should().Be(5);
    }

    [Fact]
    public async Task Of_more_than_a_thousand_findings_the_worst_are_shown_and_the_report_says_so()
    {
        await PublishAsync(Report([
            .. Enumerable.Range(0, 1200).Select(i => Finding($"low{i}", InsightSeverity.Low)),
            Finding("z-critical", InsightSeverity.Critical),
            Finding("y-high", InsightSeverity.High),
        ]));

        var report = await StoredAsync();
        report.Annotations.Should().HaveCount(1000);
        report.Annotations.Take(2).Select(each => each.ExternalId).Should().Equal("z-critical", "y-high");
        report.Details.Should().Be("Shown are the 1,000 worst of 1,202 findings. 1 secret is overdue.");
    }

    [Fact]
    public async Task No_finding_is_sent_twice()
    {
        await PublishAsync(Report([Finding("a", InsightSeverity.Low), Finding("a", InsightSeverity.High)]));

        (await StoredAsync()).Annotations.Should().ContainSingle().Which.Severity.Should().Be("HIGH");
    }

    [Fact]
    public async Task Long_texts_and_too_many_facts_are_cut_to_what_Bitbucket_takes()
    {
        await PublishAsync(Report([Finding("a") with { Summary = new string('s', 448) + "🔑🔑", Details = new string('d', 3000) }]) with
        {
            Details = new string('x', 5000),
            Data = [.. Enumerable.Range(0, 12).Select(i => new InsightFact.Number($"{i}", i))],
        });

        _lost.Should().BeEmpty();
        var report = await StoredAsync();
        report.Details.Should().HaveLength(2000).And.EndWith("…");
        report.Data.Should().HaveCount(10);
        report.Annotations[0].Summary.Should().Be(new string('s', 448) + "…");
        report.Annotations[0].Details.Should().HaveLength(2000);
    }

    [Fact]
    public async Task A_missing_scope_is_named_and_nothing_is_thrown()
    {
        _stage = await BitbucketStage.StartAsync();
        await _stage.ChangeAsync(state => state.Credentials[0].Scopes.Remove("repository"));

        await PublishAsync(Report([]));

        _lost.Should().ContainSingle().Which
            .Should().Contain("(403").And
            .Contain("The credential needs \"repository\" and has \"pipeline\", \"pipeline:write\", \"pipeline:variable\".");
    }

    [Fact]
    public async Task A_repository_that_is_not_seen_is_told_with_the_scope()
    {
        _stage = await BitbucketStage.StartAsync();

        await _stage.Connection.Insights(Commit with { Repository = "elsewhere" }, _lost.Add).PublishAsync(Report([]), Cancellation);

        _lost.Should().ContainSingle().Which
            .Should().Contain("acme/elsewhere").And
            .Contain("\"repository\" (API token: \"read:repository:bitbucket\")");
    }

    [Theory]
    [InlineData("bitbucket.report#2..=503")]
    [InlineData("bitbucket.annotations=400")]
    [InlineData("bitbucket.annotations=lost")]
    public async Task What_fails_for_good_is_told_and_nothing_is_thrown(string fault)
    {
        _stage = await BitbucketStage.StartAsync(null, fault);

        await PublishAsync(Report([Finding("a")]));

        _lost.Should().ContainSingle().Which.Should().StartWith("Code Insights: Bitbucket ");
    }

    [Fact]
    public async Task An_answer_that_was_lost_does_no_harm()
    {
        _stage = await BitbucketStage.StartAsync(
            null, "bitbucket.report#1=lost", "bitbucket.report#3=lost", "bitbucket.annotations#1=lost");

        await PublishAsync(Report([Finding("a"), Finding("b")]));

        _lost.Should().BeEmpty();
        (await StoredAsync()).Annotations.Should().HaveCount(2);
    }

    [Fact]
    public async Task Where_the_call_budget_does_not_suffice_nothing_is_called()
    {
        _stage = await BitbucketStage.StartAsync();
        while (_stage.Connection.CallsLeft > 2)
            await _stage.Connection.Variables.ListAsync(BitbucketStage.Home, Cancellation);

        await PublishAsync(Report([Finding("a")]));

        _lost.Should().ContainSingle().Which.Should().Contain("takes 3 calls").And.Contain("has 2 left");
        _stage.CallsOf("report").Should().Be(0);
    }

    [Fact]
    public async Task A_cancellation_ends_it_without_an_exception()
    {
        _stage = await BitbucketStage.StartAsync();

        await _stage.Connection.Insights(Commit, _lost.Add).PublishAsync(Report([]), new CancellationToken(canceled: true));

        _lost.Should().ContainSingle().Which.Should().Contain("stopped");
    }

    [Fact]
    public async Task A_line_without_a_file_is_left_out_as_Bitbucket_refuses_it()
    {
        await PublishAsync(Report([Finding("a", line: 3) with { Path = null }]));

        using var sent = JsonDocument.Parse(_stage!.Recorded.Calls[^1].Body);
        sent.RootElement[0].TryGetProperty("line", out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("auto", true)]
    [InlineData("off", false)]
    public void It_can_be_switched_off(string setting, bool isOn) =>
        (Settings(
            ("SECRET_ROTATOR__CODEINSIGHTS", setting), ("BITBUCKET_COMMIT", Commit.Commit),
            ("BITBUCKET_REPO_FULL_NAME", "acme/rotator")).Commit is not null).Should().Be(isOn);

    [Fact]
    public void The_commit_is_the_pipeline_s() =>
        Settings(("BITBUCKET_COMMIT", Commit.Commit), ("BITBUCKET_WORKSPACE", "acme"), ("BITBUCKET_REPO_SLUG", "rotator")).Commit.Should()
            .Be(new CommitFacts("acme", "rotator", Commit.Commit));

    [Theory]
    [InlineData("")]
    [InlineData("../../x")]
    [InlineData("main")]
    public void What_is_no_commit_is_none(string commit) =>
        Settings(("BITBUCKET_COMMIT", commit), ("BITBUCKET_REPO_FULL_NAME", "acme/rotator")).Commit.Should().BeNull();

    private static RotatorSettings Settings(params (string Name, string Value)[] variables) =>
        SettingsReader.ReadEnvironment(
            variables.ToDictionary(each => each.Name, each => each.Value, StringComparer.Ordinal), VaultProviders.All);

    private static InsightReport Report(ImmutableArray<InsightAnnotation> annotations) =>
        new("Secret rotation", "1 secret is overdue.", HasPassed: false, [], annotations);

    private static InsightAnnotation Finding(string id, InsightSeverity severity = InsightSeverity.Medium, int? line = null) =>
        new(id, severity, InsightKind.Vulnerability, "It is overdue.", null, "rotation.yaml", line);

    private async Task PublishAsync(InsightReport report)
    {
        _stage ??= await BitbucketStage.StartAsync();
        await _stage.Connection.Insights(Commit, _lost.Add).PublishAsync(report, Cancellation);
    }

    private Task<ReportState> StoredAsync() =>
        _stage!.Host.Store.ReadAsync(
            state => state.Bitbucket.Workspaces[Commit.Workspace].Repositories[Commit.Repository].Reports.Single());
}
