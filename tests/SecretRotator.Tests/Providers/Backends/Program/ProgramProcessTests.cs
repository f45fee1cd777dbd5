using System.Text.Json.Nodes;
using SecretRotator.Backends;
using SecretRotator.Tests.Inventory;
using static SecretRotator.Tests.Providers.Backends.Program.ProgramFixture;

namespace SecretRotator.Tests.Providers.Backends.Program;

/// <summary>How a program is started, spoken to and ended.</summary>
public sealed class ProgramProcessTests : IDisposable
{
    private const string Value = "worthless-new-\"4c1d\"";

    private readonly ProgramFixture _fixture = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task What_it_is_asked_is_what_the_schema_says()
    {
        var schema = new SchemaEvaluator(JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "schemas", "backend-program.schema.json"), Stop))!.AsObject());
        using var current = Content("a", Value);
        var backend = _fixture.OpenScript(
            """
            printf '%s' "$request" >> asked
            printf '\n' >> asked
            case $request in
              *'"verb":"inspect"'*) echo '{"server":"s","slots":[{"id":"a","enabled":true},{"id":"b","enabled":false}]}' ;;
              *'"verb":"prove"'*) echo '{"acceptance":"accepted"}' ;;
              *) echo '{}' ;;
            esac
            """, Set with { AdminAt = AdminReference });

        await backend.InspectAsync(current, Stop);
        await backend.ProveAsync(current, Stop);
        await backend.SetAsync(Id, current, Stop);
        await backend.DisableAsync(new("b"), new("a"), Stop);
        await backend.EnableAsync(new("a"), current, Stop);

        var asked = (await File.ReadAllLinesAsync(_fixture.PathOf("asked"), Stop)).Select(line => JsonNode.Parse(line)!).ToList();
        asked.Should().OnlyContain(request => schema.Accepts(request));
        asked.Select(request => request["verb"]!.GetValue<string>()).Should().Equal("inspect", "prove", "set", "disable", "set");
        asked[2]["credential"]!["password"]!.GetValue<string>().Should().Be(Value);
        asked[0]["slots"]!.ToJsonString().Should().Be("""["a","b"]""");
        asked.Should().OnlyContain(request => request["admin"]!.ToJsonString() == Admin);
    }

    [Fact]
    public async Task It_inherits_no_variable_but_a_few_and_gets_no_value_in_an_argument()
    {
        Environment.SetEnvironmentVariable("ROTATOR_TEST_TOKEN", "worthless-inherited");
        using var current = Content("a", Value);
        var backend = _fixture.OpenScript("env > env; tr '\\0' ' ' < /proc/$$/cmdline > arguments; echo '{}'");

        await backend.SetAsync(Id, current, Stop);

        var variables = await File.ReadAllTextAsync(_fixture.PathOf("env"), Stop);
        variables.Should().Contain("PATH=").And.NotContain("ROTATOR_TEST_TOKEN").And.NotContain("worthless");
        (await File.ReadAllTextAsync(_fixture.PathOf("arguments"), Stop)).Should().NotContain("worthless");
    }

    [Theory]
    [InlineData(10, FailureKind.Other, Effect.Rejected)]
    [InlineData(11, FailureKind.AccessDenied, Effect.Rejected)]
    [InlineData(12, FailureKind.NotFound, Effect.Rejected)]
    [InlineData(13, FailureKind.Throttled, Effect.Rejected)]
    [InlineData(14, FailureKind.Unavailable, Effect.Rejected)]
    [InlineData(15, FailureKind.Conflict, Effect.Rejected)]
    [InlineData(1, FailureKind.Other, Effect.Unknown)]
    [InlineData(127, FailureKind.Other, Effect.Unknown)]
    public async Task Its_exit_code_says_what_is_known_of_a_write(int code, FailureKind kind, Effect effect)
    {
        using var staged = Content("b", Value);
        var failure = await FailureOf(_fixture.OpenScript($"exit {code}").SetAsync(Id, staged, Stop));

        (failure.Kind, failure.Effect, failure.Failure.Service).Should().Be((kind, effect, "program"));
    }

    [Fact]
    public async Task What_it_says_is_told_without_values_and_control_characters()
    {
        using var staged = Content("b", Value);
        var failure = await FailureOf(_fixture.OpenScript(
            """
            printf 'b is locked\n\033[31m' >&2
            printf '%s' "$request" >&2
            printf '%s' 'worthless-new-"4c1d" worthless-admin-77aa' >&2
            exit 10
            """, Set with { AdminAt = AdminReference }).SetAsync(Id, staged, Stop));

        failure.Message.Should().Contain("b is locked / \\u{1B}[31m").And.NotContain("4c1d").And.NotContain("77aa");
    }

    [Fact]
    public async Task What_it_says_while_it_issues_is_not_told()
    {
        using var current = SecretValue.FromText("""{"uuid":"1","token":"x"}""");
        var failure = await FailureOf(
            _fixture.OpenScript("echo worthless-issued >&2; exit 1", Issue).IssueAsync(Id, current, Stop));

        failure.Message.Should().NotContain("worthless");
        failure.Effect.Should().Be(Effect.Unknown);
    }

    [Fact]
    public async Task At_its_time_limit_it_is_killed_with_all_that_it_started_and_the_effect_is_unknown()
    {
        using var staged = Content("b", Value);
        var backend = _fixture.OpenScript(
            "(sleep 60 & echo $! > child; wait) & echo $$ > pid; wait", Set with { TimeLimit = Duration.FromMilliseconds(400) });

        var failure = await FailureOf(backend.SetAsync(Id, staged, Stop));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Unavailable, Effect.Unknown));
        failure.Message.Should().Contain("longer than 0.4 s");
        foreach (var file in new[] { "pid", "child" })
            await EndAsync(file);
    }

    [Fact]
    public async Task What_it_leaves_running_ends_with_it()
    {
        using var staged = Content("b", Value);

        await _fixture.OpenScript("sleep 60 & echo $! > child; echo '{}'").SetAsync(Id, staged, Stop);

        await EndAsync("child");
    }

    [Fact]
    public async Task It_may_not_write_without_end()
    {
        using var current = Content("a", Value);
        var proof = await _fixture.OpenScript("yes").ProveAsync(current, Stop);

        proof.Acceptance.Should().Be(Acceptance.Unknown);
        proof.Why!.Message.Should().Contain("more than 256 KiB");
    }

    [Fact]
    public async Task A_program_that_reads_nothing_is_no_fault()
    {
        using var large = Content("a", new string('x', 200_000));
        _fixture.Write("backend", "#!/bin/sh\necho '{\"acceptance\":\"accepted\"}'\n");

        (await _fixture.Open(Set).ProveAsync(large, Stop)).Should().Be(Proof.Accepted);
    }

    [Fact]
    public async Task Cancelled_before_it_starts_nothing_happens_and_after_that_the_effect_is_unknown()
    {
        using var staged = Content("b", Value);
        using var cancel = new CancellationTokenSource();
        var backend = _fixture.OpenScript("echo > started; sleep 60");
        var call = backend.SetAsync(Id, staged, cancel.Token);
        while (!File.Exists(_fixture.PathOf("started")))
            await Task.Delay(10, Stop);
        await cancel.CancelAsync();

        (await FailureOf(call)).Effect.Should().Be(Effect.Unknown);
        File.Delete(_fixture.PathOf("started"));
        await FluentActions.Awaiting(() => backend.SetAsync(Id, staged, cancel.Token)).Should().ThrowAsync<OperationCanceledException>();
        File.Exists(_fixture.PathOf("started")).Should().BeFalse();
    }

    [Theory]
    [InlineData("{\"acceptance\":\"refused\",\"code\":\"18456\"}", "Refused")]
    [InlineData("{\"acceptance\":\"refused\"}", "Unknown")]
    [InlineData("{\"acceptance\":\"Accepted\"}", "Unknown")]
    [InlineData("{\"acceptance\":\"unknown\",\"message\":\"locked\"}", "Unknown")]
    [InlineData("{\"acceptance\":\"accepted\",\"also\":1}", "Unknown")]
    [InlineData("accepted", "Unknown")]
    [InlineData("", "Unknown")]
    public async Task Only_what_the_schema_says_proves_anything(string answer, string expected)
    {
        using var current = Content("a", Value);

        (await _fixture.OpenScript($"printf '%s' '{answer}'").ProveAsync(current, Stop)).Acceptance.ToString().Should().Be(expected);
    }

    [Fact]
    public async Task The_slot_in_use_is_refused_without_a_call()
    {
        var backend = _fixture.OpenScript("echo > started", Issue);

        foreach (var end in new Func<Task>[]
        {
            () => backend.DisableAsync(new("a"), new("a"), Stop), () => backend.DeleteAsync(new("a"), new("a"), Stop),
        })
            await FluentActions.Awaiting(end).Should().ThrowAsync<InvalidOperationException>();
        File.Exists(_fixture.PathOf("started")).Should().BeFalse();
    }

    [Fact]
    public async Task A_program_that_is_missing_or_not_executable_is_named()
    {
        using var current = Content("a", Value);
        (await FailureOf(_fixture.Open(Set).InspectAsync(current, Stop))).Kind.Should().Be(FailureKind.InvalidConfiguration);
        await File.WriteAllTextAsync(_fixture.PathOf("backend"), "#!/bin/sh\n", Stop);

        var failure = await FailureOf(_fixture.Open(Set).SetAsync(Id, current, Stop));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.InvalidConfiguration, Effect.Rejected));
    }

    [Fact]
    public void The_idle_slot_gets_the_new_value()
    {
        using var current = Content("a", "old-value");
        using var generated = Content("a", Value);

        using var staged = _fixture.Open(Set).Prepare(current, generated);

        _fixture.Open(Set).SlotOf(staged).Should().Be(new SlotId("b"));
        Text(staged).Should().Contain("4c1d").And.Contain("1433");
    }

    // A process that was killed is gone a moment later. By itself it would end after a minute.
    private async Task EndAsync(string file)
    {
        var id = await File.ReadAllTextAsync(_fixture.PathOf(file), Stop);
        for (var looks = 0; Runs(id); looks++)
        {
            looks.Should().BeLessThan(1_000, "it runs on");
            await Task.Delay(10, Stop);
        }
    }

    private static bool Runs(string id) => File.Exists($"/proc/{id.Trim()}/stat")
        && !File.ReadAllText($"/proc/{id.Trim()}/stat").Contains(") Z", StringComparison.Ordinal);

    private static async Task<RemoteFailureException> FailureOf(Task call) =>
        (await FluentActions.Awaiting(() => call).Should().ThrowAsync<RemoteFailureException>()).Which;
}
