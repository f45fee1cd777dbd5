using SecretRotator.Hosting;

namespace SecretRotator.Tests.Commands;

public sealed class UsageTests : IDisposable
{
    private readonly CommandFixture _run = new();

    [Theory]
    [InlineData("rotat", "Did you mean rotate?")]
    [InlineData("plan --onli payments-db", "Did you mean --only?")]
    [InlineData("plan --shard 3/2", "--shard takes the part and the number of parts")]
    [InlineData("plan --shard 0/2", "--shard takes the part and the number of parts")]
    [InlineData("plan --parallelism 0", "--parallelism takes a whole number from 1 to 64.")]
    [InlineData("plan --parallelism many", "--parallelism takes a whole number from 1 to 64.")]
    [InlineData("plan --output yaml", "--output: Argument 'yaml' not recognized. Must be one of: 'text' 'json'")]
    [InlineData("plan --log-level info", "Did you mean information?")]
    [InlineData("doctor --area pipelinefile", "Did you mean pipeline-file?")]
    [InlineData("rotate payments-db", "--only payments-db leaves all others out; --force payments-db --reason TEXT acts on it now")]
    [InlineData("verify payments-db", "Is it a secret? --only payments-db leaves all others out.")]
    [InlineData("rotate --dry-run", "secret-rotator plan shows what rotate would do")]
    [InlineData("plan --only payments-db,grid-api", "--only takes names with blanks in between: --only payments-db grid-api")]
    [InlineData("completion tcsh", "'tcsh' not recognized. Must be one of: 'bash' 'zsh' 'fish'")]
    [InlineData("plan --now tomorrow", "--now takes an ISO 8601 instant")]
    [InlineData("plan --only payment-db", "Did you mean payments-db?")]
    [InlineData("plan --force payments-db", "--force needs --reason.")]
    [InlineData("plan --reason why", "--reason needs --force.")]
    [InlineData("plan --only grid-api --force payments-db --reason why", "--only leaves it out")]
    [InlineData("rotate --take-over unknown-api", "the inventory has no secret unknown-api")]
    [InlineData("rotate --fault bitbucket.put=503", "--fault needs --sandbox.")]
    [InlineData("rotate --now 2026-11-24T01:30:00Z", "rotate takes --now with --sandbox only.")]
    [InlineData("rotate --plan nowhere.json", "There is no such file.")]
    [InlineData("rotate --plan plan.json --adopt", "--adopt can't be used with --plan.")]
    [InlineData("rollback payments-db --to v1", "rollback needs --reason.")]
    [InlineData("rollback payments-db --to v1 --reason why --hold soon", "--hold takes a time from 1m to 366d, such as 12h, 7d or 2w.")]
    [InlineData("rollback payments-db --to v1 --reason why --hold 2y", "--hold takes a time from 1m to 366d, such as 12h, 7d or 2w.")]
    [InlineData("rollback payments-db --to v1 --reason why --hold P1M", "--hold takes a time from 1m to 366d, such as 12h, 7d or 2w.")]
    [InlineData("rollback unknown-api --to v1 --reason why", "the inventory has no secret unknown-api")]
    [InlineData("plan --inventory nowhere.yaml", "nowhere.yaml:")]
    [InlineData("schedules plan --schedules nowhere", "nowhere: There is no such folder")]
    [InlineData("schedules apply --schedules nowhere", "nowhere: There is no such folder")]
    [InlineData("discover --max-calls 0", "--max-calls takes a whole number from 1 to 10000.")]
    [InlineData("discover --project APPS --repository a", "--project can't be used with --repository.")]
    [InlineData("discover --project A-B", "--project takes a project's key.")]
    [InlineData("discover --repository acme/x", "can't be a workspace or a repository")]
    [InlineData("discover --stubs rotation.yaml --inventory nowhere.yaml", "nowhere.yaml:")]
    [InlineData("schedules aply", "Did you mean apply?")]
    [InlineData("schedules", "Required command was not provided")]
    public async Task A_mistake_on_the_command_line_is_named_and_answers_2(string arguments, string said)
    {
        var exitCode = await _run.RunAsync(arguments.Split(' '));

        exitCode.Should().Be(2);
        _run.Error.ReplaceLineEndings(" ").Replace("   ", " ", StringComparison.Ordinal).Should().Contain(said);
        _run.Sessions.Opened.Should().BeEmpty();
    }

    [Fact]
    public async Task No_command_is_a_mistake_and_shows_the_help()
    {
        (await _run.RunAsync()).Should().Be(2);

        _run.Error.Should().Contain("secret-rotator --help");
        var shown = _run.Out;
        (await _run.RunAsync("--help")).Should().Be(0);
        shown.Should().Be(_run.Out).And.Contain("  rotate ").And.Contain("Examples:");
    }

    [Fact]
    public async Task The_version_is_told_with_its_commit()
    {
        (await _run.RunAsync("--version")).Should().Be(0);

        _run.Out.Should().Be(ProductVersion.Line + "\n");
    }

    [Theory]
    [InlineData("verify --force payments-db", "Unrecognized command or argument '--force'.")]
    [InlineData("validate --only payments-db", "Unrecognized command or argument '--only'.")]
    [InlineData("plan --to previous", "Unrecognized command or argument '--to'.")]
    [InlineData("rotate --exit-code", "Unrecognized command or argument '--exit-code'.")]
    [InlineData("doctor --for aws", "Unrecognized command or argument '--for'.")]
    [InlineData("schedules plan --parallelism 3", "Unrecognized command or argument '--parallelism'.")]
    [InlineData("evidence show evidence --from-start", "There is no option --from-start.")]
    public async Task An_option_of_another_command_is_refused(string arguments, string said)
    {
        (await _run.RunAsync(arguments.Split(' '))).Should().Be(2);

        _run.Error.Should().StartWith(said + "\n");
        _run.Sessions.Opened.Should().BeEmpty();
    }

    [Theory]
    [InlineData("plan --sandbox")]
    [InlineData("--sandbox rotate")]
    [InlineData("rotate --fault bitbucket.put=503")]
    public async Task A_published_build_refuses_the_sandbox_and_says_why(string arguments)
    {
        _run.Sessions.HasSandbox = false;

        (await _run.RunAsync(arguments.Split(' '))).Should().Be(2);

        _run.Error.Should().Contain("a published build leaves the sandbox out");
        _run.Sessions.Opened.Should().BeEmpty();
    }

    [Fact]
    public async Task A_published_build_runs_without_the_sandbox_and_keeps_quiet_about_it()
    {
        _run.Sessions.HasSandbox = false;

        (await _run.RunAsync("plan")).Should().Be(0);
        (await _run.RunAsync("--help", "--inventory", "x")).Should().Be(0);
        _run.Out.Should().NotContain("--sandbox");
    }

    [Fact]
    public async Task A_mistake_never_shows_a_stack_trace()
    {
        await _run.RunAsync("plan", "--inventory", "nowhere.yaml", "--log-level", "debug");

        (_run.Out + _run.Error).Should().NotContain("   at ").And.NotContain("Exception");
    }

    [Fact]
    public async Task An_inventory_with_several_faults_names_all_of_them_with_their_places()
    {
        await File.WriteAllTextAsync(_run.InventoryPath, "version: 1\nfoo: 2\nsecrets: []\n", TestContext.Current.CancellationToken);

        (await _run.RunAsync("validate", "--output", "json")).Should().Be(2);

        var problems = _run.Json.GetProperty("problems");
        problems.GetArrayLength().Should().BeGreaterThan(2);
        problems.EnumerateArray().Should()
            .OnlyContain(problem => problem.GetProperty("line").GetInt32() > 0 && problem.GetProperty("hint").GetString()!.Length > 0);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("plan --help")]
    [InlineData("rotate --help")]
    [InlineData("verify --help")]
    [InlineData("report --help")]
    [InlineData("rollback --help")]
    [InlineData("validate --help")]
    [InlineData("doctor --help")]
    [InlineData("doctor trust --help")]
    [InlineData("doctor allowlist --help")]
    [InlineData("evidence --help")]
    [InlineData("evidence verify --help")]
    [InlineData("evidence show --help")]
    [InlineData("discover --help")]
    [InlineData("schedules --help")]
    [InlineData("schedules plan --help")]
    [InlineData("schedules apply --help")]
    [InlineData("init --help")]
    [InlineData("completion --help")]
    public async Task Help_has_examples_and_fits_80_columns(string arguments)
    {
        (await _run.RunAsync([.. arguments.Split(' '), "--inventory", "x"])).Should().Be(0);

        _run.Out.Should().Contain("Examples:");
        _run.Terminal.OutLines.Where(line => !line.StartsWith("  secret-rotator", StringComparison.Ordinal)).Should()
            .OnlyContain(line => line.Length <= 80);
    }

    [Theory]
    [InlineData("plan --only")]
    [InlineData("rotate --force")]
    [InlineData("rotate --take-over")]
    [InlineData("rollback")]
    public async Task Completion_knows_the_secrets_of_the_inventory(string arguments)
    {
        var words = arguments.Split(' ', 2);
        var line = $"{words[0]} --inventory {_run.InventoryPath} {(words.Length == 2 ? words[1] + " " : "")}";

        (await _run.RunAsync($"[suggest:{line.Length}]", line)).Should().Be(0);

        _run.Out.Should().Contain("payments-db").And.Contain("grid-api");
    }

    [Fact]
    public async Task A_name_with_control_characters_is_harmless_in_an_error()
    {
        await _run.RunAsync("plan", "--only", "a\u001b[31mred\nForged: line\u202e");

        _run.Error.Should().Contain("\\u{1B}").And
            .Contain("\\u{A}").And
            .Contain("\\u{202E}").And
            .NotContain("\u001b").And
            .NotContain("\nForged");
    }

    public void Dispose() => _run.Dispose();
}
