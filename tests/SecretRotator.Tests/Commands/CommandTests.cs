using SecretRotator.Evidence;
using SecretRotator.Planning;
using SecretRotator.Tests.Output;
using SecretRotator.Vaults;
using SecretRotator.Verification;

namespace SecretRotator.Tests.Commands;

public sealed class CommandTests : IDisposable
{
    private readonly CommandFixture _run = new();

    [Fact]
    public async Task A_plan_answers_0_even_if_something_is_due()
    {
        _run.World.Plan = Samples.PlanOf([new Decision.Due(Samples.Now)]);

        (await _run.RunAsync("plan")).Should().Be(0);
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 6)]
    public async Task A_plan_with_exit_code_answers_3_for_due_and_6_for_blocked(bool blocked, int expected)
    {
        _run.World.Plan = Samples.PlanOf(blocked ? [new Decision.Due(Samples.Now), new Decision.Blocked(FailureKind.Other, "x", "y")] : [new Decision.Due(Samples.Now)]);

        (await _run.RunAsync("plan", "--exit-code")).Should().Be(expected);
    }

    [Fact]
    public async Task A_plan_hands_its_options_on()
    {
        await _run.RunAsync("plan", "--only", "payments-db", "grid-api", "--force", "payments-db", "--reason", " leaked ", "--adopt", "--take-over", "grid-api", "--shard", "2/3", "--now", "2026-11-24T02:30:00+01:00", "--parallelism", "3");

        _run.World.Requests.Single().Should().BeEquivalentTo(new PlanRequest
        {
            Only = ["payments-db", "grid-api"],
            Force = ["payments-db"],
            ForceReason = "leaked",
            ForcedBy = _run.World.Requests.Single().ForcedBy,
            Adopt = true,
            TakeOver = ["grid-api"],
            Shard = (2, 3),
        });
        _run.World.Requests.Single().ForcedBy.Should().NotBeEmpty();
        _run.World.Opened.Single().Now.Should().Be(Samples.Now);
        _run.World.Opened.Single().Settings.Parallelism.Should().Be(3);
        _run.World.Opened.Single().SandboxRun.Should().BeNull();
    }

    [Fact]
    public async Task A_rehearsal_hands_its_faults_on()
    {
        await _run.RunAsync("rotate", "--sandbox", "--fault", "bitbucket.put#1=503", "--fault", "azure.PutSecret=kill", "--now", "2026-11-24T01:30:00Z");

        _run.World.Opened.Single().SandboxRun!.Faults.Should().Equal("bitbucket.put#1=503", "azure.PutSecret=kill");
        _run.World.Opened.Single().SandboxRun!.Now.Should().Be(Samples.Now);
    }

    [Fact]
    public async Task A_saved_plan_is_acted_on_with_its_request_and_its_digest()
    {
        _run.World.Plan = Samples.PlanOf([new Decision.Due(Samples.Now)]);
        var path = _run.PathOf("plan.json");
        (await _run.RunAsync("plan", "--only", "payments-db", "--shard", "1/2", "--out", path)).Should().Be(0);
        string? digest = null;
        _run.World.Run = (_, expected, _) =>
        {
            digest = expected;
            return Samples.RunOf([]);
        };

        (await _run.RunAsync("rotate", "--plan", path)).Should().Be(0);

        digest.Should().Be(_run.World.Plan.Digest);
        _run.World.Requests[1].Should().BeEquivalentTo(_run.World.Requests[0]);
    }

    [Fact]
    public async Task A_plan_that_changed_answers_6_and_says_what_to_do()
    {
        _run.World.Run = (_, _, _) => throw new PlanChangedException(new string('a', 64), new string('b', 64));

        (await _run.RunAsync("rotate")).Should().Be(6);

        _run.Error.Should().Contain("plan --out").And.Contain("Nothing was done");
        _run.World.Ended.Should().Equal(ExitCode.Blocked);
    }

    [Fact]
    public async Task A_plan_that_changed_says_what_did()
    {
        var plan = System.IO.Path.Combine(Directory.CreateTempSubdirectory("rotator-").FullName, "plan.json");
        _run.World.Plan = Samples.Plan.Plan with { MakeParts = () => Parts("not-due") };
        await _run.RunAsync("plan", "--out", plan);
        _run.World.Run = (_, _, _) => throw new PlanChangedException(new string('a', 64), new string('b', 64)) { Now = Parts("due") };

        (await _run.RunAsync("rotate", "--plan", plan)).Should().Be(6);

        System.Text.RegularExpressions.Regex.Replace(_run.Error, @"\s+", " ").Should().Contain("What changed: payments-db: not-due then, due now.");
        Directory.Delete(System.IO.Path.GetDirectoryName(plan)!, recursive: true);

        static PlanParts Parts(string decision) => new(System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("payments-db: decision", decision));
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
        _run.World.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[outcome]]);

        (await _run.RunAsync("rotate", "--output", "json")).Should().Be(expected);

        _run.World.Ended.Should().Equal((ExitCode)expected);
        _run.Json.GetProperty("exitCode").GetInt32().Should().Be(expected);
    }

    [Fact]
    public async Task Evidence_that_can_not_be_closed_is_told_and_answers_1()
    {
        _run.World.EndFails = new EvidenceException("The disk is full.");

        (await _run.RunAsync("rotate")).Should().Be(1);

        _run.Out.Should().Contain("The evidence is incomplete: The disk is full.");
    }

    [Fact]
    public async Task Something_that_nobody_foresaw_answers_1_without_a_stack_trace_or_the_library_s_text()
    {
        _run.World.Run = (_, _, _) => throw new InvalidOperationException("holds hunter2");

        (await _run.RunAsync("rotate")).Should().Be(1);

        _run.Error.Should().Contain("InvalidOperationException").And.NotContain("hunter2").And.NotContain("   at ");
        _run.World.Ended.Should().Equal(ExitCode.Unexpected);
        _run.World.Stopped.Should().ContainSingle().Which!.Message.Should().Contain("InvalidOperationException").And.NotContain("hunter2");
    }

    [Fact]
    public async Task The_debug_log_tells_where_it_happened_and_still_no_library_s_text()
    {
        _run.World.Run = (_, _, _) => throw new RemoteFailureException(FailureKind.Other, Effect.Unknown, "Bitbucket is away", "Wait.", new InvalidOperationException("holds hunter2"));

        (await _run.RunAsync("rotate", "--log-level", "debug")).Should().Be(1);

        _run.Error.Should().Contain("System.InvalidOperationException").And.Contain("Bitbucket is away").And.NotContain("hunter2");
    }

    [Fact]
    public async Task A_run_that_was_stopped_while_it_looked_answers_130()
    {
        _run.World.Run = (_, _, _) => throw new OperationCanceledException();

        (await _run.RunAsync("rotate")).Should().Be(130);
    }

    [Fact]
    public async Task Drift_answers_3_and_none_answers_0()
    {
        (await _run.RunAsync("verify")).Should().Be(0);
        _run.World.Findings = [new DriftFinding("payments-db", null, DriftKind.Unknown, "The vault doesn't answer.", "Try again.")];

        (await _run.RunAsync("verify")).Should().Be(3);
    }

    [Fact]
    public async Task A_variable_that_nobody_manages_is_named_and_is_no_drift()
    {
        _run.World.Unmanaged = [new UnmanagedVariable(new SecretRotator.Inventory.VariableScope.Repository("acme", "payments-api"), "DEPLOY_TOKEN")];

        (await _run.RunAsync("verify")).Should().Be(0);
        _run.Out.Should().Contain("payments-api:DEPLOY_TOKEN");
    }

    [Fact]
    public async Task A_rollback_hands_its_version_and_reason_on()
    {
        _run.World.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[0]]);

        (await _run.RunAsync("rollback", "payments-db", "--to", "v7", "--reason", "the new one is refused")).Should().Be(0);

        _run.World.RolledBack.Should().BeEquivalentTo(new { Secret = "payments-db", To = "v7", Reason = "the new one is refused", Hold = (NodaTime.Duration?)null });
        _run.World.Opened.Single().Command.Should().Be("rollback");
    }

    [Fact]
    public async Task A_rollback_hands_on_for_how_long_it_holds()
    {
        _run.World.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[0]]);

        (await _run.RunAsync("rollback", "payments-db", "--to", "previous", "--hold", "2w", "--reason", "why")).Should().Be(0);

        _run.World.RolledBack!.Hold.Should().Be(NodaTime.Duration.FromDays(14));
    }

    [Fact]
    public async Task A_rollback_without_a_version_lists_them_and_rolls_nothing_back()
    {
        _run.World.Versions =
        [
            new(new("4c9cce31-6a43-8f0e-9d63-2f6f5a0f3b11"), Samples.Now, VersionPlace.Current) { Rotation = new("4c9cce31-6a43-8f0e-9d63-2f6f5a0f3b11"), DeliveredAt = Samples.Now },
            new(new("eabf858d-6a43-4f0e-9d63-2f6f5a0f3b11"), Samples.Now - NodaTime.Duration.FromDays(30), VersionPlace.Previous),
            new(new("eabf858d-7777-4f0e-9d63-2f6f5a0f3b11"), Samples.Now - NodaTime.Duration.FromDays(60), VersionPlace.Older),
        ];

        (await _run.RunAsync("rollback", "payments-db")).Should().Be(0);

        _run.World.RolledBack.Should().BeNull();
        _run.Out.Should().MatchRegex("4c9cce31 .* 4c9cce31 .* current .* 2026-").And.MatchRegex("eabf858d-6 .* - .* previous .* no record")
            .And.Contain("secret-rotator rollback payments-db --to VERSION --reason TEXT");
        _run.Out.Split('\n').Should().OnlyContain(line => line.Length <= 80);
    }

    public void Dispose() => _run.Dispose();
}
