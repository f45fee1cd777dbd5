namespace SecretRotator.Tests.Processes;

/// <summary>Traces and metrics of whole runs, as a collector gets them.</summary>
public sealed class ExportTests : IAsyncDisposable
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = "b7ad6b7169203331";

    private readonly Rotator _rotator = new();
    private readonly Collector _collector = new();

    public ExportTests()
    {
        File.Copy(RepositoryFiles.Sample, _rotator.PathOf("rotation.yaml"));
        Configure(_collector);
    }

    public async ValueTask DisposeAsync()
    {
        _rotator.Dispose();
        await _collector.DisposeAsync();
    }

    [Fact]
    public async Task A_run_is_one_trace_below_its_parent_with_a_span_a_secret_and_a_span_a_step()
    {
        _rotator.Environment["TRACEPARENT"] = $"00-{Trace}-{Parent}-01";

        (await RotateAsync()).ExitCode.Should().Be(0);

        var spans = _collector.Spans;
        spans.Should().OnlyContain(span => span.Trace == Trace);
        var root = spans.Single(span => span.Parent == Parent);
        root.Name.Should().Be("rotate");
        root.Tags["process.exit.code"].Should().Be("0");
        root.Status.Should().Be(0);
        var rotation = spans.Single(span => span.Parent == root.Id);
        rotation.Name.Should().Be("rotation");
        rotation.Tags["secret_rotator.secret"].Should().Be("payments-db");
        rotation.Tags["secret_rotator.outcome"].Should().Be("rotated");
        var steps = spans.Where(span => span.Parent == rotation.Id).ToArray();
        steps.Select(step => step.Name)
            .Distinct()
            .Should().BeEquivalentTo("claim", "check", "stage", "set", "prove", "distribute", "verify", "promote", "finish");
        steps.Where(step => step.Name == "distribute")
            .Select(step => step.Tags["secret_rotator.target"])
            .Should().BeEquivalentTo(SandboxView.Secret("payments-db").Targets.Select(target => target.ToString()));
        spans.Should().HaveCount(2 + steps.Length);
    }

    [Fact]
    public async Task A_step_and_a_rotation_that_failed_carry_their_cause()
    {
        (await RotateAsync("--fault", "bitbucket.put@DB_PASSWORD#2..=503")).ExitCode.Should().Be(4);

        _collector.Spans.Where(span => span is { Name: "distribute", Status: 2 })
            .Should().NotBeEmpty().And
            .OnlyContain(span => span.StatusText!.Contains("503"));
        _collector.Spans.Single(span => span.Name == "rotation").StatusText.Should().Contain("503");
        _collector.Spans.Single(span => span.Name == "rotate").Tags["error.type"].Should().Be("rolled-back");
        _collector.Points.Single(point => point.Metric == "secret_rotator.failures" && point.Tags["error.type"] == "rolled-back").Value
            .Should().Be(1);
        _collector.Points.Single(point => point.Metric == "secret_rotator.failures" && point.Tags["error.type"] == "needs-operator").Value
            .Should().Be(0);
    }

    [Fact]
    public async Task The_metrics_are_those_that_are_documented()
    {
        await RotateAsync();

        var documented = File.ReadLines(Path.Combine(RepositoryFiles.Root, "docs", "observability.md"))
            .Where(line => line.StartsWith("| `secret_rotator.", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (Metric: cells[1].Trim('`'), Unit: cells[3].Trim('`')))
            .Where(each => each.Unit is "s" or ['{', ..]);
        _collector.Points.Select(point => (point.Metric, point.Unit)).Distinct().Should().BeEquivalentTo(documented);
        Value("secret_rotator.rotations").Should().Be(1);
        Value("secret_rotator.bitbucket.calls").Should().BeGreaterThan(3);
        Value("secret_rotator.bitbucket.throttled").Should().Be(0);
        Value("secret_rotator.vault.calls").Should().BeGreaterThan(5);
        Value("secret_rotator.oldest_age").Should().BeGreaterThan(13 * 24 * 3600);
        Value("secret_rotator.run.duration").Should().BePositive();
    }

    [Fact]
    public async Task An_answer_of_429_is_counted()
    {
        await RotateAsync("--fault", "bitbucket.list#1=429");

        Value("secret_rotator.bitbucket.throttled").Should().Be(1);
    }

    [Fact]
    public async Task The_resource_is_ours_unless_the_environment_says_otherwise()
    {
        _rotator.Environment["OTEL_RESOURCE_ATTRIBUTES"] = "team=platform";
        _rotator.Environment["OTEL_EXPORTER_OTLP_HEADERS"] = "api-key=k";
        (await _rotator.RunAsync("plan", "--sandbox")).ExitCode.Should().Be(0);

        _collector.Resource.Should().Contain("service.name", "secret-rotator").And
            .Contain("team", "platform").And
            .Contain("deployment.environment.name", "sandbox");
        _collector.Heads.Should().OnlyContain(head => head.Contains("api-key: k"));
        _collector.Paths.Distinct().Should().BeEquivalentTo("/v1/traces", "/v1/metrics");
    }

    [Fact]
    public async Task The_service_s_name_is_the_environment_s()
    {
        _rotator.Environment["OTEL_SERVICE_NAME"] = "mine";
        await _rotator.RunAsync("plan", "--sandbox");

        _collector.Resource["service.name"].Should().Be("mine");
    }

    [Fact]
    public async Task No_value_is_in_it()
    {
        await RotateAsync();

        var values = (await SandboxView.OfAsync(_rotator)).Versions(SandboxView.Secret("payments-db"));
        values.Should().NotBeEmpty().And.OnlyContain(version => !_collector.Everything.Contains(version.Content));
    }

    [Fact]
    public async Task A_command_that_breaks_off_is_told_too()
    {
        (await _rotator.RunAsync("plan", "--sandbox", "--only", "no one")).ExitCode.Should().Be(2);

        _collector.Spans.Should().ContainSingle().Which.Tags.Should().Contain("error.type", "usage").And.Contain("process.exit.code", "2");
    }

    [Fact]
    public async Task Switched_off_no_one_is_called()
    {
        _rotator.Environment["OTEL_SDK_DISABLED"] = "true";

        (await RotateAsync()).ExitCode.Should().Be(0);

        _collector.Connections.Should().Be(0);
    }

    [Fact]
    public async Task Validate_calls_nobody()
    {
        (await _rotator.RunAsync("validate")).ExitCode.Should().Be(0);

        _collector.Connections.Should().Be(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("bitbucket.put@DB_PASSWORD#2..=503")]
    public async Task A_dead_collector_changes_nothing_but_the_log(string fault)
    {
        string[] more = fault.Length == 0 ? [] : ["--fault", fault];
        _rotator.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1";

        var ended = await RotateAsync(more);

        ended.ExitCode.Should().Be(fault.Length == 0 ? 0 : 4);
        ended.Error.Should().Contain("telemetry-lost: The telemetry isn't complete at its collector: it can't be reached.");
    }

    [Fact]
    public async Task A_collector_that_refuses_is_named_by_its_status()
    {
        await using var refusing = new Collector(status: 401);
        Configure(refusing);

        var ended = await RotateAsync();

        ended.ExitCode.Should().Be(0);
        ended.Error.Should().Contain("it answered with status 401");
    }

    [Fact]
    public async Task A_collector_that_never_answers_is_left_after_the_time_that_a_request_may_take()
    {
        await using var silent = new Collector(status: 0);
        Configure(silent);
        _rotator.Environment["OTEL_EXPORTER_OTLP_TIMEOUT"] = "100";

        var ended = await _rotator.RunAsync("plan", "--sandbox");

        ended.ExitCode.Should().Be(0);
        ended.Error.Should().Contain("it didn't answer in time");
    }

    private void Configure(Collector collector) => _rotator.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Endpoint;

    private Task<Ended> RotateAsync(params string[] more) => _rotator.RunAsync(["rotate", "--sandbox", "--only", "payments-db", .. more]);

    private double Value(string metric) => _collector.Points.Single(point => point.Metric == metric).Value;
}
