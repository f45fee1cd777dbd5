using System.Text.Json.Nodes;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Storage;

namespace SecretRotator.Tests.Processes;

/// <summary><c>schedules plan</c> and <c>schedules apply</c> as processes against the sandbox, judged by what it holds
/// afterwards.</summary>
public sealed class ScheduleProcessTests : IDisposable
{
    private static readonly SchemaEvaluator Schema = new(
        JsonNode.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "schemas", "schedules.schema.json")))!.AsObject());

    private readonly Rotator _rotator = new();

    public ScheduleProcessTests()
    {
        File.Copy(RepositoryFiles.Sample, _rotator.PathOf("rotation.yaml"));
        Directory.CreateDirectory(_rotator.PathOf("schedules"));
        foreach (var file in Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "schedules")))
            File.Copy(file, _rotator.PathOf($"schedules/{Path.GetFileName(file)}"));
    }

    [Fact]
    public async Task Schedules_are_planned_made_changed_disabled_and_removed()
    {
        (await ActionsAsync("plan", 3, "--exit-code")).Should()
            .Equal("hourly-drift-check create", "nightly-rotation create", "weekly-audit-report create");
        (await StandingAsync()).Should().BeEmpty();

        (await ActionsAsync("apply", 0)).Should()
            .Equal("hourly-drift-check create", "nightly-rotation create", "weekly-audit-report create");
        (await StandingAsync()).Should()
            .BeEquivalentTo("verify 0 17 * * * ? * True", "rotate 0 30 1 * * ? * True", "report 0 0 4 ? * MON * True");
        (await ActionsAsync("plan", 0, "--exit-code")).Should()
            .OnlyContain(action => action.EndsWith(" unchanged", StringComparison.Ordinal));

        Change("nightly-rotation", "30 1", "45 1");
        Change("hourly-drift-check", "branch: main", "branch: main\nenabled: false");
        File.Delete(_rotator.PathOf("schedules/weekly-audit-report.yaml"));
        (await ActionsAsync("apply", 0)).Should()
            .Equal("hourly-drift-check disable", "nightly-rotation replace", "weekly-audit-report delete");
        (await StandingAsync()).Should().BeEquivalentTo("verify 0 17 * * * ? * False", "rotate 0 45 1 * * ? * True");
        (await ActionsAsync("apply", 0)).Should().Equal("hourly-drift-check unchanged", "nightly-rotation unchanged");
    }

    [Fact]
    public async Task A_second_apply_writes_nothing()
    {
        await ActionsAsync("apply", 0);
        var before = await BitbucketAsync();

        await ActionsAsync("apply", 0);

        (await BitbucketAsync()).Should().Be(before);
    }

    // The rest changes: each command takes a role on anew.
    private async Task<string> BitbucketAsync()
    {
        using var state = JsonDocument.Parse(
            await File.ReadAllTextAsync(_rotator.PathOf(".sandbox/state.json"), TestContext.Current.CancellationToken));
        return state.RootElement.GetProperty("bitbucket").GetRawText();
    }

    [Fact]
    public async Task A_foreign_schedule_is_told_and_not_touched()
    {
        await ActionsAsync("plan", 0);
        await ChangeAsync(
            state => state.Schedules.Add(
                new ScheduleState
                {
                    Uuid = Guid.NewGuid().ToString("B"),
                    Enabled = true,
                    Cron = "0 0 5 L * ? *",
                    Branch = "main",
                    SelectorType = "custom",
                    SelectorPattern = "deploy",
                }));

        (await ActionsAsync("apply", 0)).Should().EndWith("deploy foreign");
        File.Delete(_rotator.PathOf("schedules/weekly-audit-report.yaml"));
        await ActionsAsync("apply", 0);

        (await StandingAsync()).Should().Contain("deploy 0 0 5 L * ? * True").And.HaveCount(3);
    }

    [Theory]
    [InlineData("bitbucket.post-schedule@rotate=kill")]
    [InlineData("bitbucket.post-schedule@rotate=kill-before")]
    [InlineData("bitbucket.post@SECRET_ROTATOR_SCHEDULE_NIGHTLY=kill")]
    [InlineData("bitbucket.put@SECRET_ROTATOR_SCHEDULE_NIGHTLY=kill-before")]
    [InlineData("bitbucket.post-schedule@rotate=lost")]
    public async Task A_run_that_is_killed_or_not_answered_leaves_no_second_schedule(string fault)
    {
        await _rotator.RunAsync("schedules", "apply", "--sandbox", "--fault", fault);

        await ActionsAsync("apply", 0);

        (await StandingAsync()).Should()
            .BeEquivalentTo("verify 0 17 * * * ? * True", "rotate 0 30 1 * * ? * True", "report 0 0 4 ? * MON * True");
        (await ActionsAsync("plan", 0, "--exit-code")).Should()
            .OnlyContain(action => action.EndsWith(" unchanged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_limit_of_schedules_fails_what_has_no_room_and_says_so()
    {
        await ActionsAsync("plan", 0);
        using (var store = Store())
            await store.ChangeAsync(state => state.Bitbucket.MostSchedules = 2, TestContext.Current.CancellationToken);

        var ended = await _rotator.RunAsync("schedules", "apply", "--sandbox");

        ended.ExitCode.Should().Be(1);
        ended.Out.Should().Contain("weekly-audit-report: FAILED to create").And.Contain("3 schedules: 2 created, 1 FAILED to create.");
        (await StandingAsync()).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_time_that_utc_can_not_say_is_refused_before_anything_is_called()
    {
        Change("nightly-rotation", "zone: UTC", "zone: Europe/Berlin");

        var ended = await _rotator.RunAsync("schedules", "apply", "--sandbox");

        ended.ExitCode.Should().Be(2);
        ended.Error.ReplaceLineEndings(" ")
            .Should().Contain("schedules/nightly-rotation.yaml:4:7: The clocks of Europe/Berlin change").And
            .Contain("zone: UTC");
        Directory.Exists(_rotator.PathOf(".sandbox")).Should().BeFalse();
    }

    [Fact]
    public async Task The_text_fits_80_columns_and_tells_the_next_three_runs_in_the_zone_and_in_utc()
    {
        Change("nightly-rotation", "30 1 * * *\"\nzone: UTC", "30 10 * * *\"\nzone: Asia/Tokyo");

        var ended = await _rotator.RunAsync("schedules", "plan", "--sandbox", "--now", "2026-12-01T00:00:00Z");
        ended.ExitCode.Should().Be(2, "schedules have no --now");
        ended = await _rotator.RunAsync("schedules", "plan", "--sandbox");

        ended.ExitCode.Should().Be(0, ended.Error);
        ended.Out.Split('\n').Should().OnlyContain(line => line.Length <= 80);
        ended.Out.Split('\n')
            .Count(line => line.Contains("10:30 Asia/Tokyo,", StringComparison.Ordinal)
                && line.EndsWith(" 01:30 UTC", StringComparison.Ordinal)).Should().Be(3);
    }

    public void Dispose() => _rotator.Dispose();

    private void Change(string file, string from, string to)
    {
        var path = _rotator.PathOf($"schedules/{file}.yaml");
        File.WriteAllText(path, File.ReadAllText(path).Replace(from, to, StringComparison.Ordinal));
    }

    private async Task<List<string>> ActionsAsync(string command, int exitCode, params string[] more)
    {
        var ended = await _rotator.RunAsync(["schedules", command, "--sandbox", "--output", "json", .. more]);
        ended.ExitCode.Should().Be(exitCode, ended.Error);
        Schema.Accepts(JsonNode.Parse(ended.Out)).Should().BeTrue(ended.Out);
        using var json = JsonDocument.Parse(ended.Out);
        json.RootElement.GetProperty("exitCode").GetInt32().Should().Be(exitCode);
        return
        [
            .. json.RootElement.GetProperty("schedules").EnumerateArray().Select(each =>
                $"{(each.TryGetProperty("name", out var name) ? name : each.GetProperty("standing").GetProperty("pipeline")).GetString()} {each.GetProperty("action").GetString()}"),
        ];
    }

    private async Task<List<string>> StandingAsync()
    {
        using var store = Store();
        return await store.ReadAsync(
            state => Home(state).Schedules.Select(each => $"{each.SelectorPattern} {each.Cron} {each.Enabled}").ToList());
    }

    private async Task ChangeAsync(Action<RepositoryState> change)
    {
        using var store = Store();
        await store.ChangeAsync(state => change(Home(state)), TestContext.Current.CancellationToken);
    }

    private SandboxStore Store() => new(new StateFolder(_rotator.PathOf(".sandbox"), TimeProvider.System));

    private static RepositoryState Home(SandboxState state) => state.Bitbucket.Workspaces["acme"].Repositories["secret-rotator"];
}
