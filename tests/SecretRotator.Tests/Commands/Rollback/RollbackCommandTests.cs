using SecretRotator.Tests.Output;
using SecretRotator.Vaults;

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

    [Fact]
    public async Task A_rollback_without_a_version_lists_them_and_rolls_nothing_back()
    {
        _run.Sessions.Versions =
        [
            new(new("4c9cce31-6a43-8f0e-9d63-2f6f5a0f3b11"), Samples.Now, VersionPlace.Current) { Rotation =
                new("4c9cce31-6a43-8f0e-9d63-2f6f5a0f3b11"), DeliveredAt = Samples.Now },
            new(new("eabf858d-6a43-4f0e-9d63-2f6f5a0f3b11"), Samples.Now - NodaTime.Duration.FromDays(30), VersionPlace.Previous),
            new(new("eabf858d-7777-4f0e-9d63-2f6f5a0f3b11"), Samples.Now - NodaTime.Duration.FromDays(60), VersionPlace.Older),
        ];

        (await _run.RunAsync("rollback", "payments-db")).Should().Be(0);

        _run.Sessions.RolledBack.Should().BeNull();
        _run.Out.Should().MatchRegex("4c9cce31 .* 4c9cce31 .* current .* 2026-").And.MatchRegex("eabf858d-6 .* - .* previous .* no record")
            .And.Contain("secret-rotator rollback payments-db --to VERSION --reason TEXT");
        _run.Out.Split('\n').Should().OnlyContain(line => line.Length <= 80);
    }

    public void Dispose() => _run.Dispose();
}
