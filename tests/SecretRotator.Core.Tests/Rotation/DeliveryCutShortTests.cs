using SecretRotator.Rotation;

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
    [InlineData(true, CallFate.Refused)]
    [InlineData(true, CallFate.RequestLost)]
    [InlineData(true, CallFate.AnswerLost)]
    [InlineData(true, CallFate.DiesBefore)]
    [InlineData(true, CallFate.DiesAfter)]
    [InlineData(false, CallFate.Refused)]
    [InlineData(false, CallFate.RequestLost)]
    [InlineData(false, CallFate.AnswerLost)]
    [InlineData(false, CallFate.DiesBefore)]
    [InlineData(false, CallFate.DiesAfter)]
    public async Task What_a_delivery_deleted_the_next_run_creates_again(bool claimStages, CallFate fate)
    {
        foreach (var call in new[] { "mark path/db", "delete payments:DB", "create payments:DB", "create workspace:DB" })
        {
            var cloud = AfterADelivery(claimStages);
            cloud.Fate = (made, _) => made == call ? fate : CallFate.Works;
            var machine = await CutShortAsync(cloud);
            cloud.Fate = (_, _) => CallFate.Works;

            var next = await machine.Successor().RotateAsync(Inventories.Of(_secret));

            (call, next.Results.Single().Outcome).Should().Match<(string, RotationOutcome)>(r => r.Item2 is RotationOutcome.Redelivered);
            ShouldBeWhole(cloud);
        }
    }

    [Fact]
    public async Task Being_stopped_between_the_deletion_and_the_creation_loses_nothing()
    {
        var cloud = AfterADelivery();
        var machine = new ModelMachine(cloud);
        cloud.Fate = (call, _) =>
        {
            if (call.StartsWith("delete ", StringComparison.Ordinal))
                machine.Cancellation.Cancel();
            return call.StartsWith("create ", StringComparison.Ordinal) ? CallFate.RequestLost : CallFate.Works;
        };
        await machine.RotateAsync(Inventories.Of(_secret));
        cloud.Fate = (_, _) => CallFate.Works;

        await machine.Successor().RotateAsync(Inventories.Of(_secret));

        ShouldBeWhole(cloud);
    }

    [Fact]
    public async Task Nothing_is_deleted_before_the_vault_says_what_will_be()
    {
        var cloud = AfterADelivery();
        DeliveringMark? marked = null;
        cloud.At("delete ", () => marked = Vault(cloud).Delivering);

        await RotateAsync(cloud);

        marked.Should().NotBeNull();
        _secret.Targets.Should().OnlyContain(target => marked!.Deletes(target));
    }

    [Fact]
    public async Task Where_the_mark_can_not_be_written_nothing_is_deleted()
    {
        var cloud = AfterADelivery();
        cloud.Fate = (call, _) => call.StartsWith("mark ", StringComparison.Ordinal) ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(cloud)).Should().BeOfType<RotationOutcome.NeedsOperator>();
        cloud.Calls.Should().NotContain(call => call.StartsWith("delete ", StringComparison.Ordinal));
        _secret.Targets.Should().OnlyContain(target => cloud.Find(target) != null);
    }

    [Fact]
    public async Task The_outcome_names_exactly_the_variables_that_are_missing_right_now()
    {
        var cloud = AfterADelivery();
        cloud.Fate = (call, _) => call is "create payments:DB" or "delete workspace:DB" ? CallFate.Refused : CallFate.Works;

        var left = (await RotateAsync(cloud)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone;

        left.Where(each => each.Contains("missing right now")).Should().ContainSingle()
            .Which.Should().StartWith("payments:DB is missing right now").And.Contain("The next run creates it.");
        left.Should().ContainSingle(each => each.StartsWith("workspace:DB isn't known to hold"));
    }

    [Fact]
    public async Task A_variable_that_may_be_missing_is_told_as_that_where_its_scope_can_not_be_listed()
    {
        var cloud = AfterADelivery();
        var deleted = false;
        cloud.Fate = (call, _) =>
        {
            deleted |= call == "delete payments:DB";
            return call == "create payments:DB" || (deleted && call == "list payments") ? CallFate.Refused : CallFate.Works;
        };

        (await RotateAsync(cloud)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().ContainSingle(each => each.StartsWith("payments:DB may be missing right now"));
    }

    [Fact]
    public async Task An_undo_that_can_not_create_a_variable_names_it_as_missing()
    {
        var cloud = new ModelCloud();
        cloud.Deliver(_secret, "old-value", Duration.FromDays(40));
        cloud.Fate =
            (call, _) => call == "put payments:DB" ? CallFate.AnswerLost : call == "create payments:DB" ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(cloud)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().ContainSingle(each => each.StartsWith("payments:DB is missing right now"));
    }

    [Fact]
    public async Task The_mark_goes_with_the_record_of_the_delivery()
    {
        var cloud = AfterADelivery();

        (await RotateAsync(cloud)).Should().BeOfType<RotationOutcome.Redelivered>();
        cloud.Calls.Count(call => call.StartsWith("mark ", StringComparison.Ordinal)).Should().Be(1);
        Vault(cloud).Delivering.Should().BeNull();
    }

    [Fact]
    public async Task Whoever_deletes_nothing_or_has_a_staged_value_writes_no_mark()
    {
        var cloud = new ModelCloud();
        cloud.Deliver(_secret, "old-value", Duration.FromDays(40));
        await RotateAsync(cloud);
        cloud.Clock.Advance(Duration.FromHours(1));
        cloud.MoveCurrent(_secret, $"made-elsewhere-{cloud.NewUuid()}");
        (await RotateAsync(cloud)).Should().BeOfType<RotationOutcome.Redelivered>();
        await new RotationJob(new ModelMachine(cloud).Tools).RollbackAsync(
            Inventories.Of(_secret), new("db", Vault(cloud).Previous!, "test", "drill"), TestContext.Current.CancellationToken);

        cloud.Calls.Should().Contain(call => call.StartsWith("delete ", StringComparison.Ordinal));
        cloud.Calls.Should().NotContain(call => call.StartsWith("mark ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_variable_that_a_person_deleted_still_blocks()
    {
        var cloud = AfterADelivery();
        await CutShortAsync(cloud, "create payments:DB");
        Vault(cloud).Delivering = DeliveringMark.Of(new("r"), cloud.Clock.GetCurrentInstant(), [_secret.Targets[0]]);
        cloud.Variables[Inventories.Workspace].Clear();

        (await RotateAsync(cloud)).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Blocked>().Which.Why.Should().Contain("workspace:DB doesn't exist");
    }

    [Fact]
    public async Task A_mark_of_targets_that_left_the_inventory_stands_in_no_ones_way()
    {
        var cloud = AfterADelivery();
        await CutShortAsync(cloud, "create payments:DB");
        var fewer = _secret with { Targets = _secret.Targets.RemoveAt(0) };

        (await new ModelMachine(cloud).RotateAsync(Inventories.Of(fewer))).Results
            .Single().Outcome
            .Should().BeOfType<RotationOutcome.Redelivered>();
        Vault(cloud).Delivering.Should().BeNull();
    }

    [Fact]
    public async Task What_an_earlier_delivery_deleted_stays_named_while_a_later_one_is_cut_short()
    {
        var cloud = AfterADelivery();
        await CutShortAsync(cloud, "create payments:DB");
        await CutShortAsync(cloud, "create payments:DB", "create workspace:DB");

        _secret.Targets.Count(target => cloud.Find(target) is null).Should().Be(2);
        (await RotateAsync(cloud)).Should().BeOfType<RotationOutcome.Redelivered>();
        ShouldBeWhole(cloud);
    }

    [Fact]
    public async Task A_due_rotation_creates_what_a_delivery_deleted_and_ends_its_mark()
    {
        var cloud = AfterADelivery();
        await CutShortAsync(cloud, "create payments:DB");
        Vault(cloud).Delivered = Vault(cloud).Delivered! with { Version = new(Vault(cloud).Current) };
        cloud.Clock.Advance(Duration.FromDays(40));

        (await RotateAsync(cloud)).Should().BeOfType<RotationOutcome.Rotated>();
        ShouldBeWhole(cloud);
    }

    [Theory]
    [InlineData(129, true)]
    [InlineData(130, false)]
    public async Task Variables_are_replaced_while_a_request_of_a_delivery_that_was_cut_short_may_land(int minutes, bool replaced)
    {
        var cloud = AfterADelivery();
        await CutShortAsync(cloud, "create payments:DB");
        cloud.Clock.Advance(Duration.FromMinutes(minutes));
        cloud.Calls.Clear();

        await RotateAsync(cloud);

        cloud.Calls.Contains("delete workspace:DB").Should().Be(replaced);
        ShouldBeWhole(cloud);
    }

    [Fact]
    public async Task A_put_that_may_land_after_its_delivery_gave_up_is_marked_and_the_next_one_replaces()
    {
        var cloud = new ModelCloud();
        cloud.Deliver(_secret, "old-value", Duration.FromDays(5));
        cloud.MoveCurrent(_secret, $"made-elsewhere-{cloud.NewUuid()}");
        cloud.Fate = (call, _) => call == "put payments:DB" ? CallFate.RequestLost : CallFate.Works;
        await RotateAsync(cloud);
        (cloud.Fate, var marked) = ((_, _) => CallFate.Works, Vault(cloud).Delivering);

        (await RotateAsync(cloud)).Should().BeOfType<RotationOutcome.Redelivered>();

        marked!.Deleted.Should().Be(DeliveringMark.None);
        cloud.Calls.Should().Contain("delete payments:DB");
        ShouldBeWhole(cloud);
    }

    [Fact]
    public async Task The_claim_stays_where_a_request_may_land_and_that_can_not_be_marked()
    {
        var cloud = new ModelCloud();
        cloud.Deliver(_secret, "old-value", Duration.FromDays(5));
        cloud.MoveCurrent(_secret, $"made-elsewhere-{cloud.NewUuid()}");
        cloud.Fate = (
            call, _) => call == "put payments:DB"
                ? CallFate.RequestLost
                : call.StartsWith("mark ", StringComparison.Ordinal) ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(cloud))
            .Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().Contain(each => each.Contains("The claim is left in the vault"));
        Vault(cloud).Open.Should().NotBeNull();
    }

    [Fact]
    public async Task After_a_dead_holder_that_staged_nothing_variables_are_replaced()
    {
        var cloud = new ModelCloud { ClaimStages = false };
        cloud.Deliver(_secret, "old-value", Duration.FromDays(5));
        cloud.MoveCurrent(_secret, $"made-elsewhere-{cloud.NewUuid()}");
        cloud.Fate = (call, _) => call == "put payments:DB" ? CallFate.DiesBefore : CallFate.Works;
        var dead = await CutShortAsync(cloud);
        cloud.Fate = (_, _) => CallFate.Works;

        await dead.Successor().RotateAsync(Inventories.Of(_secret));

        cloud.Calls.Should().Contain("delete payments:DB");
        ShouldBeWhole(cloud);
    }

    // Rotated a moment ago, and someone made another version since.
    private ModelCloud AfterADelivery(bool claimStages = true)
    {
        var cloud = new ModelCloud { ClaimStages = claimStages };
        cloud.Deliver(_secret, "old-value", Moment);
        cloud.MoveCurrent(_secret, $"made-elsewhere-{cloud.NewUuid()}");
        return cloud;
    }

    private async Task<ModelMachine> CutShortAsync(ModelCloud cloud, params string[] refused)
    {
        var machine = new ModelMachine(cloud);
        if (refused.Length > 0)
            cloud.Fate = (call, _) => refused.Contains(call) ? CallFate.Refused : CallFate.Works;
        try
        {
            await machine.RotateAsync(Inventories.Of(_secret));
        }
        catch (ProcessDiedException)
        {
        }

        if (refused.Length > 0)
            cloud.Fate = (_, _) => CallFate.Works;
        return machine;
    }

    private async Task<RotationOutcome> RotateAsync(ModelCloud cloud) =>
        (await new ModelMachine(cloud).RotateAsync(Inventories.Of(_secret))).Results.Single().Outcome;

    private ModelSecret Vault(ModelCloud cloud) => cloud.Secrets[_secret.Path];

    private void ShouldBeWhole(ModelCloud cloud)
    {
        cloud.Agrees(_secret).Should().BeTrue();
        (Vault(cloud).Open, Vault(cloud).Delivering).Should().Be((null, null));
        Vault(cloud).Delivered!.TargetsDigest.Should().Be(cloud.Digest(_secret));
    }
}
