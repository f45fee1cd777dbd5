using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>What the run after a killed one meets: another version, another inventory, or a second death.</summary>
public sealed class ResumedRotationTests() : DueSecret(Inventories.Payments, Inventories.Workspace)
{
    [Fact]
    public async Task A_rotation_that_was_killed_twice_after_its_promotion_is_told_from_the_version_before_it()
    {
        var before = Vault.Current;
        var second = (await KilledAsync("promote path/db")).Successor();
        DiesAt("put payments:DB");
        await RotateAsync(second);
        _cloud.Fate = (_, _) => CallFate.Works;

        (await RotateAsync(second.Successor())).Should().BeOfType<RotationOutcome.Rotated>().Which.From.Value.Should().Be(before);
    }

    [Fact]
    public async Task A_version_that_someone_makes_current_between_the_plan_and_the_claim_is_what_the_targets_get()
    {
        var killed = await KilledAsync("put payments:DB");
        _cloud.At("claim ", MoveCurrent);

        (await RotateAsync(killed.Successor())).Should().BeOfType<RotationOutcome.Redelivered>();
        Vault.CurrentContent.Should().Be("made-elsewhere");
        _cloud.Agrees(_secret).Should().BeTrue();
    }

    [Fact]
    public async Task A_rotation_whose_content_no_longer_fits_the_inventory_stays_staged_for_the_operator()
    {
        var killed = await KilledAsync("put payments:DB");
        var staged = Vault.Open!.Id.Value;
        var changed = _secret with { Targets = [_secret.Targets[0] with { Field = "password" }, _secret.Targets[1]] };

        (await killed.Successor().RotateAsync(Inventories.Of(changed))).Results.Single().Outcome
            .Should().BeOfType<RotationOutcome.NeedsOperator>();
        Vault.Open!.Id.Value.Should().Be(staged);
        Vault.Versions.Should().ContainKey(staged);
    }

    [Fact]
    public async Task What_is_staged_already_is_not_staged_again()
    {
        var killed = await KilledAsync("put payments:DB");
        _cloud.Calls.Clear();

        (await RotateAsync(killed.Successor())).Should().BeOfType<RotationOutcome.Rotated>();

        _cloud.Calls.Should().Contain("promote path/db").And.NotContain("stage path/db");
    }

    [Fact]
    public async Task What_is_current_is_read_once_where_it_was_promoted_already()
    {
        var killed = await KilledAsync("promote path/db");
        _cloud.Calls.Clear();

        (await RotateAsync(killed.Successor())).Should().BeOfType<RotationOutcome.Rotated>();
        _cloud.Calls.Count(call => call == "read path/db").Should().Be(1);
    }

    [Fact]
    public async Task No_other_rotation_waits_for_one_that_can_not_be_resumed()
    {
        var killed = await KilledAsync("put payments:DB");
        var changed = _secret with { Targets = [_secret.Targets[0] with { Field = "password" }, _secret.Targets[1]] };
        var other = Inventories.Plain("other", Inventories.Payments);
        _cloud.Deliver(other, "old", Duration.FromDays(40));

        var run = await killed.Successor().RotateAsync(Inventories.Of(changed, other))
            .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        run.Results.Select(result => result.Outcome.GetType().Name).Should().Equal("NeedsOperator", "Rotated");
    }

    [Fact]
    public async Task A_claim_that_staged_nothing_is_released_without_a_search_for_its_value()
    {
        var killed = await KilledAsync("put payments:DB");
        Vault.Versions.Remove(Vault.Open!.Id.Value);
        Vault.Open = Vault.Open with { Staged = false };
        _cloud.Calls.Clear();

        (await RotateAsync(killed.Successor())).Should().BeOfType<RotationOutcome.Rotated>();

        _cloud.Calls.Where(call => call.Split(' ')[0] is "claim" or "discard" or "read-staged" or "promote")
            .Should().Equal("claim path/db", "discard path/db", "claim path/db", "read-staged path/db", "promote path/db");
    }

    [Fact]
    public async Task A_delivery_whose_resume_fails_stays_open()
    {
        MoveCurrent();
        var killed = await KilledAsync("put payments:DB");
        _cloud.Fate = (call, _) => call == "create workspace:DB" ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(killed.Successor())).Should().BeOfType<RotationOutcome.NeedsOperator>();
        Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task A_rotation_whose_staging_marks_are_left_is_finished_though_its_delivery_is_recorded()
    {
        Vault.Delivered = Vault.Delivered! with { ValueSince = ModelCloud.Start - Duration.FromDays(4) };
        Vault.Open = new OpenRotation(new(Vault.Current), new("before"), _machine.Self, ModelCloud.Start, Staged: true, "claim");

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.Rotated>();
        Vault.Finished.Should().ContainSingle().Which.Promoted.Should().BeTrue();
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public async Task Variables_are_replaced_until_the_last_request_of_the_dead_can_not_land_any_more(int seconds, bool replaced)
    {
        var killed = await KilledAsync("put payments:DB");
        var before = Uuids();
        _cloud.Clock.Advance(RunLimits.Default.ClaimLimit + RunLimits.Default.MinimumInterval + Duration.FromSeconds(seconds));

        (await RotateAsync(killed.Successor())).Should().BeOfType<RotationOutcome.Rotated>();
        Uuids().SequenceEqual(before).Should().Be(!replaced);
    }

    [Fact]
    public async Task A_variable_of_which_no_one_knows_whether_it_was_deleted_is_replaced_by_the_undo_as_well()
    {
        var killed = await KilledAsync("put payments:DB");
        var before = Uuids()[1];
        _cloud.Fate = (call, number) => call == "delete workspace:DB" && number == 1 ? CallFate.RequestLost : CallFate.Works;

        (await RotateAsync(killed.Successor())).Should().BeOfType<RotationOutcome.RolledBack>();
        Uuids()[1].Should().NotBe(before);
        _cloud.Agrees(_secret).Should().BeTrue();
    }

    private async Task<ModelMachine> KilledAsync(string call)
    {
        DiesAt(call);
        await RotateAsync(_machine);
        _machine.IsDead.Should().BeTrue();
        _cloud.Fate = (_, _) => CallFate.Works;
        return _machine;
    }

    private void DiesAt(string call) =>
        _cloud.Fate = (made, _) => made == call || made == call.Replace("put ", "create ") ? CallFate.DiesAfter : CallFate.Works;

    private void MoveCurrent()
    {
        Vault.Versions["elsewhere"] = ("made-elsewhere", ModelCloud.Start - Duration.FromDays(1));
        (Vault.Previous, Vault.Current) = (Vault.Current, "elsewhere");
    }
}
