using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Rotation;
using SecretRotator.Tests.Models;
using SecretRotator.Vaults;

namespace SecretRotator.Tests.Rotation;

/// <summary>
/// A delivery that follows another one at once deletes variables and creates them anew. Whatever cuts it short in between,
/// the next run, on any machine, creates what is missing.
/// </summary>
public sealed class DeliveryCutShortTests
{
    private static readonly Duration Moment = Duration.FromMinutes(1);

    private readonly ManagedSecret _secret = Inventories.Plain("db", Inventories.Payments, Inventories.Production, Inventories.Workspace);

    [Theory]
    [InlineData(true, Fate.Refused)]
    [InlineData(true, Fate.RequestLost)]
    [InlineData(true, Fate.AnswerLost)]
    [InlineData(true, Fate.DiesBefore)]
    [InlineData(true, Fate.DiesAfter)]
    [InlineData(false, Fate.Refused)]
    [InlineData(false, Fate.RequestLost)]
    [InlineData(false, Fate.AnswerLost)]
    [InlineData(false, Fate.DiesBefore)]
    [InlineData(false, Fate.DiesAfter)]
    public async Task What_a_delivery_deleted_the_next_run_creates_again(bool claimStages, Fate fate)
    {
        foreach (var call in new[] { "mark path/db", "delete payments:DB", "create payments:DB", "create workspace:DB" })
        {
            var world = AfterADelivery(claimStages);
            world.Fate = (made, _) => made == call ? fate : Fate.Works;
            var machine = await CutShortAsync(world);
            world.Fate = (_, _) => Fate.Works;

            var next = await machine.Successor().RotateAsync(Inventories.Of(_secret));

            (call, next.Results.Single().Outcome).Should().Match<(string, RotationOutcome)>(r => r.Item2 is RotationOutcome.Redelivered);
            ShouldBeWhole(world);
        }
    }

    [Fact]
    public async Task Being_stopped_between_the_deletion_and_the_creation_loses_nothing()
    {
        var world = AfterADelivery();
        var machine = new Machine(world);
        world.Fate = (call, _) =>
        {
            if (call.StartsWith("delete ", StringComparison.Ordinal))
                machine.Cancellation.Cancel();
            return call.StartsWith("create ", StringComparison.Ordinal) ? Fate.RequestLost : Fate.Works;
        };
        await machine.RotateAsync(Inventories.Of(_secret));
        world.Fate = (_, _) => Fate.Works;

        await machine.Successor().RotateAsync(Inventories.Of(_secret));

        ShouldBeWhole(world);
    }

    [Fact]
    public async Task Nothing_is_deleted_before_the_vault_says_what_will_be()
    {
        var world = AfterADelivery();
        DeliveringMark? marked = null;
        world.Fate = (call, _) =>
        {
            if (call.StartsWith("delete ", StringComparison.Ordinal))
                marked = Vault(world).Delivering;
            return Fate.Works;
        };

        await RotateAsync(world);

        marked.Should().NotBeNull();
        _secret.Targets.Should().OnlyContain(target => marked!.Deletes(target));
    }

    [Fact]
    public async Task Where_the_mark_can_not_be_written_nothing_is_deleted()
    {
        var world = AfterADelivery();
        world.Fate = (call, _) => call.StartsWith("mark ", StringComparison.Ordinal) ? Fate.Refused : Fate.Works;

        (await RotateAsync(world)).Should().BeOfType<RotationOutcome.NeedsOperator>();
        world.Calls.Should().NotContain(call => call.StartsWith("delete ", StringComparison.Ordinal));
        _secret.Targets.Should().OnlyContain(target => world.Find(target) != null);
    }

    [Fact]
    public async Task The_outcome_names_exactly_the_variables_that_are_missing_right_now()
    {
        var world = AfterADelivery();
        world.Fate = (call, _) => call is "create payments:DB" or "delete workspace:DB" ? Fate.Refused : Fate.Works;

        var left = (await RotateAsync(world)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone;

        left.Where(each => each.Contains("missing right now")).Should().ContainSingle()
            .Which.Should().StartWith("payments:DB is missing right now").And.Contain("The next run creates it.");
        left.Should().ContainSingle(each => each.StartsWith("workspace:DB isn't known to hold"));
    }

    [Fact]
    public async Task A_variable_that_may_be_missing_is_told_as_that_where_its_scope_can_not_be_listed()
    {
        var world = AfterADelivery();
        var deleted = false;
        world.Fate = (call, _) =>
        {
            deleted |= call == "delete payments:DB";
            return call == "create payments:DB" || (deleted && call == "list payments") ? Fate.Refused : Fate.Works;
        };

        (await RotateAsync(world)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().ContainSingle(each => each.StartsWith("payments:DB may be missing right now"));
    }

    [Fact]
    public async Task An_undo_that_can_not_create_a_variable_names_it_as_missing()
    {
        var world = new World();
        world.Deliver(_secret, "old-value", Duration.FromDays(40));
        world.Fate = (call, _) => call == "put payments:DB" ? Fate.AnswerLost : call == "create payments:DB" ? Fate.Refused : Fate.Works;

        (await RotateAsync(world)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().ContainSingle(each => each.StartsWith("payments:DB is missing right now"));
    }

    [Fact]
    public async Task The_mark_goes_with_the_record_of_the_delivery()
    {
        var world = AfterADelivery();

        (await RotateAsync(world)).Should().BeOfType<RotationOutcome.Redelivered>();
        world.Calls.Count(call => call.StartsWith("mark ", StringComparison.Ordinal)).Should().Be(1);
        Vault(world).Delivering.Should().BeNull();
    }

    [Fact]
    public async Task Whoever_deletes_nothing_or_has_a_staged_value_writes_no_mark()
    {
        var world = new World();
        world.Deliver(_secret, "old-value", Duration.FromDays(40));
        await RotateAsync(world);
        world.Clock.Advance(Duration.FromHours(1));
        MoveCurrent(world);
        (await RotateAsync(world)).Should().BeOfType<RotationOutcome.Redelivered>();
        await new RotationJob(new Machine(world).Tools).RollbackAsync(
            Inventories.Of(_secret), new("db", Vault(world).Previous!, "test", "drill"), TestContext.Current.CancellationToken);

        world.Calls.Should().Contain(call => call.StartsWith("delete ", StringComparison.Ordinal));
        world.Calls.Should().NotContain(call => call.StartsWith("mark ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_variable_that_a_person_deleted_still_blocks()
    {
        var world = AfterADelivery();
        await CutShortAsync(world, "create payments:DB");
        Vault(world).Delivering = DeliveringMark.Of(new("r"), world.Clock.GetCurrentInstant(), [_secret.Targets[0]]);
        world.Variables[Inventories.Workspace].Clear();

        (await RotateAsync(world)).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Blocked>().Which.Why.Should().Contain("workspace:DB doesn't exist");
    }

    [Fact]
    public async Task A_mark_of_targets_that_left_the_inventory_stands_in_no_ones_way()
    {
        var world = AfterADelivery();
        await CutShortAsync(world, "create payments:DB");
        var fewer = _secret with { Targets = _secret.Targets.RemoveAt(0) };

        (await new Machine(world).RotateAsync(Inventories.Of(fewer))).Results.Single().Outcome.Should().BeOfType<RotationOutcome.Redelivered>();
        Vault(world).Delivering.Should().BeNull();
    }

    [Fact]
    public async Task What_an_earlier_delivery_deleted_stays_named_while_a_later_one_is_cut_short()
    {
        var world = AfterADelivery();
        await CutShortAsync(world, "create payments:DB");
        await CutShortAsync(world, "create payments:DB", "create workspace:DB");

        _secret.Targets.Count(target => world.Find(target) is null).Should().Be(2);
        (await RotateAsync(world)).Should().BeOfType<RotationOutcome.Redelivered>();
        ShouldBeWhole(world);
    }

    [Fact]
    public async Task A_due_rotation_creates_what_a_delivery_deleted_and_ends_its_mark()
    {
        var world = AfterADelivery();
        await CutShortAsync(world, "create payments:DB");
        Vault(world).Delivered = Vault(world).Delivered! with { Version = new(Vault(world).Current) };
        world.Clock.Advance(Duration.FromDays(40));

        (await RotateAsync(world)).Should().BeOfType<RotationOutcome.Rotated>();
        ShouldBeWhole(world);
    }

    [Theory]
    [InlineData(129, true)]
    [InlineData(130, false)]
    public async Task Variables_are_replaced_while_a_request_of_a_delivery_that_was_cut_short_may_land(int minutes, bool replaced)
    {
        var world = AfterADelivery();
        await CutShortAsync(world, "create payments:DB");
        world.Clock.Advance(Duration.FromMinutes(minutes));
        world.Calls.Clear();

        await RotateAsync(world);

        world.Calls.Contains("delete workspace:DB").Should().Be(replaced);
        ShouldBeWhole(world);
    }

    [Fact]
    public async Task A_put_that_may_land_after_its_delivery_gave_up_is_marked_and_the_next_one_replaces()
    {
        var world = new World();
        world.Deliver(_secret, "old-value", Duration.FromDays(5));
        MoveCurrent(world);
        world.Fate = (call, _) => call == "put payments:DB" ? Fate.RequestLost : Fate.Works;
        await RotateAsync(world);
        (world.Fate, var marked) = ((_, _) => Fate.Works, Vault(world).Delivering);

        (await RotateAsync(world)).Should().BeOfType<RotationOutcome.Redelivered>();

        marked!.Deleted.Should().Be(DeliveringMark.None);
        world.Calls.Should().Contain("delete payments:DB");
        ShouldBeWhole(world);
    }

    [Fact]
    public async Task The_claim_stays_where_a_request_may_land_and_that_can_not_be_marked()
    {
        var world = new World();
        world.Deliver(_secret, "old-value", Duration.FromDays(5));
        MoveCurrent(world);
        world.Fate = (call, _) => call == "put payments:DB" ? Fate.RequestLost : call.StartsWith("mark ", StringComparison.Ordinal) ? Fate.Refused : Fate.Works;

        (await RotateAsync(world)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone.Should().Contain(each => each.Contains("The claim is left in the vault"));
        Vault(world).Open.Should().NotBeNull();
    }

    [Fact]
    public async Task After_a_dead_holder_that_staged_nothing_variables_are_replaced()
    {
        var world = new World { ClaimStages = false };
        world.Deliver(_secret, "old-value", Duration.FromDays(5));
        MoveCurrent(world);
        world.Fate = (call, _) => call == "put payments:DB" ? Fate.DiesBefore : Fate.Works;
        var dead = await CutShortAsync(world);
        world.Fate = (_, _) => Fate.Works;

        await dead.Successor().RotateAsync(Inventories.Of(_secret));

        world.Calls.Should().Contain("delete payments:DB");
        ShouldBeWhole(world);
    }

    // Rotated a moment ago, and someone made another version since.
    private World AfterADelivery(bool claimStages = true)
    {
        var world = new World { ClaimStages = claimStages };
        world.Deliver(_secret, "old-value", Moment);
        MoveCurrent(world);
        return world;
    }

    private void MoveCurrent(World world)
    {
        var version = world.NewUuid();
        Vault(world).Versions[version] = ($"made-elsewhere-{version}", world.Clock.GetCurrentInstant());
        (Vault(world).Previous, Vault(world).Current) = (Vault(world).Current, version);
    }

    private async Task<Machine> CutShortAsync(World world, params string[] refused)
    {
        var machine = new Machine(world);
        if (refused.Length > 0)
            world.Fate = (call, _) => refused.Contains(call) ? Fate.Refused : Fate.Works;
        try
        {
            await machine.RotateAsync(Inventories.Of(_secret));
        }
        catch (ProcessDiedException)
        {
        }

        if (refused.Length > 0)
            world.Fate = (_, _) => Fate.Works;
        return machine;
    }

    private async Task<RotationOutcome> RotateAsync(World world) => (await new Machine(world).RotateAsync(Inventories.Of(_secret))).Results.Single().Outcome;

    private ModelSecret Vault(World world) => world.Secrets[_secret.Path];

    private void ShouldBeWhole(World world)
    {
        world.Agrees(_secret).Should().BeTrue();
        (Vault(world).Open, Vault(world).Delivering).Should().Be((null, null));
        Vault(world).Delivered!.TargetsDigest.Should().Be(world.Digest(_secret));
    }
}
