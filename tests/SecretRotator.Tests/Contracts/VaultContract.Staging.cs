namespace SecretRotator.Tests.Contracts;

// A claim that stages nothing, and what is staged under it afterwards.
public abstract partial class VaultContract
{
    [Fact]
    public async Task A_claim_that_stages_later_stages_nothing_and_says_so()
    {
        var version = Vault.Seed(Path, Old);
        var claim = await ClaimedAsync(Vault.Connect(), version);

        var open = (await Vault.Connect().DescribeAsync(Path, Stop)).Open;

        open.Should().Be(new OpenRotation(Rotation(1), version, Contender(1), claim.At, Staged: false, claim.Handle));
        (await StagedValueAsync(Vault.Connect(), claim)).Should().BeNull();
        (Vault.Look(Path).Current, Vault.Look(Path).Version).Should().Be((Old, version));
    }

    [Fact]
    public async Task What_is_staged_after_the_claim_is_seen_by_any_machine_and_is_not_what_readers_get()
    {
        var version = Vault.Seed(Path, Old);
        var claim = await StagedLaterAsync(Vault.Connect(), version);

        var described = await Vault.Connect().DescribeAsync(Path, Stop);

        described.Open.Should().Be(new OpenRotation(Rotation(1), version, Contender(1), claim.At, Staged: true, claim.Handle));
        (await StagedValueAsync(Vault.Connect(), claim)).Should().Be(New);
        (Vault.Look(Path).Current, Vault.Look(Path).Version).Should().Be((Old, version));
    }

    [Fact]
    public async Task What_is_staged_after_the_claim_is_promoted_and_finished_and_leaves_no_trace()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await StagedLaterAsync(vault, version);

        var promoted = await EndAsync(vault, claim);

        var mark = MarkOf(promoted, claim.Rotation);
        var view = Vault.Look(Path);
        (view.Current, view.Claimed, view.Delivered).Should().Be((New, false, mark));
        view.Traces.Should().BeEmpty();
        (await Vault.Connect().DescribeAsync(Path, Stop)).Should()
            .Be(new SecretDescription(promoted, claim.Rotation, mark, null, new ForeignRotation.None()));
    }

    [Fact]
    public async Task Staging_twice_after_the_claim_keeps_the_first_value()
    {
        var version = Vault.Seed(Path, Old);
        var claim = await StagedLaterAsync(Vault.Connect(), version);
        var elsewhere = Vault.Connect();
        using var second = SecretValue.FromText("another-Candidate-5a");

        await elsewhere.StageAsync(claim, second, Stop);

        (await StagedValueAsync(elsewhere, claim)).Should().Be(New);
        await elsewhere.DiscardAsync(claim, Stop);
        Vault.Look(Path).Traces.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Discarding_a_claim_that_stages_later_leaves_current_and_no_trace_and_may_be_repeated(bool staged)
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = staged ? await StagedLaterAsync(vault, version) : await ClaimedAsync(vault, version);

        await vault.DiscardAsync(claim, Stop);
        await Vault.Connect().DiscardAsync(claim, Stop);

        var view = Vault.Look(Path);
        (view.Current, view.Version, view.Claimed).Should().Be((Old, version, false));
        view.Traces.Should().BeEmpty();
        (await StagedValueAsync(Vault.Connect(), claim)).Should().BeNull();
        (await ContendAsync(2, version, null)).Should().BeOfType<ClaimResult.Won>();
    }

    [Fact]
    public async Task A_holder_that_died_before_it_staged_leaves_nothing_to_resume()
    {
        var version = Vault.Seed(Path, Old);
        await ClaimedAsync(Vault.Connect(), version);
        var open = (await Vault.Connect().DescribeAsync(Path, Stop)).Open!;

        var heir = Vault.Connect();
        var claim = ((ClaimResult.Won)await ContendAsync(2, version, open)).Claim;

        var mine = (await heir.DescribeAsync(Path, Stop)).Open!;
        (mine.Id, mine.Handle, mine.Staged).Should().Be((Rotation(1), claim.Handle, false));
        (await StagedValueAsync(heir, claim)).Should().BeNull();
        await heir.DiscardAsync(claim, Stop);
        Vault.Look(Path).Traces.Should().BeEmpty();
    }

    [Fact]
    public async Task A_holder_that_died_after_it_staged_is_resumed_with_its_value()
    {
        var version = Vault.Seed(Path, Old);
        await StagedLaterAsync(Vault.Connect(), version);
        var open = (await Vault.Connect().DescribeAsync(Path, Stop)).Open!;

        var heir = Vault.Connect();
        var claim = ((ClaimResult.Won)await ContendAsync(2, version, open)).Claim;

        (claim.Rotation, claim.Base, await StagedValueAsync(heir, claim)).Should().Be((Rotation(1), version, New));
        await EndAsync(heir, claim);
        (Vault.Look(Path).Current, (await Vault.Connect().DescribeAsync(Path, Stop)).CurrentRotation).Should().Be((New, Rotation(1)));
        Vault.Look(Path).Traces.Should().BeEmpty();
    }

    [Fact]
    public async Task A_hold_comes_with_what_is_staged_after_the_claim()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        using var copy = SecretValue.FromText(Old);
        using var candidate = SecretValue.FromText(New);
        var claim = await DescribedClaimAsync(vault, Request(1, version, copy) with { StagesLater = true, Hold = Hold });
        await vault.StageAsync(claim, candidate, Stop);

        await EndAsync(vault, claim);

        (await Vault.Connect().DescribeAsync(Path, Stop)).Hold.Should().Be(Hold);
    }

    [Fact]
    public async Task A_contender_that_would_stage_later_and_loses_changes_nothing()
    {
        var version = Vault.Seed(Path, Old);
        await StagedAsync(Vault.Connect(), version, number: 2);
        var before = Vault.Look(Path);
        using var copy = SecretValue.FromText(Old);

        var result = await Vault.Connect().ClaimAsync(Path, Request(1, version, copy) with { StagesLater = true }, Stop);

        result.Should().BeOfType<ClaimResult.Lost>();

        Vault.Look(Path).Should().BeEquivalentTo(before);
    }

    [Fact]
    public async Task Nothing_is_staged_once_the_lease_is_over()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await ClaimedAsync(vault, version) with { Lease = new Lease(new NodaTime.Testing.FakeClock(LeaseEnd), LeaseEnd) };
        var writes = Vault.Writes;
        using var candidate = SecretValue.FromText(New);

        await vault.Awaiting(v => v.StageAsync(claim, candidate, Stop)).Should().ThrowAsync<LeaseOverException>();

        Vault.Writes.Should().Be(writes);
    }

    [Theory]
    [InlineData("lost")]
    [InlineData("503")]
    [InlineData("403")]
    public async Task Whatever_is_cut_short_of_a_rotation_that_stages_later_can_be_ended_by_another_machine(string fault)
    {
        foreach (var operation in Vault.WriteOperations)
        {
            foreach (var number in new[] { "#1..", "#2..", "#3.." })
            {
                await InterruptAsync(operation, $"{number}={fault}", (_, _, _) => { }, stagesLater: true);
                await RepairAsync();

                Vault.Look(Path).Traces.Should().BeEmpty("{0}{1} was cut short and then repaired", operation, number);
                Vault.Look(Path).Current.Should().BeOneOf(Old, New);
                Vault.Delete(Path);
            }
        }
    }

    /// <summary>Takes a claim that stages nothing, as contender 1.</summary>
    private async Task<Claim> ClaimedAsync(ISecretVault vault, VersionId version)
    {
        using var copy = SecretValue.FromText(Old);
        return await DescribedClaimAsync(vault, Request(1, version, copy) with { StagesLater = true });
    }

    /// <summary>Takes a claim that stages nothing, as contender 1, and stages the new value under it.</summary>
    private async Task<Claim> StagedLaterAsync(ISecretVault vault, VersionId version)
    {
        var claim = await ClaimedAsync(vault, version);
        using var candidate = SecretValue.FromText(New);
        await vault.StageAsync(claim, candidate, Stop);
        return claim;
    }
}
