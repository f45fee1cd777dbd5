using SecretRotator.Tests.Output;

namespace SecretRotator.Tests.Commands;

public sealed class VersionsCommandTests : IDisposable
{
    private static readonly VersionId Current = new("4c9cce31-6a43-8f0e-9d63-2f6f5a0f3b11");

    private readonly CommandFixture _run = new();

    public VersionsCommandTests() => _run.Sessions.Versions =
    [
        new(Current, Samples.Now, VersionPlace.Current) { Rotation = new(Current.Value), DeliveredAt = Samples.Now },
        new(new("eabf858d-6a43-4f0e-9d63-2f6f5a0f3b11"), Samples.Now - Duration.FromDays(30), VersionPlace.Previous),
        new(new("eabf858d-7777-4f0e-9d63-2f6f5a0f3b11"), Samples.Now - Duration.FromDays(60), VersionPlace.Older),
    ];

    [Theory]
    [InlineData("versions")]
    [InlineData("rollback")]
    public async Task They_are_listed_and_nothing_is_rolled_back(string command)
    {
        (await _run.RunAsync(command, "payments-db")).Should().Be(0);

        _run.Sessions.RolledBack.Should().BeNull();
        _run.Out.Should().MatchRegex("4c9cce31 .* 4c9cce31 .* current .* 2026-").And.MatchRegex("eabf858d-6 .* - .* previous .* no record")
            .And.Contain("secret-rotator rollback payments-db --to VERSION --reason TEXT");
        _run.Out.Split('\n').Should().OnlyContain(line => line.Length <= 80);
        (await _run.RunAsync(command, "payment-db")).Should().Be(2);
    }

    [Fact]
    public async Task It_says_what_was_delivered_what_is_open_and_until_when_it_is_held()
    {
        _run.Sessions.Description = Samples.Description with
        {
            Open = Samples.Open,
            Grace = new(new("eabf858d-6a43-4f0e-9d63-2f6f5a0f3b11"), Samples.Now, new("r")),
            Hold = new(Samples.Now + Duration.FromDays(1), new("r"), "the new one is refused"),
        };

        (await _run.RunAsync("versions", "payments-db")).Should().Be(0);

        _run.Out.Should().Contain(
            """
              Targets   payments-api:DB_PASSWORD
              Delivered 4c9cce31 at 2026-11-24 01:30 UTC, listed, to targets with the digest
                        0123456789abcdef
              Open      a rotation of pipeline acme/secret-rotator #17 since 2026-11-23
                        22:30 UTC; a rollback waits for its end
              In grace  eabf858d-6 since 2026-11-24 01:30 UTC: valid until a run retires it
              Hold      held until 2026-11-25 01:30 UTC (in 1 d) by a rollback: the new one
                        is refused

            """);
    }

    [Fact]
    public async Task It_says_that_there_is_nothing_to_roll_back_to()
    {
        _run.Sessions.Versions = [.. _run.Sessions.Versions.Take(1)];

        await _run.RunAsync("versions", "payments-db");

        _run.Out.Should().Contain("There is no version that a rollback takes").And.NotContain("--to");
    }

    public void Dispose() => _run.Dispose();
}
