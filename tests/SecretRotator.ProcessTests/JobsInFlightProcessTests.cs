namespace SecretRotator.Tests.Processes;

/// <summary>The commands <c>plan</c> and <c>rotate</c> as processes while pipelines run, on both kinds of vault, judged by what the sandbox
/// holds afterwards.</summary>
public sealed class JobsInFlightProcessTests : IDisposable
{
    private const string Runs = "pipeline-running";
    private readonly Rotator _rotator = new();

    [Fact]
    public async Task A_rotation_waits_while_a_pipeline_runs_and_rotates_once_it_has_finished()
    {
        Write("wait: { idle: 7d }");
        var waits = await RotateAsync("payments-db", "--fault", Runs);
        var before = await SandboxView.OfAsync(_rotator);
        var rotates = await RotateAsync("payments-db");
        var after = await SandboxView.OfAsync(_rotator);

        (waits.ExitCode, OutcomeOf(waits)).Should().Be((0, "untouched"));
        Item(waits).GetProperty("why").GetString().Should().Contain("(sandbox) running since");
        (rotates.ExitCode, OutcomeOf(rotates)).Should().Be((0, "rotated"));
        var secret = SandboxView.Secret("payments-db");
        after.Current(secret).Should().NotBe(before.Current(secret));
        after.Agrees(secret).Should().BeTrue();
    }

    [Fact]
    public async Task A_secret_that_has_waited_its_time_rotates_with_a_warning()
    {
        Write("wait: idle");
        var plan = await _rotator.RunAsync("plan", "--sandbox", "--only", "payments-db", "--fault", Runs, "--output", "json");
        var rotates = await RotateAsync("payments-db", "--fault", Runs);

        Item(plan).GetProperty("warnings")[0].GetString().Should().Contain("rotates anyway");
        OutcomeOf(rotates).Should().Be("rotated");
    }

    [Fact]
    public async Task What_can_not_be_told_blocks_and_is_never_taken_for_idle()
    {
        Write("wait: { idle: 7d }");
        var blocked = await RotateAsync("payments-db", "--fault", "bitbucket.pipelines=403");

        (blocked.ExitCode, Item(blocked).GetProperty("decision").GetString()).Should().Be((6, "blocked"));
    }

    [Fact]
    public async Task Force_rotates_whatever_runs_and_evidence_tells_what_it_went_over()
    {
        Write("wait: { idle: 7d }");
        var forced = await RotateAsync("payments-db", "--force", "payments-db", "--reason", "leaked", "--fault", Runs);

        OutcomeOf(forced).Should().Be("rotated");
        File.ReadAllText(_rotator.PathOf(JsonDocument.Parse(forced.Out).RootElement.GetProperty("evidence").GetString()!)).Should()
            .Contain("\"wait: ");
    }

    [Fact]
    public async Task A_plan_shows_what_runs()
    {
        Write("wait: { idle: 7d }");
        var json = await _rotator.RunAsync("plan", "--sandbox", "--only", "grid-api", "--fault", Runs, "--output", "json");
        var text = await _rotator.RunAsync("plan", "--sandbox", "--only", "grid-api", "--fault", Runs);

        var running = Item(json).GetProperty("running")[0];
        (running.GetProperty("repository").GetString(),
            running.GetProperty("name").GetString(), running.GetProperty("state").GetString()).Should()
                .Be(("grid-console", "sandbox", "running"));
        text.Out.Should().Contain("grid-api: grid-console #1 (sandbox) is running since");
        text.Out.Split('\n').Should().OnlyContain(line => line.Length <= 80);
    }

    [Theory]
    [InlineData("payments-db")]
    [InlineData("grid-api")]
    public async Task An_old_version_stays_valid_until_the_pipelines_have_finished_and_is_retired_by_the_next_run(string name)
    {
        Write("grace: { until: running-pipelines-finish, limit: 6h }");
        var secret = SandboxView.Secret(name);
        var rotated = await RotateAsync(name, "--fault", Runs);
        var old = Item(rotated).GetProperty("from").GetString()!;
        var still = await RotateAsync(name, "--fault", Runs);
        var plan = await _rotator.RunAsync("plan", "--sandbox", "--only", name, "--fault", Runs, "--output", "json");
        var between = await SandboxView.OfAsync(_rotator);
        var retired = await RotateAsync(name);
        var after = await SandboxView.OfAsync(_rotator);
        var again = await RotateAsync(name);

        OutcomeOf(still).Should().Be("untouched");
        (Item(plan).GetProperty("grace").GetProperty("version").GetString(),
            Item(plan).GetProperty("grace").GetProperty("over").GetBoolean()).Should().Be((old, false));
        between.IsRetired(secret, old).Should().BeFalse();
        (retired.ExitCode, OutcomeOf(retired), Item(retired).GetProperty("from").GetString()).Should().Be((0, "retired", old));
        after.IsRetired(secret, old).Should().BeTrue();
        after.Current(secret).Should().Be(between.Current(secret));
        after.Agrees(secret).Should().BeTrue();
        after.Staged(secret).Should().BeEmpty();
        after.Claims.Should().BeEmpty();
        OutcomeOf(again).Should().Be("untouched");
    }

    [Theory]
    [InlineData("payments-db", "aws.UpdateSecretVersionStage#2=kill")]
    [InlineData("payments-db", "aws.UpdateSecretVersionStage#3=kill")]
    [InlineData("grid-api", "azure.PatchSecret#1=kill")]
    [InlineData("grid-api", "bitbucket.delete#1=kill")]
    public async Task A_retirement_that_is_killed_is_finished_by_later_runs(string name, string fault)
    {
        Write("grace: { until: running-pipelines-finish, limit: 6h }");
        var secret = SandboxView.Secret(name);
        var old = Item(await RotateAsync(name)).GetProperty("from").GetString()!;
        await RotateAsync(name, "--fault", fault);
        for (var run = 0; run < 3; run++)
            (await RotateAsync(name)).ExitCode.Should().Be(0);
        var after = await SandboxView.OfAsync(_rotator);

        after.IsRetired(secret, old).Should().BeTrue();
        after.Agrees(secret).Should().BeTrue();
        after.Claims.Should().BeEmpty();
    }

    [Theory]
    [InlineData("payments-webhook")]
    [InlineData("grid-api")]
    public async Task Without_a_grace_nothing_is_retired(string name)
    {
        Write("wait: none");
        var secret = SandboxView.Secret(name);
        var old = Item(await RotateAsync(name)).GetProperty("from").GetString()!;
        await RotateAsync(name);

        (await SandboxView.OfAsync(_rotator)).IsRetired(secret, old).Should().BeFalse();
    }

    public void Dispose() => _rotator.Dispose();

    private void Write(string line) => File.WriteAllText(
        _rotator.PathOf("rotation.yaml"),
        File.ReadAllText(RepositoryFiles.Sample)
            .Replace("  rotate-every: 30d\n", $"  rotate-every: 30d\n  {line}\n", StringComparison.Ordinal));

    private Task<Ended> RotateAsync(string name, params string[] arguments) =>
        _rotator.RunAsync(["rotate", "--sandbox", "--only", name, "--output", "json", .. arguments]);

    private static JsonElement Item(Ended ended) => JsonDocument.Parse(ended.Out).RootElement.GetProperty("secrets")[0];

    private static string? OutcomeOf(Ended ended) => Item(ended).GetProperty("outcome").GetString();
}
