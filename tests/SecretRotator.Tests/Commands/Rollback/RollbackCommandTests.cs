using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

public sealed class RollbackCommandTests : IDisposable
{
    private readonly CommandFixture _run = new();

    [Fact]
    public async Task A_rollback_hands_its_version_and_reason_on()
    {
        _run.Sessions.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[0]]);

        (await _run.RunAsync("rollback", "payments-db", "--to", "v7", "--reason", "the new one is refused")).Should().Be(0);

        _run.Sessions.RolledBack.Should()
            .BeEquivalentTo(new { Secret = "payments-db", To = "v7", Reason = "the new one is refused", Hold = (NodaTime.Duration?)null });
        _run.Sessions.Opened.Single().Command.Should().Be("rollback");
    }

    [Fact]
    public async Task A_rollback_hands_on_for_how_long_it_holds()
    {
        _run.Sessions.Run = (_, _, _) => Samples.RunOf([Samples.Outcomes[0]]);

        (await _run.RunAsync("rollback", "payments-db", "--to", "previous", "--hold", "2w", "--reason", "why")).Should().Be(0);

        _run.Sessions.RolledBack!.Hold.Should().Be(NodaTime.Duration.FromDays(14));
    }

    public void Dispose() => _run.Dispose();
}
