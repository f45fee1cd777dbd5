using NodaTime;
using SecretRotator.Evidence;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Rotation;
using SecretRotator.Tests.Models;

namespace SecretRotator.Tests.Rotation;

/// <summary>One secret, three targets in three scopes, and everything that can happen to it.</summary>
public sealed class RotationTests
{
    private static readonly Duration Old = Duration.FromDays(40);
    private readonly World _world = new();
    private readonly ManagedSecret _secret = Inventories.Plain("db", Inventories.Payments, Inventories.Production, Inventories.Workspace);
    private readonly RotationInventory _inventory;
    private readonly Machine _machine;

    public RotationTests()
    {
        _inventory = Inventories.Of(_secret);
        _world.Deliver(_secret, "old-value", Old);
        _machine = new Machine(_world);
    }

    private ModelSecret Vault => _world.Secrets[_secret.Path];

    [Fact]
    public async Task A_due_secret_is_rotated_in_the_vault_and_in_all_targets()
    {
        var outcome = await RotateAsync(_machine);

        outcome.Should().BeOfType<RotationOutcome.Rotated>();
        Vault.CurrentContent.Should().NotBe("old-value");
        ShouldBeWhole();
    }

    [Fact]
    public async Task The_old_version_stays_readable_as_the_previous_one()
    {
        await RotateAsync(_machine);

        Vault.Versions[Vault.Previous!].Content.Should().Be("old-value");
    }

    [Fact]
    public async Task What_was_delivered_is_recorded_so_that_the_next_run_writes_nothing()
    {
        await RotateAsync(_machine);
        _world.Calls.Clear();
        var outcome = await RotateAsync(new Machine(_world));

        outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.NotDue>();
        _world.Calls.Should().OnlyContain(c => c.StartsWith("list ") || c.StartsWith("describe "));
    }

    [Fact]
    public async Task It_costs_one_put_a_target_and_two_listings_a_scope()
    {
        await RotateAsync(_machine);

        _world.Calls.Count(c => c.StartsWith("put ")).Should().Be(3);
        _world.Calls.Where(c => c.StartsWith("list ")).CountBy(c => c).Should().OnlyContain(p => p.Value == 2);
    }

    [Fact]
    public async Task The_value_stands_in_the_vault_before_any_target_gets_it()
    {
        await RotateAsync(_machine);

        _world.Calls.FindIndex(c => c.StartsWith("stage ")).Should().BeLessThan(_world.Calls.FindIndex(c => c.StartsWith("put ")));
    }

    [Fact]
    public async Task A_refused_target_rolls_the_others_back()
    {
        _world.Fate = (call, _) => call == "put payments/production:DB" ? Fate.Refused : Fate.Works;
        var outcome = await RotateAsync(_machine);

        outcome.Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task A_lost_answer_to_a_put_is_still_undone()
    {
        _world.Fate = (call, _) => call == "put payments/production:DB" ? Fate.AnswerLost : Fate.Works;
        var outcome = await RotateAsync(_machine);

        outcome.Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task An_unanswered_put_that_lands_after_the_undo_finds_its_variable_gone()
    {
        var uuid = _world.Find(_secret.Targets[1])!.Uuid;
        _world.Fate = (call, number) => call == "put payments/production:DB" && number == 1 ? Fate.AnswerLost : Fate.Works;
        await RotateAsync(_machine);

        _world.Find(_secret.Targets[1])!.Uuid.Should().NotBe(uuid);
        ShouldBeOld();
    }

    [Fact]
    public async Task A_target_that_refused_is_not_touched_by_the_undo()
    {
        _world.Fate = (call, _) => call == "put payments/production:DB" ? Fate.Refused : Fate.Works;
        await RotateAsync(_machine);

        _world.Calls.Count(c => c.EndsWith(" payments/production:DB")).Should().Be(1);
    }

    [Fact]
    public async Task A_staged_version_that_someone_changed_is_never_promoted()
    {
        _world.Fate = (call, _) =>
        {
            if (call.StartsWith("put "))
                Vault.Versions[Vault.Open!.Id.Value] = ("changed", World.Start);
            return Fate.Works;
        };

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task A_promoted_rotation_whose_resume_fails_stays_open()
    {
        _world.Fate = (call, _) => call.StartsWith("promote ") ? Fate.DiesAfter : Fate.Works;
        await RotateAsync(_machine);
        _world.Clock.AdvanceHours(12);
        _world.Fate = (call, _) => call == "put payments/production:DB" ? Fate.Refused : Fate.Works;
        var resumed = await RotateAsync(_machine.Successor());

        resumed.Should().BeOfType<RotationOutcome.NeedsOperator>();
        Vault.Open.Should().NotBeNull();
    }

    [Theory]
    [InlineData(Fate.Refused)]
    [InlineData(Fate.AnswerLost)]
    public async Task A_target_that_the_killed_run_wrote_to_is_put_back_though_it_refuses_the_resuming_one(Fate fate)
    {
        _world.Fate = (call, _) => call == "put workspace:DB" ? Fate.DiesAfter : Fate.Works;
        await RotateAsync(_machine);
        _world.Clock.AdvanceHours(12);
        _world.Find(_secret.Targets[2])!.Value.Should().NotBe("old-value");
        _world.Fate = (call, _) => call == "put workspace:DB" ? fate : Fate.Works;

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task A_resume_replaces_every_variable_while_the_dead_may_still_be_heard()
    {
        _world.Fate = (call, _) => call.StartsWith("put ") ? Fate.DiesAfter : Fate.Works;
        await RotateAsync(_machine);
        _world.Fate = (_, _) => Fate.Works;
        var before = Uuids();

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.Rotated>();

        ShouldBeWhole();
        Uuids().Should().NotIntersectWith(before);
    }

    [Fact]
    public async Task A_resume_puts_once_the_dead_can_not_be_heard_any_more()
    {
        _world.Fate = (call, _) => call.StartsWith("put ") ? Fate.DiesAfter : Fate.Works;
        await RotateAsync(_machine);
        _world.Fate = (_, _) => Fate.Works;
        _world.Clock.Advance(RunLimits.Default.ClaimLimit + RunLimits.Default.MinimumInterval);
        var before = Uuids();

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.Rotated>();

        Uuids().Should().Equal(before);
    }

    [Theory]
    [InlineData("delete workspace:DB")]
    [InlineData("create workspace:DB")]
    public async Task A_variable_that_could_not_be_replaced_gets_the_old_value_back(string refused)
    {
        _world.Fate = (call, _) => call.StartsWith("put ") ? Fate.DiesAfter : Fate.Works;
        await RotateAsync(_machine);
        _world.Fate = (call, number) => call == refused && number == 1 ? Fate.Refused : Fate.Works;

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task A_put_that_may_land_once_more_is_undone_by_replacing_the_variable()
    {
        _world.MayLandAgain = true;
        _world.Fate = (call, _) =>
        {
            // What may land again is the first PUT: whatever the undo sends, it comes after that.
            _world.MayLandAgain &= !call.StartsWith("promote ");
            return call.StartsWith("promote ") ? Fate.Refused : Fate.Works;
        };
        var before = Uuids();

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.RolledBack>();

        ShouldBeOld();
        Uuids().Should().NotIntersectWith(before);
    }

    [Theory]
    [InlineData("put workspace:DB")]
    [InlineData("read-staged path/db")]
    [InlineData("promote path/db")]
    public async Task A_holder_that_was_held_up_for_too_long_changes_nothing_more(string call)
    {
        _world.Fate = (made, _) =>
        {
            if (made == call)
                _world.Clock.Advance(RunLimits.Default.ClaimLimit);
            return Fate.Works;
        };

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>();

        Vault.Open.Should().NotBeNull();
        _world.Calls.SkipWhile(c => c != call).Skip(1).Should().NotContain(c => c.StartsWith("promote ") || c.StartsWith("finish ") || c.StartsWith("discard ") || c.StartsWith("delete "));
    }

    [Theory]
    [InlineData("describe ")]
    [InlineData("read-staged ")]
    public async Task A_resume_that_can_not_look_keeps_the_staged_value(string blind)
    {
        _world.Fate = (call, _) => call.StartsWith("put ") ? Fate.DiesAfter : Fate.Works;
        await RotateAsync(_machine);
        var claims = 0;
        _world.Fate = (call, _) => call.StartsWith("claim ") && ++claims > 0 ? Fate.Works : claims > 0 && call.StartsWith(blind) ? Fate.Refused : Fate.Works;

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.NeedsOperator>();
        Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task What_another_run_finished_between_plan_and_claim_is_not_done_again()
    {
        var other = new Machine(_world);
        var overtaken = false;
        _world.Fate = (call, _) =>
        {
            if (call.StartsWith("claim ") && !overtaken)
            {
                overtaken = true;
                other.RotateAsync(_inventory).GetAwaiter().GetResult();
            }

            return Fate.Works;
        };
        var outcome = await RotateAsync(_machine);

        outcome.Should().BeOfType<RotationOutcome.Untouched>();
        _world.Calls.Count(c => c.StartsWith("put ")).Should().Be(3);
        ShouldBeWhole();
    }

    [Fact]
    public async Task Puts_that_fail_for_good_are_undone_by_making_the_variables_anew()
    {
        var puts = 0;
        _world.Fate = (call, _) => call.StartsWith("put ") && Interlocked.Increment(ref puts) > 1 ? Fate.Refused : Fate.Works;
        var outcome = await RotateAsync(_machine);

        outcome.Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task After_an_undo_the_next_run_rotates()
    {
        _world.Fate = (call, _) => call == "put payments/production:DB" ? Fate.AnswerLost : Fate.Works;
        await RotateAsync(_machine);
        _world.Fate = (_, _) => Fate.Works;

        (await RotateAsync(new Machine(_world))).Should().BeOfType<RotationOutcome.Rotated>();
        ShouldBeWhole();
    }

    [Fact]
    public async Task What_can_not_be_undone_needs_an_operator_and_stays_open_for_the_next_run()
    {
        BreakDistributionAndUndo();
        var outcome = await RotateAsync(_machine);

        outcome.Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone.Should().NotBeEmpty();
        Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task The_run_after_a_failed_undo_finishes_with_the_staged_value()
    {
        BreakDistributionAndUndo();
        await RotateAsync(_machine);
        var staged = Vault.Versions[Vault.Open!.Id.Value].Content;
        _world.Fate = (_, _) => Fate.Works;
        await RotateAsync(_machine.Successor());

        Vault.CurrentContent.Should().Be(staged);
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_process_killed_after_the_first_put_is_resumed_with_the_same_staged_value()
    {
        _world.Fate = (call, _) => call.StartsWith("put ") ? Fate.DiesAfter : Fate.Works;
        await RotateAsync(_machine);
        var staged = Vault.Versions[Vault.Open!.Id.Value].Content;
        _world.Fate = (_, _) => Fate.Works;
        var outcome = await RotateAsync(_machine.Successor());

        outcome.Should().BeOfType<RotationOutcome.Rotated>();
        Vault.CurrentContent.Should().Be(staged);
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_claim_whose_holder_may_be_alive_is_left_alone()
    {
        _world.Fate = (call, _) => call.StartsWith("put ") ? Fate.DiesAfter : Fate.Works;
        await RotateAsync(_machine);
        _world.Fate = (_, _) => Fate.Works;
        _world.Calls.Clear();
        var outcome = await RotateAsync(new Machine(_world));

        outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Blocked>();
        _world.Calls.Should().NotContain(c => c.StartsWith("put "));
    }

    [Fact]
    public async Task The_operator_may_take_a_dead_claim_over()
    {
        _world.Fate = (call, _) => call.StartsWith("put ") ? Fate.DiesAfter : Fate.Works;
        await RotateAsync(_machine);
        _world.Fate = (_, _) => Fate.Works;
        var outcome = await RotateAsync(new Machine(_world), new PlanRequest { TakeOver = ["db"] });

        outcome.Should().BeOfType<RotationOutcome.Rotated>();
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_lost_answer_to_the_promotion_is_resolved_by_looking()
    {
        _world.Fate = (call, _) => call.StartsWith("promote ") ? Fate.AnswerLost : Fate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Rotated>();
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_refused_promotion_is_undone()
    {
        _world.Fate = (call, _) => call.StartsWith("promote ") ? Fate.Refused : Fate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task A_promotion_that_can_not_be_seen_is_not_undone_but_left_to_the_next_run()
    {
        var promoted = false;
        _world.Fate = (call, _) => call.StartsWith("promote ") && (promoted = true) ? Fate.AnswerLost : promoted && call.StartsWith("describe ") ? Fate.Refused : Fate.Works;
        var outcome = await RotateAsync(_machine);
        _world.Fate = (_, _) => Fate.Works;
        await RotateAsync(_machine.Successor());

        outcome.Should().BeOfType<RotationOutcome.NeedsOperator>();
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_failed_finish_is_told_and_finished_by_the_next_run()
    {
        _world.Fate = (call, _) => call.StartsWith("finish ") ? Fate.Refused : Fate.Works;
        var outcome = await RotateAsync(_machine);
        _world.Fate = (_, _) => Fate.Works;
        await RotateAsync(_machine.Successor());

        outcome.Should().BeOfType<RotationOutcome.NeedsOperator>();
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_version_that_someone_else_makes_current_meanwhile_wins_and_is_delivered_by_the_next_run()
    {
        _world.Fate = (call, _) =>
        {
            if (call == "put workspace:DB")
                MoveCurrent("made-elsewhere");
            return Fate.Works;
        };
        var outcome = await RotateAsync(_machine);
        _world.Fate = (_, _) => Fate.Works;
        var next = await RotateAsync(_machine.Successor());

        outcome.Should().BeOfType<RotationOutcome.NeedsOperator>();
        next.Should().BeOfType<RotationOutcome.Redelivered>();
        Vault.CurrentContent.Should().Be("made-elsewhere");
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_cancelled_rotation_is_undone()
    {
        _world.Fate = (call, _) =>
        {
            if (call.StartsWith("put "))
                _machine.Cancellation.Cancel();
            return Fate.Works;
        };
        var outcome = await RotateAsync(_machine);

        outcome.Should().BeOfType<RotationOutcome.RolledBack>().Which.Cancelled.Should().BeTrue();
        ShouldBeOld();
    }

    [Fact]
    public async Task A_run_that_can_not_write_evidence_does_not_rotate()
    {
        var tools = _machine.Tools with { Evidence = new FullDisk() };
        var run = () => new RotationJob(tools).RunAsync(_inventory, PlanRequest.Everything, null, TestContext.Current.CancellationToken);

        await run.Should().ThrowAsync<EvidenceException>();
        ShouldBeOld();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(9)]
    [InlineData(14)]
    public async Task Evidence_that_is_lost_on_the_way_undoes_what_was_begun_and_is_told(int records)
    {
        var run = await new RotationJob(_machine.Tools with { Evidence = new FullDisk { Room = records } }).RunAsync(_inventory, PlanRequest.Everything, null, TestContext.Current.CancellationToken);

        run.LostEvidence.Should().NotBeNull();
        _world.Agrees(_secret).Should().BeTrue();
        Vault.Open.Should().BeNull();
    }

    [Fact]
    public async Task Evidence_tells_the_steps_in_their_order()
    {
        await RotateAsync(_machine);
        var done = _machine.Evidence.OfType<EvidenceRecord.Step>().Where(s => s.State == StepState.Done).Select(s => s.Kind).Distinct();

        done.Should().Equal(
            RotationStep.Claim, RotationStep.Check, RotationStep.Stage, RotationStep.Distribute, RotationStep.Verify, RotationStep.Promote, RotationStep.Finish);
    }

    [Fact]
    public async Task Every_step_is_told_before_it_is_done()
    {
        _world.Fate = (call, _) => call.StartsWith("put ") ? Fate.DiesBefore : Fate.Works;
        await RotateAsync(_machine);

        _machine.Evidence.OfType<EvidenceRecord.Step>().Should().Contain(s => s.Kind == RotationStep.Distribute && s.State == StepState.Begun);
    }

    /// <summary>Kills the process before and after every single call of a rotation, and lets a successor run.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killed_at_any_call_the_next_run_leaves_everything_whole(bool claimStages)
    {
        var calls = await CountCallsAsync(claimStages);
        for (var k = 1; k <= calls; k++)
        {
            foreach (var fate in new[] { Fate.DiesBefore, Fate.DiesAfter })
            {
                var (world, secret, inventory) = Fresh(claimStages);
                var number = 0;
                world.Fate = (_, _) => Interlocked.Increment(ref number) == k ? fate : Fate.Works;
                var first = new Machine(world);
                await first.RotateAsync(inventory).ContinueWith(t => t.Exception, TaskScheduler.Default);
                ShouldBeReadable(world, secret);
                world.Fate = (_, _) => Fate.Works;
                var result = await first.Successor().RotateAsync(inventory);
                var because = $"it died {fate} at call {k}: {world.Calls[k - 1]}, and then: {result.Results[0].Outcome}";
                world.Agrees(secret).Should().BeTrue(because);
                world.Secrets[secret.Path].Open.Should().BeNull(because);
            }
        }
    }

    /// <summary>Refuses every single call, or loses its answer, once and for good, and holds the outcome against the world.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whatever_call_fails_the_outcome_tells_the_truth(bool claimStages)
    {
        var calls = await CountCallsAsync(claimStages);
        for (var k = 1; k <= calls; k++)
        {
            foreach (var (fate, forGood) in new[] { (Fate.Refused, false), (Fate.Refused, true), (Fate.AnswerLost, false), (Fate.AnswerLost, true) })
            {
                var (world, secret, inventory) = Fresh(claimStages);
                var number = 0;
                world.Fate = (_, _) =>
                {
                    var n = Interlocked.Increment(ref number);
                    return n == k || (forGood && n > k) ? fate : Fate.Works;
                };
                var machine = new Machine(world);
                var outcome = (await machine.RotateAsync(inventory)).Results[0].Outcome;

                var because = $"call {k} ({world.Calls[k - 1]}) was {fate}{(forGood ? " for good" : "")}, and the outcome was {outcome}";
                if (outcome is RotationOutcome.Rotated or RotationOutcome.RolledBack)
                    world.Agrees(secret).Should().BeTrue(because);
                if (outcome is RotationOutcome.RolledBack or RotationOutcome.Untouched)
                    world.Secrets[secret.Path].CurrentContent.Should().Be("old-value", because);
                ShouldBeReadable(world, secret);

                world.Fate = (_, _) => Fate.Works;
                var next = await machine.Successor().RotateAsync(inventory);
                world.Agrees(secret).Should().BeTrue(because + ", then " + next.Results[0].Outcome);
                world.Secrets[secret.Path].Open.Should().BeNull(because);
            }
        }
    }

    private static (World World, ManagedSecret Secret, RotationInventory Inventory) Fresh(bool claimStages)
    {
        var world = new World { ClaimStages = claimStages };
        var secret = Inventories.Plain("db", Inventories.Payments, Inventories.Production, Inventories.Workspace);
        world.Deliver(secret, "old-value", Old);
        return (world, secret, Inventories.Of(secret));
    }

    private static async Task<int> CountCallsAsync(bool claimStages)
    {
        var (world, _, inventory) = Fresh(claimStages);
        await new Machine(world).RotateAsync(inventory);
        return world.Calls.Count;
    }

    // P2: whatever a target holds can be read from the vault.
    private static void ShouldBeReadable(World world, ManagedSecret secret)
    {
        foreach (var target in secret.Targets)
        {
            if (world.Find(target) is { } variable)
                world.Secrets[secret.Path].Versions.Values.Should().Contain(v => v.Content == variable.Value);
        }
    }

    private void BreakDistributionAndUndo() => _world.Fate = (call, _) =>
        call == "put payments/production:DB" ? Fate.AnswerLost : call.StartsWith("delete ") ? Fate.Refused : Fate.Works;

    private void MoveCurrent(string content)
    {
        var version = _world.NewUuid();
        Vault.Versions[version] = (content, _world.Clock.GetCurrentInstant());
        (Vault.Previous, Vault.Current) = (Vault.Current, version);
    }

    private async Task<RotationOutcome> RotateAsync(Machine machine, PlanRequest? request = null) =>
        (await machine.RotateAsync(_inventory, request)).Results.Single().Outcome;

    private List<string> Uuids() => [.. _secret.Targets.Select(t => _world.Find(t)!.Uuid)];

    private void ShouldBeWhole()
    {
        _world.Agrees(_secret).Should().BeTrue();
        Vault.Open.Should().BeNull();
        Vault.Delivered!.Version.Value.Should().Be(Vault.Current);
        Vault.Delivered.TargetsDigest.Should().Be(_world.Digest(_secret));
    }

    private void ShouldBeOld()
    {
        Vault.CurrentContent.Should().Be("old-value");
        _world.Agrees(_secret).Should().BeTrue();
        Vault.Open.Should().BeNull();
    }

    private sealed class FullDisk : IEvidenceLog
    {
        public int Room { get; set; }

        public void Append(EvidenceRecord record)
        {
            if (Room-- <= 0)
                throw new EvidenceException("The disk is full.");
        }
    }
}
