namespace SecretRotator.Tests.Contracts;

public abstract partial class VaultContract
{
    private static readonly HoldMark Hold = new(Start + NodaTime.Duration.FromDays(7), Rotation(1), "the new one's refused (läuft nicht)");

    [Fact]
    public async Task A_hold_is_told_by_any_machine_once_the_version_that_it_came_with_is_current()
    {
        var version = Vault.Seed(Path, Old);
        var claim = await HeldAsync(version);

        (await Vault.Connect().DescribeAsync(Path, Stop)).Hold.Should().BeNull();
        await EndAsync(Vault.Connect(), claim);

        (await Vault.Connect().DescribeAsync(Path, Stop)).Hold.Should().Be(Hold);
        Vault.Look(Path).Traces.Should().BeEmpty();
    }

    [Fact]
    public async Task A_rotation_without_a_hold_leaves_none()
    {
        await RotateWholeAsync(Vault.Connect(), Vault.Seed(Path, Old));

        (await Vault.Connect().DescribeAsync(Path, Stop)).Hold.Should().BeNull();
    }

    [Fact]
    public async Task A_hold_outlives_the_holder_that_dies_before_its_promotion()
    {
        var version = Vault.Seed(Path, Old);
        await HeldAsync(version);
        var open = (await Vault.Connect().DescribeAsync(Path, Stop)).Open!;

        var heir = Vault.Connect();
        using var candidate = SecretValue.FromText(Old);
        var claim = ((ClaimResult.Won)await heir.ClaimAsync(Path, Request(2, version, candidate, open), Stop)).Claim;
        await EndAsync(heir, claim);

        (await Vault.Connect().DescribeAsync(Path, Stop)).Hold.Should().Be(Hold);
        Vault.Look(Path).Traces.Should().BeEmpty();
    }

    [Fact]
    public async Task A_rollback_that_is_discarded_leaves_no_hold()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var claim = await HeldAsync(version, vault);

        await vault.DiscardAsync(claim, Stop);

        (await Vault.Connect().DescribeAsync(Path, Stop)).Hold.Should().BeNull();
        Vault.Look(Path).Traces.Should().BeEmpty();
        (await StagedValueAsync(Vault.Connect(), claim)).Should().BeNull();
    }

    [Fact]
    public async Task A_contender_that_loses_leaves_no_hold()
    {
        var version = Vault.Seed(Path, Old);
        await StagedAsync(Vault.Connect(), version, number: 2);
        var before = Vault.Look(Path).Traces.Length;
        using var candidate = SecretValue.FromText(New);

        (await Vault.Connect().ClaimAsync(Path, Request(1, version, candidate) with { Hold = Hold }, Stop)).Should()
            .BeOfType<ClaimResult.Lost>();

        Vault.Look(Path).Traces.Should().HaveCount(before);
    }

    [Fact]
    public async Task The_next_version_lifts_a_hold_and_nothing_of_it_is_left_on_the_old_one()
    {
        var first = Vault.Connect();
        var held = await HeldAsync(Vault.Seed(Path, Old), first);
        var current = await EndAsync(first, held);
        var vault = Vault.Connect();
        using var candidate = SecretValue.FromText(Old);
        var claim = await DescribedClaimAsync(vault, Request(2, current, candidate));
        await vault.StageAsync(claim, candidate, Stop);

        await EndAsync(vault, claim);

        (await Vault.Connect().DescribeAsync(Path, Stop)).Hold.Should().BeNull();
        Vault.Look(Path).Traces.Should().BeEmpty();
    }

    [Fact]
    public async Task A_version_that_someone_else_makes_current_is_not_held()
    {
        var vault = Vault.Connect();
        await EndAsync(vault, await HeldAsync(Vault.Seed(Path, Old), vault));

        Vault.RotateElsewhere(Path, "made-elsewhere");

        (await Vault.Connect().DescribeAsync(Path, Stop)).Hold.Should().BeNull();
    }

    [Fact]
    public async Task A_delivery_of_the_held_version_keeps_its_hold()
    {
        var vault = Vault.Connect();
        var current = await EndAsync(vault, await HeldAsync(Vault.Seed(Path, Old), vault));
        var delivery = Vault.Connect();
        var claim = await StagedAsync(delivery, current, number: 2);

        await delivery.FinishAsync(claim, MarkOf(current, claim.Rotation), promoted: false, Stop);

        (await Vault.Connect().DescribeAsync(Path, Stop)).Hold.Should().Be(Hold);
    }

    [Fact]
    public async Task The_longest_reason_comes_back_as_it_was()
    {
        var hold = Hold with { Reason = HoldMark.ReasonOf(new string('ß', 300)) };
        var vault = Vault.Connect();
        await EndAsync(vault, await HeldAsync(Vault.Seed(Path, Old), vault, hold));

        (await Vault.Connect().DescribeAsync(Path, Stop)).Hold.Should().Be(hold);
    }

    [Fact]
    public async Task Versions_are_listed_with_their_places_and_no_value_is_read()
    {
        var version = Vault.Seed(Path, Old);
        var vault = Vault.Connect();
        var rotated = await StagedAsync(vault, version);
        var current = await EndAsync(vault, rotated);
        var reads = Vault.ValueReads;

        var listed = await Vault.Connect().ListVersionsAsync(Path, Stop);

        listed.Select(v => (v.Id, v.Place)).Should().BeEquivalentTo([(current, VersionPlace.Current), (version, VersionPlace.Previous)]);
        listed.Should().OnlyContain(v => v.CreatedAt > NodaTime.Instant.MinValue);
        Vault.ValueReads.Should().Be(reads);
    }

    [Fact]
    public async Task Versions_of_a_secret_that_is_not_there_can_not_be_listed() =>
        (await FailureOfAsync(() => Vault.Connect().ListVersionsAsync(Path, Stop))).Kind.Should().Be(FailureKind.NotFound);

    /// <summary>Takes the claim of a rollback as contender 1, and stages its value.</summary>
    private async Task<Claim> HeldAsync(VersionId version, ISecretVault? vault = null, HoldMark? hold = null)
    {
        vault ??= Vault.Connect();
        using var candidate = SecretValue.FromText(New);
        var claim =
            ((ClaimResult.Won)await vault.ClaimAsync(Path, Request(1, version, candidate) with { Hold = hold ?? Hold }, Stop)).Claim;
        await vault.StageAsync(claim, candidate, Stop);
        return claim;
    }

    private static async Task<VersionId> EndAsync(ISecretVault vault, Claim claim)
    {
        var mark = MarkOf(default, claim.Rotation);
        var promoted = await vault.PromoteAsync(claim, mark, Stop);
        await vault.FinishAsync(claim, mark with { Version = promoted }, promoted: true, Stop);
        return promoted;
    }
}
