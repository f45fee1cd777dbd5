namespace SecretRotator.Tests.Contracts;

public abstract partial class VaultContract
{
    [Fact]
    public async Task A_version_is_read_by_its_id()
    {
        var version = Vault.Seed(Path, Old);

        using var read = await Vault.Connect().ReadAsync(Path, version, Stop);

        (read.Id, read.Value.RevealText()).Should().Be((version, Old));
    }

    [Fact]
    public async Task An_old_version_is_still_read_after_a_rotation()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version);
        await vault.PromoteAsync(claim, MarkOf(default, claim.Rotation), Stop);

        using var read = await vault.ReadAsync(Path, version, Stop);

        read.Value.RevealText().Should().Be(Old);
    }

    [Fact]
    public async Task A_staged_value_is_not_what_readers_get()
    {
        var version = Vault.Seed(Path, Old);

        await StagedAsync(Vault.Connect(), version);

        (Vault.Look(Path).Current, Vault.Look(Path).Version).Should().Be((Old, version));
    }

    [Fact]
    public async Task Staging_twice_keeps_the_first_value()
    {
        var version = Vault.Seed(Path, Old);
        var claim = await StagedAsync(Vault.Connect(), version);
        var elsewhere = Vault.Connect();
        using var second = SecretValue.FromText("another-Candidate-5a");

        await elsewhere.StageAsync(claim, second, Stop);

        (await StagedValueAsync(elsewhere, claim)).Should().Be(New);
    }

    [Fact]
    public async Task Promotion_makes_the_staged_value_current_and_tells_its_version()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version);

        var promoted = await vault.PromoteAsync(claim, MarkOf(default, claim.Rotation), Stop);

        var view = Vault.Look(Path);
        (view.Current, view.Version).Should().Be((New, promoted));
        var described = await Vault.Connect().DescribeAsync(Path, Stop);
        (described.Current, described.CurrentRotation).Should().Be((promoted, claim.Rotation));
    }

    [Fact]
    public async Task Promotion_is_refused_when_current_moved_meanwhile()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version);
        var external = Vault.RotateElsewhere(Path, "external-Value-99");

        var failure = await FailureOfAsync(() => vault.PromoteAsync(claim, MarkOf(default, claim.Rotation), Stop));

        (failure.Kind, failure.Effect).Should().Be((FailureKind.Superseded, Effect.Rejected));
        (Vault.Look(Path).Current, Vault.Look(Path).Version).Should().Be(("external-Value-99", external));
        (await vault.DescribeAsync(Path, Stop)).Current.Should().Be(external);
    }

    [Fact]
    public async Task Promoting_again_changes_nothing_more()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version);
        var first = await vault.PromoteAsync(claim, MarkOf(default, claim.Rotation), Stop);
        var before = Vault.Look(Path);

        var second = await Vault.Connect().PromoteAsync(claim, MarkOf(default, claim.Rotation), Stop);

        second.Should().Be(first);
        Vault.Look(Path).Should().BeEquivalentTo(before);
    }

    [Fact]
    public async Task A_promoted_rotation_stays_open_until_it_is_finished()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version);
        await vault.PromoteAsync(claim, MarkOf(default, claim.Rotation), Stop);

        var open = (await Vault.Connect().DescribeAsync(Path, Stop)).Open;

        (open?.Id, open?.Base).Should().Be((claim.Rotation, version));
    }

    [Fact]
    public async Task A_promoted_rotation_can_be_taken_over_and_finished_by_another_machine()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var dead = await StagedAsync(vault, version);
        var promoted = await vault.PromoteAsync(dead, MarkOf(default, dead.Rotation), Stop);
        var open = (await vault.DescribeAsync(Path, Stop)).Open!;

        var claim = (await ContendAsync(2, version, open)).Should().BeOfType<ClaimResult.Won>().Subject.Claim;
        await Vault.Connect().FinishAsync(claim, MarkOf(promoted, claim.Rotation), promoted: true, Stop);

        var view = Vault.Look(Path);
        (view.Current, view.Delivered).Should().Be((New, MarkOf(promoted, claim.Rotation)));
        view.Traces.Should().BeEmpty();
    }

    [Fact]
    public async Task Finishing_records_the_delivery_and_clears_every_trace_and_may_be_repeated()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version);
        var promoted = await vault.PromoteAsync(claim, MarkOf(default, claim.Rotation), Stop);
        var mark = MarkOf(promoted, claim.Rotation);

        await vault.FinishAsync(claim, mark, promoted: true, Stop);
        await Vault.Connect().FinishAsync(claim, mark, promoted: true, Stop);

        var view = Vault.Look(Path);
        (view.Current, view.Claimed, view.Delivered).Should().Be((New, false, mark));
        view.Traces.Should().BeEmpty();
        view.Staged.Should().BeEmpty();
        var described = await Vault.Connect().DescribeAsync(Path, Stop);
        described.Should().Be(new SecretDescription(promoted, claim.Rotation, mark, null, new ForeignRotation.None()));
    }

    [Fact]
    public async Task Finishing_a_mere_delivery_drops_the_staged_value_and_keeps_current()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        using var candidate = SecretValue.FromText(Old);
        var claim = (await vault.ClaimAsync(Path, Request(1, version, candidate), Stop)).Should().BeOfType<ClaimResult.Won>().Subject.Claim;
        var mark = MarkOf(version, claim.Rotation);

        await vault.FinishAsync(claim, mark, promoted: false, Stop);

        var view = Vault.Look(Path);
        (view.Current, view.Version, view.Delivered).Should().Be((Old, version, mark));
        view.Traces.Should().BeEmpty();
    }

    [Fact]
    public async Task Discarding_leaves_current_and_clears_every_trace_and_may_be_repeated()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version);

        await vault.DiscardAsync(claim, Stop);
        await Vault.Connect().DiscardAsync(claim, Stop);

        var view = Vault.Look(Path);
        (view.Current, view.Version, view.Claimed, view.Delivered).Should().Be((Old, version, false, null));
        view.Traces.Should().BeEmpty();
        (await vault.DescribeAsync(Path, Stop)).Open.Should().BeNull();
    }

    [Fact]
    public async Task A_rotation_costs_what_the_plan_says()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        await vault.DescribeAsync(Path, Stop);
        (Vault.Calls - Vault.ClaimCalls).Should().Be(vault.Costs.Describe);
        var (calls, claimCalls) = (Vault.Calls, Vault.ClaimCalls);

        await RotateWholeAsync(vault, version);

        (Vault.ClaimCalls - claimCalls).Should().Be(vault.Costs.ClaimBitbucketCalls);
        (Vault.Calls - calls - (Vault.ClaimCalls - claimCalls)).Should().Be(vault.Costs.Rotate);
    }

    /// <summary>The calls of one undisturbed rotation, in the order of PROTOCOL.md.</summary>
    private async Task RotateWholeAsync(ISecretVault vault, VersionId version, bool stagesLater = false)
    {
        using var candidate = SecretValue.FromText(New);
        using var old = await vault.ReadAsync(Path, version, Stop);
        var request = Request(1, version, stagesLater ? old.Value : candidate) with { StagesLater = stagesLater };
        var claim = await DescribedClaimAsync(vault, request);
        await vault.StageAsync(claim, candidate, Stop);
        using var staged = await vault.ReadStagedAsync(claim, Stop);
        var promoted = await vault.PromoteAsync(claim, MarkOf(default, claim.Rotation), Stop);
        await vault.FinishAsync(claim, MarkOf(promoted, claim.Rotation), promoted: true, Stop);
    }
}
