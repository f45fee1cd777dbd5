namespace SecretRotator.Tests.Contracts;

public abstract partial class VaultContract
{
    private const int Contenders = 6;

    [Fact]
    public async Task A_description_names_current_and_what_was_delivered_and_reads_no_value()
    {
        var version = Vault.Seed(Path, Old);
        var mark = MarkOf(version, Rotation(9));
        Vault.Mark(Path, mark);

        var described = await Vault.Connect().DescribeAsync(Path, Stop);

        described.Should().Be(new SecretDescription(version, described.CurrentRotation, mark, null, new ForeignRotation.None()));
        Vault.ValueReads.Should().Be(0);
    }

    [Fact]
    public async Task A_secret_that_was_never_delivered_has_no_mark()
    {
        Vault.Seed(Path, Old);

        (await Vault.Connect().DescribeAsync(Path, Stop)).Delivered.Should().BeNull();
    }

    [Fact]
    public async Task A_claim_shows_in_the_description_with_all_that_a_later_run_needs()
    {
        var version = Vault.Seed(Path, Old);
        await StagedAsync(Vault.Connect(), version);

        var described = await Vault.Connect().DescribeAsync(Path, Stop);

        described.Current.Should().Be(version);
        described.Foreign.Should().Be(new ForeignRotation.None());
        described.Open.Should().NotBeNull();
        described.Open.Should()
            .Be(new OpenRotation(Rotation(1), version, Contender(1), described.Open!.StartedAt, true, described.Open.Handle));
        described.Open.StartedAt.Should().Be(Start + NodaTime.Duration.FromSeconds(1));
    }

    [Fact]
    public async Task What_a_claim_shows_of_the_secret_is_what_a_description_tells()
    {
        var version = Vault.Seed(Path, Old);
        Vault.Mark(Path, MarkOf(version, Rotation(9)));
        using var candidate = SecretValue.FromText(New);
        var vault = Vault.Connect();

        var won = (await vault.ClaimAsync(Path, Request(1, version, candidate), Stop)).Should().BeOfType<ClaimResult.Won>().Subject;

        if (won.Seen is { } seen)
            seen.Should().Be(await Vault.Connect().DescribeAsync(Path, Stop));
        won.Claim.Base.Should().Be(version);
    }

    [Fact]
    public async Task Of_many_contenders_exactly_one_wins_and_the_others_leave_nothing()
    {
        var version = Vault.Seed(Path, Old);

        var results = await Task.WhenAll(Enumerable.Range(1, Contenders).Select(number => ContendAsync(number, version, null)));

        results.OfType<ClaimResult.Won>().Should().ContainSingle();
        var winner = results.OfType<ClaimResult.Won>().Single().Claim;
        var vault = Vault.Connect();
        (await vault.DescribeAsync(Path, Stop)).Open!.Holder.Should().Be(winner.Holder);
        await vault.DiscardAsync(winner, Stop);
        Vault.Look(Path).Traces.Should().BeEmpty();
        Vault.Look(Path).Current.Should().Be(Old);
    }

    [Fact]
    public async Task A_loser_learns_who_holds_the_claim()
    {
        var version = Vault.Seed(Path, Old);
        await StagedAsync(Vault.Connect(), version);

        var result = await ContendAsync(2, version, null);

        result.Should().BeOfType<ClaimResult.Lost>().Which.Why.Should().Contain("pipeline acme/secret-rotator #1");
    }

    [Fact]
    public async Task A_loser_changes_nothing()
    {
        var version = Vault.Seed(Path, Old);
        await StagedAsync(Vault.Connect(), version);
        var before = Vault.Look(Path);

        await ContendAsync(2, version, null);

        Vault.Look(Path).Should().BeEquivalentTo(before);
    }

    [Fact]
    public async Task A_released_claim_can_be_taken_again()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        await vault.DiscardAsync(await StagedAsync(vault, version), Stop);

        (await ContendAsync(2, version, null)).Should().BeOfType<ClaimResult.Won>();
    }

    [Fact]
    public async Task A_take_over_keeps_the_rotation_its_base_and_its_staged_value()
    {
        var version = Vault.Seed(Path, Old);
        await StagedAsync(Vault.Connect(), version);
        var vault = Vault.Connect();
        var open = (await vault.DescribeAsync(Path, Stop)).Open!;

        var result = await ContendAsync(2, version, open);

        var claim = result.Should().BeOfType<ClaimResult.Won>().Subject.Claim;
        (claim.Rotation, claim.Base, claim.Holder).Should().Be((Rotation(1), version, Contender(2)));
        (await StagedValueAsync(vault, claim)).Should().Be(New);
        (await Vault.Connect().DescribeAsync(Path, Stop)).Open!.Holder.Should().Be(Contender(2));
    }

    [Fact]
    public async Task Of_many_that_take_over_exactly_one_wins_and_the_others_leave_nothing()
    {
        var version = Vault.Seed(Path, Old);
        await StagedAsync(Vault.Connect(), version);
        var open = (await Vault.Connect().DescribeAsync(Path, Stop)).Open!;

        var results = await Task.WhenAll(Enumerable.Range(2, Contenders).Select(number => ContendAsync(number, version, open)));

        var winner = results.OfType<ClaimResult.Won>().Should().ContainSingle().Subject.Claim;
        var vault = Vault.Connect();
        (await vault.DescribeAsync(Path, Stop)).Open!.Holder.Should().Be(winner.Holder);
        (await StagedValueAsync(vault, winner)).Should().Be(New);
        await vault.DiscardAsync(winner, Stop);
        Vault.Look(Path).Traces.Should().BeEmpty();
    }

    [Fact]
    public async Task A_claim_that_ended_meanwhile_is_not_taken_over()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await StagedAsync(vault, version);
        var open = (await vault.DescribeAsync(Path, Stop)).Open!;
        await vault.DiscardAsync(claim, Stop);

        var result = await ContendAsync(2, version, open);

        result.Should().BeOfType<ClaimResult.Lost>();
        Vault.Look(Path).Traces.Should().BeEmpty();
    }

    [Fact]
    public async Task A_claim_that_someone_else_took_over_is_not_taken_over_again_from_the_old_observation()
    {
        var version = Vault.Seed(Path, Old);
        await StagedAsync(Vault.Connect(), version);
        var open = (await Vault.Connect().DescribeAsync(Path, Stop)).Open!;
        await ContendAsync(2, version, open);
        var before = Vault.Look(Path);

        var result = await ContendAsync(3, version, open);

        result.Should().BeOfType<ClaimResult.Lost>();
        Vault.Look(Path).Should().BeEquivalentTo(before);
    }

    /// <summary>One contender on a machine of its own, with a candidate of its own.</summary>
    private async Task<ClaimResult> ContendAsync(int number, VersionId version, OpenRotation? takeOver)
    {
        await Task.Yield();
        using var candidate = SecretValue.FromText($"{New}-{number}");
        return await Vault.Connect().ClaimAsync(Path, Request(number, version, candidate, takeOver), Stop);
    }
}
