using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>One secret, three targets in three scopes, and everything that can happen to it.</summary>
public sealed class RotationTests() : DueSecret(Inventories.Payments, Inventories.Production, Inventories.Workspace)
{
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
        _cloud.Calls.Clear();
        var outcome = await RotateAsync(new ModelMachine(_cloud));

        outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.NotDue>();
        _cloud.Calls.Should().OnlyContain(c => c.StartsWith("list ") || c.StartsWith("describe "));
    }

    [Fact]
    public async Task It_costs_one_put_a_target_and_two_listings_a_scope()
    {
        await RotateAsync(_machine);

        _cloud.Calls.Count(c => c.StartsWith("put ")).Should().Be(3);
        _cloud.Calls.Where(c => c.StartsWith("list ")).CountBy(c => c).Should().OnlyContain(p => p.Value == 2);
    }

    [Fact]
    public async Task The_value_stands_in_the_vault_before_any_target_gets_it()
    {
        await RotateAsync(_machine);

        _cloud.Calls.FindIndex(c => c.StartsWith("stage ")).Should().BeLessThan(_cloud.Calls.FindIndex(c => c.StartsWith("put ")));
    }

    [Fact]
    public async Task A_refused_target_rolls_the_others_back()
    {
        _cloud.Fate = (call, _) => call == "put payments/production:DB" ? CallFate.Refused : CallFate.Works;
        var outcome = await RotateAsync(_machine);

        outcome.Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task A_lost_answer_to_a_put_is_still_undone()
    {
        _cloud.Fate = (call, _) => call == "put payments/production:DB" ? CallFate.AnswerLost : CallFate.Works;
        var outcome = await RotateAsync(_machine);

        outcome.Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task An_unanswered_put_that_lands_after_the_undo_finds_its_variable_gone()
    {
        var uuid = _cloud.Find(_secret.Targets[1])!.Uuid;
        _cloud.Fate = (call, number) => call == "put payments/production:DB" && number == 1 ? CallFate.AnswerLost : CallFate.Works;
        await RotateAsync(_machine);

        _cloud.Find(_secret.Targets[1])!.Uuid.Should().NotBe(uuid);
        ShouldBeOld();
    }

    [Fact]
    public async Task A_target_that_refused_is_not_touched_by_the_undo()
    {
        _cloud.Fate = (call, _) => call == "put payments/production:DB" ? CallFate.Refused : CallFate.Works;
        await RotateAsync(_machine);

        _cloud.Calls.Count(c => c.EndsWith(" payments/production:DB")).Should().Be(1);
    }

    [Fact]
    public async Task A_staged_version_that_someone_changed_is_never_promoted()
    {
        _cloud.At("put ", () => Vault.Versions[Vault.Open!.Id.Value] = ("changed", ModelCloud.Start));

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task A_promoted_rotation_whose_resume_fails_stays_open()
    {
        _cloud.Fate = (call, _) => call.StartsWith("promote ") ? CallFate.DiesAfter : CallFate.Works;
        await RotateAsync(_machine);
        _cloud.Clock.AdvanceHours(12);
        _cloud.Fate = (call, _) => call == "put payments/production:DB" ? CallFate.Refused : CallFate.Works;
        var resumed = await RotateAsync(_machine.Successor());

        resumed.Should().BeOfType<RotationOutcome.NeedsOperator>();
        Vault.Open.Should().NotBeNull();
    }

    [Theory]
    [InlineData(CallFate.Refused)]
    [InlineData(CallFate.AnswerLost)]
    public async Task A_target_that_the_killed_run_wrote_to_is_put_back_though_it_refuses_the_resuming_one(CallFate fate)
    {
        _cloud.Fate = (call, _) => call == "put workspace:DB" ? CallFate.DiesAfter : CallFate.Works;
        await RotateAsync(_machine);
        _cloud.Clock.AdvanceHours(12);
        _cloud.Find(_secret.Targets[2])!.Value.Should().NotBe("old-value");
        _cloud.Fate = (call, _) => call == "put workspace:DB" ? fate : CallFate.Works;

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task A_resume_replaces_every_variable_while_the_dead_may_still_be_heard()
    {
        _cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.DiesAfter : CallFate.Works;
        await RotateAsync(_machine);
        _cloud.Fate = (_, _) => CallFate.Works;
        var before = Uuids();

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.Rotated>();

        ShouldBeWhole();
        Uuids().Should().NotIntersectWith(before);
    }

    [Fact]
    public async Task A_resume_puts_once_the_dead_can_not_be_heard_any_more()
    {
        _cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.DiesAfter : CallFate.Works;
        await RotateAsync(_machine);
        _cloud.Fate = (_, _) => CallFate.Works;
        _cloud.Clock.Advance(RunLimits.Default.ClaimLimit + RunLimits.Default.MinimumInterval);
        var before = Uuids();

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.Rotated>();

        Uuids().Should().Equal(before);
    }

    [Theory]
    [InlineData("delete workspace:DB")]
    [InlineData("create workspace:DB")]
    public async Task A_variable_that_could_not_be_replaced_gets_the_old_value_back(string refused)
    {
        _cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.DiesAfter : CallFate.Works;
        await RotateAsync(_machine);
        _cloud.Fate = (call, number) => call == refused && number == 1 ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task A_put_that_may_land_once_more_is_undone_by_replacing_the_variable()
    {
        _cloud.MayLandAgain = true;
        _cloud.Fate = (call, _) =>
        {
            // What may land again is the first PUT: whatever the undo sends, it comes after that.
            _cloud.MayLandAgain &= !call.StartsWith("promote ");
            return call.StartsWith("promote ") ? CallFate.Refused : CallFate.Works;
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
        _cloud.At(call, () => _cloud.Clock.Advance(RunLimits.Default.ClaimLimit));

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>();

        Vault.Open.Should().NotBeNull();
        _cloud.Calls.SkipWhile(c => c != call)
            .Skip(1)
            .Should()
            .NotContain(c => c.StartsWith("promote ") || c.StartsWith("finish ") || c.StartsWith("discard ") || c.StartsWith("delete "));
    }

    [Theory]
    [InlineData("describe ")]
    [InlineData("read-staged ")]
    public async Task A_resume_that_can_not_look_keeps_the_staged_value(string blind)
    {
        _cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.DiesAfter : CallFate.Works;
        await RotateAsync(_machine);
        var claims = 0;
        _cloud.Fate = (
            call, _) => call.StartsWith("claim ") && ++claims > 0
                ? CallFate.Works
                : claims > 0 && call.StartsWith(blind) ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(_machine.Successor())).Should().BeOfType<RotationOutcome.NeedsOperator>();
        Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task What_another_run_finished_between_plan_and_claim_is_not_done_again()
    {
        var other = new ModelMachine(_cloud);
        var overtaken = false;
        _cloud.Fate = (call, _) =>
        {
            if (call.StartsWith("claim ") && !overtaken)
            {
                overtaken = true;
                other.RotateAsync(_inventory).GetAwaiter().GetResult();
            }

            return CallFate.Works;
        };
        var outcome = await RotateAsync(_machine);

        outcome.Should().BeOfType<RotationOutcome.Untouched>();
        _cloud.Calls.Count(c => c.StartsWith("put ")).Should().Be(3);
        ShouldBeWhole();
    }

    [Fact]
    public async Task Puts_that_fail_for_good_are_undone_by_making_the_variables_anew()
    {
        var puts = 0;
        _cloud.Fate = (call, _) => call.StartsWith("put ") && Interlocked.Increment(ref puts) > 1 ? CallFate.Refused : CallFate.Works;
        var outcome = await RotateAsync(_machine);

        outcome.Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task After_an_undo_the_next_run_rotates()
    {
        _cloud.Fate = (call, _) => call == "put payments/production:DB" ? CallFate.AnswerLost : CallFate.Works;
        await RotateAsync(_machine);
        _cloud.Fate = (_, _) => CallFate.Works;

        (await RotateAsync(new ModelMachine(_cloud))).Should().BeOfType<RotationOutcome.Rotated>();
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
        _cloud.Fate = (_, _) => CallFate.Works;
        await RotateAsync(_machine.Successor());

        Vault.CurrentContent.Should().Be(staged);
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_process_killed_after_the_first_put_is_resumed_with_the_same_staged_value()
    {
        _cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.DiesAfter : CallFate.Works;
        await RotateAsync(_machine);
        var staged = Vault.Versions[Vault.Open!.Id.Value].Content;
        _cloud.Fate = (_, _) => CallFate.Works;
        var outcome = await RotateAsync(_machine.Successor());

        outcome.Should().BeOfType<RotationOutcome.Rotated>();
        Vault.CurrentContent.Should().Be(staged);
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_claim_whose_holder_may_be_alive_is_left_alone()
    {
        _cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.DiesAfter : CallFate.Works;
        await RotateAsync(_machine);
        _cloud.Fate = (_, _) => CallFate.Works;
        _cloud.Calls.Clear();
        var outcome = await RotateAsync(new ModelMachine(_cloud));

        outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Blocked>();
        _cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
    }

    [Fact]
    public async Task The_operator_may_take_a_dead_claim_over()
    {
        _cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.DiesAfter : CallFate.Works;
        await RotateAsync(_machine);
        _cloud.Fate = (_, _) => CallFate.Works;
        var outcome = await RotateAsync(new ModelMachine(_cloud), new PlanRequest { TakeOver = ["db"] });

        outcome.Should().BeOfType<RotationOutcome.Rotated>();
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_lost_answer_to_the_promotion_is_resolved_by_looking()
    {
        _cloud.Fate = (call, _) => call.StartsWith("promote ") ? CallFate.AnswerLost : CallFate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Rotated>();
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_refused_promotion_is_undone()
    {
        _cloud.Fate = (call, _) => call.StartsWith("promote ") ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task A_promotion_that_can_not_be_seen_is_not_undone_but_left_to_the_next_run()
    {
        var promoted = false;
        _cloud.Fate = (
            call, _) => call.StartsWith("promote ") && (promoted = true)
                ? CallFate.AnswerLost
                : promoted && call.StartsWith("describe ") ? CallFate.Refused : CallFate.Works;
        var outcome = await RotateAsync(_machine);
        _cloud.Fate = (_, _) => CallFate.Works;
        await RotateAsync(_machine.Successor());

        outcome.Should().BeOfType<RotationOutcome.NeedsOperator>();
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_failed_finish_is_told_and_finished_by_the_next_run()
    {
        _cloud.Fate = (call, _) => call.StartsWith("finish ") ? CallFate.Refused : CallFate.Works;
        var outcome = await RotateAsync(_machine);
        _cloud.Fate = (_, _) => CallFate.Works;
        await RotateAsync(_machine.Successor());

        outcome.Should().BeOfType<RotationOutcome.NeedsOperator>();
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_version_that_someone_else_makes_current_meanwhile_wins_and_is_delivered_by_the_next_run()
    {
        _cloud.At("put workspace:DB", () => _cloud.MoveCurrent(_secret));
        var outcome = await RotateAsync(_machine);
        _cloud.Fate = (_, _) => CallFate.Works;
        var next = await RotateAsync(_machine.Successor());

        outcome.Should().BeOfType<RotationOutcome.NeedsOperator>();
        next.Should().BeOfType<RotationOutcome.Redelivered>();
        Vault.CurrentContent.Should().Be("made-elsewhere");
        ShouldBeWhole();
    }

    [Fact]
    public async Task A_cancelled_rotation_is_undone()
    {
        _cloud.At("put ", () => _machine.Cancellation.Cancel());
        var outcome = await RotateAsync(_machine);

        outcome.Should().BeOfType<RotationOutcome.RolledBack>().Which.Cancelled.Should().BeTrue();
        ShouldBeOld();
    }

    [Fact]
    public async Task A_run_that_can_not_write_evidence_does_not_rotate()
    {
        var tools = _machine.Tools with { Evidence = new FullDisk(0) };
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
        var run = await new RotationJob(_machine.Tools with { Evidence = new FullDisk(records) })
            .RunAsync(_inventory, PlanRequest.Everything, null, TestContext.Current.CancellationToken);

        run.LostEvidence.Should().NotBeNull();
        _cloud.Agrees(_secret).Should().BeTrue();
        Vault.Open.Should().BeNull();
    }

    [Fact]
    public async Task Evidence_tells_the_steps_in_their_order()
    {
        await RotateAsync(_machine);
        var done = _machine.Evidence.OfType<EvidenceRecord.Step>().Where(s => s.State == StepState.Done).Select(s => s.Kind).Distinct();

        done.Should().Equal(
            RotationStep.Claim, RotationStep.Check, RotationStep.Stage, RotationStep.Distribute, RotationStep.Verify, RotationStep.Promote,
            RotationStep.Finish);
    }

    [Fact]
    public async Task Every_step_is_told_before_it_is_done()
    {
        _cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.DiesBefore : CallFate.Works;
        await RotateAsync(_machine);

        _machine.Evidence.OfType<EvidenceRecord.Step>().Should()
            .Contain(s => s.Kind == RotationStep.Distribute && s.State == StepState.Begun);
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
            foreach (var fate in new[] { CallFate.DiesBefore, CallFate.DiesAfter })
            {
                var (cloud, secret, inventory) = Fresh(claimStages);
                var number = 0;
                cloud.Fate = (_, _) => Interlocked.Increment(ref number) == k ? fate : CallFate.Works;
                var first = new ModelMachine(cloud);
                await first.RotateAsync(inventory).ContinueWith(t => t.Exception, TaskScheduler.Default);
                ShouldBeReadable(cloud, secret);
                cloud.Fate = (_, _) => CallFate.Works;
                var result = await first.Successor().RotateAsync(inventory);
                var because = $"it died {fate} at call {k}: {cloud.Calls[k - 1]}, and then: {result.Results[0].Outcome}";
                cloud.Agrees(secret).Should().BeTrue(because);
                cloud.Secrets[secret.Path].Open.Should().BeNull(because);
            }
        }
    }

    /// <summary>Refuses every single call, or loses its answer, once and for good, and holds the outcome against the cloud.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whatever_call_fails_the_outcome_tells_the_truth(bool claimStages)
    {
        var calls = await CountCallsAsync(claimStages);
        for (var k = 1; k <= calls; k++)
        {
            foreach (var (fate, forGood) in new[]
            {
                (CallFate.Refused, false),
                (CallFate.Refused, true),
                (CallFate.AnswerLost, false),
                (CallFate.AnswerLost, true),
            })
            {
                var (cloud, secret, inventory) = Fresh(claimStages);
                var number = 0;
                cloud.Fate = (_, _) =>
                {
                    var n = Interlocked.Increment(ref number);
                    return n == k || (forGood && n > k) ? fate : CallFate.Works;
                };
                var machine = new ModelMachine(cloud);
                var outcome = (await machine.RotateAsync(inventory)).Results[0].Outcome;

                var because = $"call {k} ({cloud.Calls[k - 1]}) was {fate}{(forGood ? " for good" : "")}, and the outcome was {outcome}";
                if (outcome is RotationOutcome.Rotated or RotationOutcome.RolledBack)
                    cloud.Agrees(secret).Should().BeTrue(because);
                if (outcome is RotationOutcome.RolledBack or RotationOutcome.Untouched)
                    cloud.Secrets[secret.Path].CurrentContent.Should().Be("old-value", because);
                ShouldBeReadable(cloud, secret);

                cloud.Fate = (_, _) => CallFate.Works;
                var next = await machine.Successor().RotateAsync(inventory);
                cloud.Agrees(secret).Should().BeTrue(because + ", then " + next.Results[0].Outcome);
                cloud.Secrets[secret.Path].Open.Should().BeNull(because);
            }
        }
    }

    private static (ModelCloud ModelCloud, ManagedSecret Secret, RotationInventory Inventory) Fresh(bool claimStages)
    {
        var cloud = new ModelCloud { ClaimStages = claimStages };
        var secret = Inventories.Plain("db", Inventories.Payments, Inventories.Production, Inventories.Workspace);
        cloud.Deliver(secret, "old-value", Old);
        return (cloud, secret, Inventories.Of(secret));
    }

    private static async Task<int> CountCallsAsync(bool claimStages)
    {
        var (cloud, _, inventory) = Fresh(claimStages);
        await new ModelMachine(cloud).RotateAsync(inventory);
        return cloud.Calls.Count;
    }

    // P2: whatever a target holds can be read from the vault.
    private static void ShouldBeReadable(ModelCloud cloud, ManagedSecret secret)
    {
        foreach (var target in secret.Targets)
        {
            if (cloud.Find(target) is { } variable)
                cloud.Secrets[secret.Path].Versions.Values.Should().Contain(v => v.Content == variable.Value);
        }
    }

    private void BreakDistributionAndUndo() => _cloud.Fate = (call, _) =>
        call == "put payments/production:DB" ? CallFate.AnswerLost : call.StartsWith("delete ") ? CallFate.Refused : CallFate.Works;

    private void ShouldBeWhole()
    {
        _cloud.Agrees(_secret).Should().BeTrue();
        Vault.Open.Should().BeNull();
        Vault.Delivered!.Version.Value.Should().Be(Vault.Current);
        Vault.Delivered.TargetsDigest.Should().Be(_cloud.Digest(_secret));
    }
}
