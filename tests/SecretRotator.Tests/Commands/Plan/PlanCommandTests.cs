using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

public sealed class PlanCommandTests : IDisposable
{
    private readonly CommandFixture _run = new();

    [Fact]
    public async Task A_plan_answers_0_even_if_something_is_due()
    {
        _run.Sessions.Plan = Samples.PlanOf([new Decision.Due(Samples.Now)]);

        (await _run.RunAsync("plan")).Should().Be(0);
    }

    [Theory]
    [InlineData(false, 3)]
    [InlineData(true, 6)]
    public async Task A_plan_with_exit_code_answers_3_for_due_and_6_for_blocked(bool blocked, int expected)
    {
        _run.Sessions.Plan = Samples.PlanOf(
            blocked ? [new Decision.Due(Samples.Now), new Decision.Blocked(FailureKind.Other, "x", "y")] : [new Decision.Due(Samples.Now)]);

        (await _run.RunAsync("plan", "--exit-code")).Should().Be(expected);
    }

    [Fact]
    public async Task A_plan_hands_its_options_on()
    {
        await _run.RunAsync(
            "plan", "--only", "payments-db", "grid-api", "--force", "payments-db", "--reason", " leaked ", "--adopt", "--take-over",
            "grid-api", "--shard", "2/3", "--now", "2026-11-24T02:30:00+01:00", "--parallelism", "3");

        _run.Sessions.Requests.Single().Should().BeEquivalentTo(new PlanRequest
        {
            Only = ["payments-db", "grid-api"],
            Force = ["payments-db"],
            ForceReason = "leaked",
            ForcedBy = _run.Sessions.Requests.Single().ForcedBy,
            Adopt = true,
            TakeOver = ["grid-api"],
            Shard = (2, 3),
        });
        _run.Sessions.Requests.Single().ForcedBy.Should().NotBeEmpty();
        _run.Sessions.Opened.Single().Now.Should().Be(Samples.Now);
        _run.Sessions.Opened.Single().Settings.Parallelism.Should().Be(3);
        _run.Sessions.Opened.Single().SandboxRun.Should().BeNull();
    }

    public void Dispose() => _run.Dispose();
}
