namespace SecretRotator.Tests.Contracts;

public abstract partial class VaultContract
{
    private static readonly VariableTarget Deleted = new(
        new VariableScope.Repository("acme", "payments-api"), "DB_PASSWORD", null, MayCreate: false);

    [Fact]
    public async Task A_delivery_that_was_begun_is_told_to_any_machine_after_its_claim_is_gone()
    {
        var version = Vault.Seed(Path, Old);
        var (vault, mark) = await BeginDeliveryAsync(version);

        var seen = await Vault.Connect().DescribeAsync(Path, Stop);

        (seen.Delivering, seen.Open, seen.Current).Should().Be((mark, null, version));
        seen.Delivering!.Deletes(Deleted).Should().BeTrue();
        Vault.Look(Path).Traces.Should().BeEmpty();
        vault.Should().NotBeNull();
    }

    [Fact]
    public async Task It_is_told_whatever_version_becomes_current()
    {
        var (_, mark) = await BeginDeliveryAsync(Vault.Seed(Path, Old));
        Vault.RotateElsewhere(Path, "elsewhere");

        (await Vault.Connect().DescribeAsync(Path, Stop)).Delivering.Should().Be(mark);
    }

    [Fact]
    public async Task A_later_one_takes_its_place()
    {
        var version = Vault.Seed(Path, Old);
        await BeginDeliveryAsync(version);
        var (_, mark) = await BeginDeliveryAsync(version, number: 2);

        (await Vault.Connect().DescribeAsync(Path, Stop)).Delivering.Should().Be(mark);
    }

    [Fact]
    public async Task A_mark_that_is_written_late_leaves_that_of_the_next_delivery_as_it_is()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        using var current = await vault.ReadAsync(Path, version, Stop);
        var late = await DescribedClaimAsync(vault, Request(1, version, current.Value));
        await vault.DiscardAsync(late, Stop);
        var next = await DescribedClaimAsync(vault, Request(2, version, current.Value));
        await vault.MarkDeliveringAsync(next, DeliveringOf(next), Stop);
        try
        {
            await vault.MarkDeliveringAsync(late, DeliveringMark.Of(late.Rotation, late.At, []), Stop);
        }
        catch (RemoteFailureException refused) when (refused.Effect == Effect.Rejected)
        {
            // A vault with a compare-and-set takes no mark of a claim that has ended.
        }

        await vault.DiscardAsync(next, Stop);

        (await Vault.Connect().DescribeAsync(Path, Stop)).Delivering!.Deletes(Deleted).Should().BeTrue();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_delivery_that_is_recorded_takes_its_mark_away(bool movedOn)
    {
        var version = Vault.Seed(Path, Old);
        await BeginDeliveryAsync(version);
        version = movedOn ? Vault.RotateElsewhere(Path, "elsewhere") : version;
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version, number: 2);

        await vault.FinishAsync(claim, MarkOf(version, claim.Rotation) with { EndsDelivering = true }, promoted: false, Stop);

        var seen = await Vault.Connect().DescribeAsync(Path, Stop);
        (seen.Delivering, seen.Delivered?.Rotation).Should().Be((null, claim.Rotation));
    }

    [Fact]
    public async Task A_rotation_that_creates_what_was_deleted_takes_the_mark_away()
    {
        var version = Vault.Seed(Path, Old);
        await BeginDeliveryAsync(version);
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version, number: 2);
        var mark = MarkOf(default, claim.Rotation) with { EndsDelivering = true };

        mark = mark with { Version = await vault.PromoteAsync(claim, mark, Stop) };
        await vault.FinishAsync(claim, mark, promoted: true, Stop);

        (await Vault.Connect().DescribeAsync(Path, Stop)).Delivering.Should().BeNull();
    }

    [Fact]
    public async Task Marking_a_delivery_keeps_the_record_of_the_last_one_and_costs_what_the_plan_says()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        await RotateWholeAsync(vault, version);
        var before = await vault.DescribeAsync(Path, Stop);
        var claim = await StagedAsync(vault, before.Current, number: 2);
        var calls = Vault.Calls;

        await vault.MarkDeliveringAsync(claim, DeliveringOf(claim), Stop);

        (Vault.Calls - calls).Should().Be(vault.Costs.MarkDelivering);
        (await vault.DescribeAsync(Path, Stop)).Delivered.Should().Be(before.Delivered);
    }

    [Fact]
    public async Task A_mark_that_is_refused_is_told_as_refused()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version);
        Vault.Fault($"{Vault.MarkOperation}=403");

        (await FailureOfAsync(() => vault.MarkDeliveringAsync(claim, DeliveringOf(claim), Stop))).Effect.Should().Be(Effect.Rejected);
        Vault.Heal();
        (await vault.DescribeAsync(Path, Stop)).Delivering.Should().BeNull();
    }

    private static DeliveringMark DeliveringOf(Claim claim) => DeliveringMark.Of(claim.Rotation, claim.At, [Deleted]);

    // A delivery that marks what it deletes, and is cut short.
    private async Task<(ISecretVault Vault, DeliveringMark Mark)> BeginDeliveryAsync(VersionId version, int number = 1)
    {
        var vault = Vault.Connect();
        using var current = await vault.ReadAsync(Path, version, Stop);
        var claim = await DescribedClaimAsync(vault, Request(number, version, current.Value));
        var mark = DeliveringOf(claim);
        await vault.MarkDeliveringAsync(claim, mark, Stop);
        await vault.DiscardAsync(claim, Stop);
        return (vault, mark);
    }
}
