namespace SecretRotator.Tests.Contracts;

public abstract partial class VaultContract
{
    [Fact]
    public async Task A_version_left_in_grace_is_told_and_still_read()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();

        var (claim, mark) = await RotateInGraceAsync(vault, version);

        (await Vault.Connect().DescribeAsync(Path, Stop)).Grace.Should().Be(new GraceMark(version, mark.DeliveredAt, claim.Rotation));
        Vault.IsRetired(Path, version).Should().BeFalse();
        using var read = await vault.ReadAsync(Path, version, Stop);
        read.Value.RevealText().Should().Be(Old);
    }

    [Fact]
    public async Task A_rotation_that_leaves_nothing_in_grace_tells_of_none()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        await RotateWholeAsync(vault, version);

        (await vault.DescribeAsync(Path, Stop)).Grace.Should().BeNull();
        Vault.IsRetired(Path, version).Should().BeFalse();
    }

    [Fact]
    public async Task A_retired_version_is_out_of_use_and_forgotten_and_retiring_may_be_repeated()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var (_, mark) = await RotateInGraceAsync(vault, version);
        var claim = await StagedAsync(vault, mark.Version, number: 2);

        await vault.RetireAsync(claim, version, Stop);
        await Vault.Connect().RetireAsync(claim, version, Stop);
        await vault.DiscardAsync(claim, Stop);

        Vault.IsRetired(Path, version).Should().BeTrue();
        var view = Vault.Look(Path);
        (view.Current, view.Version, view.Delivered, view.Claimed).Should().Be((New, mark.Version, mark with { InGrace = null }, false));
        view.Traces.Should().BeEmpty();
        (await Vault.Connect().DescribeAsync(Path, Stop)).Grace.Should().BeNull();
    }

    [Fact]
    public async Task The_current_version_is_never_retired()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version);
        var before = Vault.Look(Path);

        try
        {
            await vault.RetireAsync(claim, version, Stop);
        }
        catch (RemoteFailureException refused)
        {
            (refused.Kind, refused.Effect).Should().Be((FailureKind.Conflict, Effect.Rejected));
        }

        Vault.IsRetired(Path, version).Should().BeFalse();
        Vault.Look(Path).Should().BeEquivalentTo(before);
    }

    [Fact]
    public async Task A_staged_version_is_never_retired()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version);

        await vault.RetireAsync(claim, new VersionId(claim.Rotation.Value), Stop);

        (await StagedValueAsync(Vault.Connect(), claim)).Should().Be(New);
    }

    [Fact]
    public async Task A_delivery_of_the_current_version_keeps_the_grace_of_the_one_before()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var (rotated, mark) = await RotateInGraceAsync(vault, version);
        var claim = await StagedAsync(vault, mark.Version, number: 2);

        await vault.FinishAsync(claim, MarkOf(mark.Version, claim.Rotation), promoted: false, Stop);

        (await vault.DescribeAsync(Path, Stop)).Grace.Should().Be(new GraceMark(version, mark.DeliveredAt, rotated.Rotation));
    }

    [Fact]
    public async Task A_rotation_that_died_before_its_finish_leaves_its_grace_to_whoever_finishes_it()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var dead = await StagedAsync(vault, version);
        var promoted = await vault.PromoteAsync(dead, MarkOf(default, dead.Rotation) with { InGrace = version }, Stop);
        var open = (await vault.DescribeAsync(Path, Stop)).Open!;

        var claim = (await ContendAsync(2, version, open)).Should().BeOfType<ClaimResult.Won>().Subject.Claim;
        await Vault.Connect().FinishAsync(claim, MarkOf(promoted, claim.Rotation) with { InGrace = version }, promoted: true, Stop);

        (await Vault.Connect().DescribeAsync(Path, Stop)).Grace?.Version.Should().Be(version);
    }

    [Fact]
    public async Task A_retirement_whose_answer_is_lost_is_done_by_doing_it_again()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var (_, mark) = await RotateInGraceAsync(vault, version);
        var claim = await StagedAsync(vault, mark.Version, number: 2);
        Vault.Fault($"{Vault.RetireOperation}#1=lost");

        try
        {
            await vault.RetireAsync(claim, version, Stop);
        }
        catch (RemoteFailureException unclear)
        {
            unclear.Effect.Should().Be(Effect.Unknown);
            await vault.RetireAsync(claim, version, Stop);
        }

        Vault.IsRetired(Path, version).Should().BeTrue();
    }

    [Fact]
    public async Task A_retirement_that_is_refused_leaves_the_version_and_its_mark()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var (_, mark) = await RotateInGraceAsync(vault, version);
        var claim = await StagedAsync(vault, mark.Version, number: 2);
        Vault.Fault($"{Vault.RetireOperation}=403");

        var failure = await FailureOfAsync(() => vault.RetireAsync(claim, version, Stop));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.AccessDenied, Effect.Rejected));
        Vault.Heal();
        Vault.IsRetired(Path, version).Should().BeFalse();
        (await vault.DescribeAsync(Path, Stop)).Grace?.Version.Should().Be(version);
    }

    [Fact]
    public async Task Retiring_costs_what_the_plan_says()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var (_, mark) = await RotateInGraceAsync(vault, version);
        var claim = await StagedAsync(vault, mark.Version, number: 2);
        var calls = Vault.Calls;

        await vault.RetireAsync(claim, version, Stop);

        (Vault.Calls - calls).Should().Be(vault.Costs.Retire);
    }

    [Fact]
    public async Task A_whole_retirement_costs_no_more_than_a_delivery()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var (_, mark) = await RotateInGraceAsync(vault, version);
        var (calls, claimCalls) = (Vault.Calls, Vault.ClaimCalls);

        using var current = await vault.ReadAsync(Path, mark.Version, Stop);
        var claim = await DescribedClaimAsync(vault, Request(2, mark.Version, current.Value));
        await vault.RetireAsync(claim, version, Stop);
        await vault.DiscardAsync(claim, Stop);

        (Vault.Calls - calls - (Vault.ClaimCalls - claimCalls)).Should().BeLessThanOrEqualTo(vault.Costs.Deliver);
    }

    /// <summary>A whole rotation that leaves the version before in its grace.</summary>
    private async Task<(Claim Claim, DeliveryMark Mark)> RotateInGraceAsync(ISecretVault vault, VersionId version)
    {
        var claim = await StagedAsync(vault, version);
        var mark = MarkOf(default, claim.Rotation) with { InGrace = version };
        mark = mark with { Version = await vault.PromoteAsync(claim, mark, Stop) };
        await vault.FinishAsync(claim, mark, promoted: true, Stop);
        return (claim, mark);
    }
}
