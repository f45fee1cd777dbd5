using SecretRotator.Verification;

namespace SecretRotator.Tests.Commands;

public sealed class VerifyCommandTests : IDisposable
{
    private readonly CommandFixture _run = new();

    [Fact]
    public async Task Drift_answers_3_and_none_answers_0()
    {
        (await _run.RunAsync("verify")).Should().Be(0);
        _run.Sessions.Findings = [new DriftFinding("payments-db", null, DriftKind.Unknown, "The vault doesn't answer.", "Try again.")];

        (await _run.RunAsync("verify")).Should().Be(3);
    }

    [Fact]
    public async Task A_variable_that_no_one_manages_is_named_and_is_no_drift()
    {
        _run.Sessions.Unmanaged =
        [
            new UnmanagedVariable(new SecretRotator.Inventory.VariableScope.Repository("acme", "payments-api"), "DEPLOY_TOKEN"),
        ];

        (await _run.RunAsync("verify")).Should().Be(0);
        _run.Out.Should().Contain("payments-api:DEPLOY_TOKEN");
    }

    public void Dispose() => _run.Dispose();
}
