using SecretRotator.Rotation;
using SecretRotator.Tests.Output;
using SecretRotator.Verification;

namespace SecretRotator.Tests.Commands;

/// <summary>Faults that rotation tools are known for, in what a command asks for and what it answers. Each test is named after what must
/// not happen here.</summary>
public sealed class FaultsOfOthersAnswersTests : IDisposable
{
    private readonly CommandFixture _run = new();

    [Fact]
    public async Task A_run_with_failures_does_not_exit_with_0()
    {
        var failures = Samples.Outcomes.Where(
            o => o is RotationOutcome.RolledBack or RotationOutcome.NeedsOperator
                or RotationOutcome.Untouched { Decision: Decision.Blocked }).ToList();
        failures.Should().HaveCountGreaterThan(3);
        foreach (var failure in failures)
        {
            _run.Sessions.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[0], failure, Samples.Outcomes[0]]);

            (await _run.RunAsync("rotate")).Should().NotBe(0, failure.ToString());
        }
    }

    [Fact]
    public async Task A_check_that_found_something_does_not_exit_with_0()
    {
        foreach (var kind in Enum.GetValues<DriftKind>())
        {
            _run.Sessions.Findings = [new DriftFinding("payments-db", null, kind, "What was found.", "What to do.")];

            (await _run.RunAsync("verify")).Should().NotBe(0, kind.ToString());
        }
    }

    [Fact]
    public async Task A_report_that_could_not_look_does_not_exit_with_0()
    {
        _run.Sessions.Findings = [new DriftFinding("payments-db", null, DriftKind.Unknown, "The vault doesn't answer.", "Try again.")];
        _run.Sessions.Plan = Samples.PlanOf([new Decision.Blocked(FailureKind.Other, "The vault doesn't answer.", "Try again.")]);

        (await _run.RunAsync("verify")).Should().NotBe(0);
        (await _run.RunAsync("plan", "--exit-code")).Should().NotBe(0);
    }

    [Fact]
    public async Task A_bare_rotate_forces_and_adopts_nothing()
    {
        await _run.RunAsync("rotate");

        _run.Sessions.Requests.Single().Should().BeEquivalentTo(PlanRequest.Everything);
    }

    [Fact]
    public async Task A_failed_undo_is_not_told_as_a_rollback()
    {
        _run.Sessions.Run = (
            _, _, _) => Samples.RunOf(
                [new RotationOutcome.NeedsOperator(
                    new(FailureKind.Other, "Bitbucket doesn't answer"), ["payments-api:DB_PASSWORD may hold the new value."])]);

        (await _run.RunAsync("rotate")).Should().Be((int)ExitCode.NeedsOperator);
        _run.Out.Should().Contain("payments-api:DB_PASSWORD may hold the new value.");
    }

    public void Dispose() => _run.Dispose();
}
