using NodaTime.Testing;

namespace SecretRotator.Tests.Contracts;

public abstract partial class VaultContract
{
    private static readonly Instant LeaseEnd = Start + Duration.FromMinutes(30);

    private VersionId _oldest;

    /// <summary>What a holder does under its claim.</summary>
    public static TheoryData<string> Acts => ["promote", "finish", "retire", "discard"];

    [Theory]
    [MemberData(nameof(Acts))]
    public async Task Nothing_is_changed_once_the_lease_is_over(string act)
    {
        var (vault, claim) = await LeasedAsync(new FakeClock(LeaseEnd));
        var (before, writes) = (Vault.Look(Path), Vault.Writes);

        await FluentActions.Awaiting(() => DoAsync(vault, claim, act)).Should().ThrowAsync<LeaseOverException>();

        Vault.Look(Path).Should().BeEquivalentTo(before);
        Vault.Writes.Should().Be(writes);
    }

    [Theory]
    [MemberData(nameof(Acts))]
    public async Task No_second_try_is_made_once_the_lease_is_over(string act)
    {
        // Each look at the clock is an hour later: the machine slept while it waited.
        var (vault, claim) = await LeasedAsync(new FakeClock(LeaseEnd - Duration.FromMinutes(1), Duration.FromHours(1)));
        foreach (var operation in Vault.WriteOperations)
            Vault.Fault($"{operation}#1..=429");
        var writes = Vault.Writes;

        await FluentActions.Awaiting(() => DoAsync(vault, claim, act)).Should().ThrowAsync<LeaseOverException>();

        (Vault.Writes - writes).Should().Be(1);
    }

    private async Task<(ISecretVault Vault, Claim Claim)> LeasedAsync(FakeClock clock)
    {
        _oldest = Vault.Seed(Path, Old);
        var version = Vault.RotateElsewhere(Path, "between-Value-55");
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version);
        return (vault, claim with { Lease = new Lease(clock, LeaseEnd) });
    }

    private Task DoAsync(ISecretVault vault, Claim claim, string act) => act switch
    {
        "promote" => vault.PromoteAsync(claim, MarkOf(default, claim.Rotation), Stop),
        "finish" => vault.FinishAsync(claim, MarkOf(claim.Base, claim.Rotation), promoted: false, Stop),
        "retire" => vault.RetireAsync(claim, _oldest, Stop),
        _ => vault.DiscardAsync(claim, Stop),
    };
}
