using SecretRotator.Evidence;
using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

public sealed class RotateCommandTests : IDisposable
{
    private readonly CommandFixture _run = new();

    [Fact]
    public async Task A_run_in_the_sandbox_hands_its_faults_on()
    {
        await _run.RunAsync(
            "rotate", "--sandbox", "--fault", "bitbucket.put#1=503", "--fault", "azure.PutSecret=kill", "--now", "2026-11-24T01:30:00Z");

        _run.Sessions.Opened.Single().SandboxRun!.Faults.Should().Equal("bitbucket.put#1=503", "azure.PutSecret=kill");
        _run.Sessions.Opened.Single().SandboxRun!.Now.Should().Be(Samples.Now);
    }

    [Fact]
    public async Task A_saved_plan_is_acted_on_with_its_request_and_its_digest()
    {
        _run.Sessions.Plan = Samples.PlanOf([new Decision.Due(Samples.Now)]);
        var path = _run.PathOf("plan.json");
        (await _run.RunAsync("plan", "--only", "payments-db", "--shard", "1/2", "--out", path)).Should().Be(0);
        string? digest = null;
        _run.Sessions.Run = (_, expected, _) =>
        {
            digest = expected;
            return Samples.RunOf([]);
        };

        (await _run.RunAsync("rotate", "--plan", path)).Should().Be(0);

        _run.Sessions.Opened[^1].Shards.Should().Be(2, "the plan was made for half of the calls");

        digest.Should().Be(_run.Sessions.Plan.Digest);
        _run.Sessions.Requests[1].Should().BeEquivalentTo(_run.Sessions.Requests[0]);
    }

    [Fact]
    public async Task A_plan_that_changed_answers_6_and_says_what_to_do()
    {
        _run.Sessions.Run = (_, _, _) => throw new PlanChangedException(new string('a', 64), new string('b', 64));

        (await _run.RunAsync("rotate")).Should().Be(6);

        _run.Error.Should().Contain("plan --out").And.Contain("Nothing was done");
        _run.Sessions.Ended.Should().Equal(ExitCode.Blocked);
    }

    [Fact]
    public async Task A_plan_that_changed_says_what_did()
    {
        var plan = System.IO.Path.Combine(Directory.CreateTempSubdirectory("rotator-").FullName, "plan.json");
        _run.Sessions.Plan = Samples.Plan.Plan with { MakeParts = () => Parts("not-due") };
        await _run.RunAsync("plan", "--out", plan);
        _run.Sessions.Run = (_, _, _) => throw new PlanChangedException(new string('a', 64), new string('b', 64)) { Now = Parts("due") };

        (await _run.RunAsync("rotate", "--plan", plan)).Should().Be(6);

        System.Text.RegularExpressions.Regex.Replace(_run.Error, @"\s+", " ").Should()
            .Contain("What changed: payments-db: not-due then, due now.");
        Directory.Delete(System.IO.Path.GetDirectoryName(plan)!, recursive: true);

        static PlanParts Parts(string decision) =>
            new(System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("payments-db: decision", decision));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 4)]
    [InlineData(5, 5)]
    [InlineData(6, 0)]
    [InlineData(7, 6)]
    [InlineData(8, 6)]
    public async Task A_run_answers_what_its_outcome_stands_for_and_closes_the_evidence_with_it(int outcome, int expected)
    {
        _run.Sessions.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[outcome]]);

        (await _run.RunAsync("rotate", "--output", "json")).Should().Be(expected);

        _run.Sessions.Ended.Should().Equal((ExitCode)expected);
        _run.Json.GetProperty("exitCode").GetInt32().Should().Be(expected);
    }

    [Fact]
    public async Task Evidence_that_can_not_be_closed_is_told_and_answers_1()
    {
        _run.Sessions.EndFails = new EvidenceException("The disk is full.");

        (await _run.RunAsync("rotate")).Should().Be(1);

        _run.Out.Should().Contain("The evidence is incomplete: The disk is full.");
    }

    [Fact]
    public async Task An_unexpected_error_answers_1_without_a_stack_trace_or_the_library_s_text()
    {
        _run.Sessions.Run = (_, _, _) => throw new InvalidOperationException("holds hunter2");

        (await _run.RunAsync("rotate")).Should().Be(1);

        _run.Error.Should().Contain("InvalidOperationException").And.NotContain("hunter2").And.NotContain("   at ");
        _run.Sessions.Ended.Should().Equal(ExitCode.Unexpected);
        _run.Sessions.Stopped.Should().ContainSingle().Which!.Message
            .Should().Contain("InvalidOperationException").And
            .NotContain("hunter2");
    }

    [Fact]
    public async Task The_debug_log_tells_where_it_happened_and_still_no_library_s_text()
    {
        _run.Sessions.Run = (
            _, _, _) => throw new RemoteFailureException(
                FailureKind.Other, Effect.Unknown, "Bitbucket is away", "Wait.", new InvalidOperationException("holds hunter2"));

        (await _run.RunAsync("rotate", "--log-level", "debug")).Should().Be(1);

        _run.Error.Should().Contain("System.InvalidOperationException").And.Contain("Bitbucket is away").And.NotContain("hunter2");
    }

    [Fact]
    public async Task A_run_that_was_stopped_while_it_looked_answers_130()
    {
        _run.Sessions.Run = (_, _, _) => throw new OperationCanceledException();

        (await _run.RunAsync("rotate")).Should().Be(130);
    }

    public void Dispose() => _run.Dispose();
}
