using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>What others do to vault and targets while a rotation runs, and what the outcome says of it.</summary>
public sealed class RotationTroubleTests() : DueSecret(Inventories.Payments, Inventories.Workspace)
{
    private List<ModelVariable> Payments => _cloud.Variables[Inventories.Payments];

    [Fact]
    public async Task A_target_that_someone_deletes_meanwhile_is_noticed_and_everything_is_put_back()
    {
        AtVerification(() => Payments.Clear());

        RolledBack(await RotateAsync(_machine)).Should().Contain("payments:DB isn't there any more");
        ShouldBeOld();
    }

    [Fact]
    public async Task A_target_that_someone_replaces_meanwhile_is_noticed_and_everything_is_put_back()
    {
        AtVerification(() => Payments[0] = Payments[0] with { Uuid = "someone-else-s" });

        var outcome = await RotateAsync(_machine);
        (outcome is RotationOutcome.RolledBack or RotationOutcome.NeedsOperator).Should().BeTrue();
        outcome.ToString().Should().Contain("payments:DB");
    }

    [Fact]
    public async Task A_target_that_someone_renames_meanwhile_is_noticed_and_everything_is_put_back()
    {
        AtVerification(() => Payments[0] = Payments[0] with { Key = "RENAMED" });

        RolledBack(await RotateAsync(_machine)).Should().Be("payments:DB was renamed to RENAMED meanwhile.");
        ShouldBeOld();
    }

    [Fact]
    public async Task A_target_that_someone_lets_be_read_meanwhile_is_noticed_and_everything_is_put_back()
    {
        AtVerification(() => Payments[0] = Payments[0] with { Secured = false });

        RolledBack(await RotateAsync(_machine)).Should().Contain("payments:DB isn't secured");
        ShouldBeOld();
    }

    [Fact]
    public async Task A_staged_value_that_someone_changes_meanwhile_is_noticed_and_everything_is_put_back()
    {
        _cloud.At("read-staged ", () => Vault.Versions[Vault.Open!.Id.Value] = ("someone-else-s", ModelCloud.Start));

        RolledBack(await RotateAsync(_machine)).Should().Contain("staged version in the vault isn't what was sent");
        ShouldBeOld();
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("unsecured")]
    public async Task A_target_that_is_not_as_it_was_after_the_undo_needs_an_operator(string change)
    {
        _cloud.Fate = (call, number) =>
        {
            if (call == "list payments" && number == 2 && change == "deleted")
                Payments.Clear();
            else if (call == "list payments" && number == 2)
                Payments[0] = Payments[0] with { Secured = false };
            return call.StartsWith("put workspace") && _cloud.Calls.Count(c => c == call) == 1 ? CallFate.Refused : CallFate.Works;
        };

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().Equal("payments:DB isn't as it was, though putting it back succeeded.");
        Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task An_undo_puts_back_what_it_can_where_no_one_can_tell_which_version_is_current()
    {
        _cloud.Fate = (call, number) => call == "put workspace:DB" || (call == "describe path/db" && number > 2)
            ? CallFate.Refused
            : CallFate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.RolledBack>();
        ShouldBeOld();
    }

    [Fact]
    public async Task A_variable_that_is_created_anew_keeps_its_name_to_the_letter()
    {
        var variables = _cloud.Variables[Inventories.Workspace];
        variables[0] = variables[0] with { Key = "Db" };
        _cloud.Fate = (call, _) => call == "put workspace:Db" ? CallFate.AnswerLost : CallFate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.RolledBack>();
        variables.Should().ContainSingle().Which.Key.Should().Be("Db");
    }

    [Fact]
    public async Task Where_nothing_was_sent_no_one_is_asked_which_version_is_current()
    {
        _cloud.Fate = (call, _) => call == "stage path/db" ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.RolledBack>();
        _cloud.Calls.SkipWhile(call => call != "stage path/db").Should().NotContain("describe path/db");
    }

    [Fact]
    public async Task An_undo_that_can_not_be_looked_at_needs_an_operator()
    {
        _cloud.Fate =
            (call, number) => call == "put workspace:DB" || (call == "list payments" && number == 2) ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().Equal("payments:DB was put back, but that could not be verified: list payments was refused.");
    }

    [Fact]
    public async Task A_target_that_can_not_be_put_back_is_named_with_the_reason()
    {
        _cloud.Fate =
            (call, _) => call == "put payments:DB" ? CallFate.AnswerLost : call == "delete payments:DB" ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().Equal("payments:DB may hold the new value or none: delete payments:DB was refused.");
    }

    [Fact]
    public async Task A_promotion_that_was_lost_on_its_way_is_looked_for_several_times_and_then_left_to_the_next_run()
    {
        _cloud.Fate = (call, _) => call.StartsWith("promote ") ? CallFate.RequestLost : CallFate.Works;
        var outcome = (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which;

        outcome.Cause.Message.Should().Contain("became current is not known");
        outcome.NotUndone.Should().ContainSingle().Which.Should().Contain("All targets hold the new value").And.Contain("next run");
        _cloud.Calls.SkipWhile(c => !c.StartsWith("promote ")).Count(c => c.StartsWith("describe ")).Should().Be(4);
        Vault.CurrentContent.Should().Be("old-value");
        Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task A_promotion_without_an_answer_is_looked_for_at_once_and_then_after_ever_longer_pauses()
    {
        var time = new SkippingTime();
        _cloud.Fate = (call, _) => call.StartsWith("promote ") ? CallFate.RequestLost : CallFate.Works;
        await new ModelMachine(_cloud) { Time = time }.RotateAsync(Inventories.Of(_secret));

        time.Waits.Should().Equal(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task A_refused_promotion_is_not_undone_where_no_one_can_tell_which_version_is_current()
    {
        var promoted = false;
        _cloud.Fate = (call, _) =>
        {
            if (call.StartsWith("promote "))
            {
                promoted = true;
                _cloud.MoveCurrent(_secret);
            }

            return promoted && call.StartsWith("describe ") ? CallFate.Refused : CallFate.Works;
        };

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>();
        _cloud.Calls.SkipWhile(c => !c.StartsWith("promote ")).Should().NotContain(c => c.StartsWith("put "));
        Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task Stopped_after_the_verification_it_promotes_nothing_and_puts_everything_back()
    {
        var stopping = new OnRecord(
            _machine.Evidence,
            record => record is EvidenceRecord.Step { Kind: RotationStep.Verify, State: StepState.Done },
            _machine.Cancellation.Cancel);
        var run = await new RotationJob(_machine.Tools with { Evidence = stopping }).RunAsync(
            Inventories.Of(_secret), PlanRequest.Everything, null, _machine.Cancellation.Token);

        run.Results.Single().Outcome.Should()
            .Be(new RotationOutcome.RolledBack(new(FailureKind.Cancelled, "It was cancelled."), Cancelled: true));
        _cloud.Calls.Should().NotContain(c => c.StartsWith("promote "));
        ShouldBeOld();
    }

    [Fact]
    public async Task A_lost_answer_to_the_promotion_is_resolved_by_a_later_look_where_the_first_ones_fail()
    {
        var promoted = 0;
        _cloud.Fate = (
            call, _) => call.StartsWith("promote ") && ++promoted > 0
                ? CallFate.AnswerLost
                : promoted > 0 && call.StartsWith("describe ") && ++promoted < 5 ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Rotated>();
        _cloud.Agrees(_secret).Should().BeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_promotion_whose_answer_was_lost_is_found_where_descriptions_lag_behind_it(int looks)
    {
        _cloud.Fate = (call, _) =>
        {
            if (call.StartsWith("promote "))
                Vault.Lagging = (Vault.Describe(), looks);
            return call.StartsWith("promote ") ? CallFate.AnswerLost : CallFate.Works;
        };

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Rotated>();
        _cloud.Agrees(_secret).Should().BeTrue();
    }

    [Fact]
    public async Task A_promotion_whose_answer_was_lost_is_never_undone_however_long_descriptions_lag_behind_it()
    {
        _cloud.Fate = (call, _) =>
        {
            if (call.StartsWith("promote "))
                Vault.Lagging = (Vault.Describe(), 100);
            return call.StartsWith("promote ") ? CallFate.AnswerLost : CallFate.Works;
        };

        (await RotateAsync(_machine))
            .Should().BeOfType<RotationOutcome.NeedsOperator>().Which.Cause.Message
            .Should().Contain("became current is not known");
        _cloud.Agrees(_secret).Should().BeTrue();
    }

    [Fact]
    public async Task A_promotion_without_an_answer_is_not_undone_where_another_version_is_current_now()
    {
        _cloud.Fate = (call, _) =>
        {
            if (call.StartsWith("promote "))
                _cloud.MoveCurrent(_secret);
            return call.StartsWith("promote ") ? CallFate.RequestLost : CallFate.Works;
        };

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().ContainSingle().Which.Should().Contain("The vault's current version is someone else's now");
        _cloud.Calls.SkipWhile(c => !c.StartsWith("promote ")).Should().NotContain(c => c.StartsWith("put "));
        Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task Nothing_is_put_back_where_another_version_became_current_before_the_promotion()
    {
        _cloud.Fate = (call, _) =>
        {
            if (call == "put workspace:DB")
                _cloud.MoveCurrent(_secret);
            return call == "put workspace:DB" ? CallFate.Refused : CallFate.Works;
        };

        var outcome = (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which;
        outcome.NotUndone.Should().ContainSingle().Which
            .Should().Contain("The vault's current version is someone else's now").And.Contain("The targets hold the one that was staged");
        outcome.State[0].Should().Be("The vault's current version is someone else's. The new value stays staged. The claim stays.");
        _cloud.Calls.Count(c => c == "put payments:DB").Should().Be(1);
        Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task A_description_that_does_not_show_the_claim_yet_is_asked_for_again()
    {
        LagFromTheClaimOn(3);

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Rotated>();
        ((SkippingTime)_machine.Time).Waits.Should().Equal(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4));
        _cloud.Agrees(_secret).Should().BeTrue();
    }

    [Fact]
    public async Task Nothing_is_sent_where_no_description_ever_shows_the_claim()
    {
        LagFromTheClaimOn(100);

        Blocked(await RotateAsync(_machine)).Why.Should().Contain("lags behind");
        _cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
        Vault.Open.Should().BeNull();
    }

    [Fact]
    public async Task A_claim_without_an_answer_touches_nothing_and_says_what_may_stand_there()
    {
        _cloud.Fate = (call, _) => call.StartsWith("claim ") ? CallFate.AnswerLost : CallFate.Works;

        var outcome = (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which;
        outcome.Cause.Message.Should().Contain("answer to claim");
        outcome.NotUndone.Should().ContainSingle().Which.Should().Contain("No target was touched");
        _cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
    }

    [Fact]
    public async Task What_changed_between_plan_and_claim_is_left_to_the_next_plan()
    {
        _cloud.At("claim ", () => _cloud.MoveCurrent(_secret));

        Blocked(await RotateAsync(_machine)).Should().Be(new Decision.Blocked(
                FailureKind.PlanOutdated, "It changed between the plan and the claim.", "Run again: the next plan sees the change."));
        Vault.Open.Should().BeNull();
    }

    [Fact]
    public async Task What_need_not_be_done_any_more_under_the_claim_is_not_done_and_says_so()
    {
        _cloud.At("claim ", () => Vault.Delivered = Vault.Delivered! with { ValueSince = ModelCloud.Start });

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.NotDue>();
        Vault.Open.Should().BeNull();
    }

    [Fact]
    public async Task A_claim_that_was_lost_says_who_holds_it_and_how_to_take_it_over()
    {
        _cloud.At("claim ", () => Vault.Open = new OpenRotation(
            new("theirs"), new("v0"), new Holder.Process("00000000000000bb", 1, 1, "them@elsewhere"), ModelCloud.Start,
            Staged: true, "theirs"));

        var blocked = Blocked(await RotateAsync(_machine));
        blocked.Why.Should().Contain("them@elsewhere");
        blocked.Hint.Should().Contain("rotate --only db --take-over db");
        _machine.Evidence.OfType<EvidenceRecord.Step>().Single(s => s.State == StepState.Done).Detail.Should().Contain("them@elsewhere");
    }

    [Fact]
    public async Task A_claim_that_can_not_be_released_after_a_refusal_needs_an_operator()
    {
        _cloud.Fate = (call, _) =>
        {
            if (call.StartsWith("claim "))
                _cloud.MoveCurrent(_secret);
            return call.StartsWith("discard ") ? CallFate.Refused : CallFate.Works;
        };

        var outcome = (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which;
        outcome.Cause.Message.Should().Contain("could not be released");
        outcome.NotUndone.Should().ContainSingle().Which.Should().Contain("discard path/db was refused.").And.Contain("next run");
    }

    [Theory]
    [InlineData(CallFate.Works)]
    [InlineData(CallFate.Refused)]
    public async Task Content_that_is_too_large_for_the_vault_is_refused_before_any_target_is_touched(CallFate discard)
    {
        var secret = _secret with { Value = new ValuePolicy.Plain(new ValueGenerator.Hex(40_000, null)) };
        _cloud.Fate = (call, _) => call.StartsWith("discard ") ? discard : CallFate.Works;
        var outcome = (await _machine.RotateAsync(Inventories.Of(secret))).Results.Single().Outcome;

        if (discard == CallFate.Works)
            Blocked(outcome).Why.Should().Contain("80000 bytes").And.Contain("65536");
        else
            outcome.Should().BeOfType<RotationOutcome.NeedsOperator>().Which.Cause.Message.Should().Contain("claim could not be released");
        _machine.Evidence.OfType<EvidenceRecord.Step>()
            .Where(s => s.Kind == RotationStep.Check)
            .Select(s => s.State)
            .Should().Equal(StepState.Begun, StepState.Failed);
        _cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
    }

    [Fact]
    public async Task A_current_value_without_a_target_s_field_can_not_be_put_back_and_so_nothing_is_sent()
    {
        var secret = Inventories.Secret(
            "json", new ValuePolicy.Json([new GeneratedField("password", new ValueGenerator.Hex(20, null))]),
            new VariableTarget(Inventories.Payments, "JSON", "password", false));
        _cloud.Deliver(secret, """{"password":"old"}""", Duration.FromDays(1));
        var vault = _cloud.Secrets[secret.Path];
        vault.Versions["older"] = vault.Versions[vault.Current];
        vault.Versions[vault.Current] = ("""{"user":"app"}""", ModelCloud.Start);
        var result = await new RotationJob(_machine.Tools)
            .RollbackAsync(Inventories.Of(secret), new("json", "older", "me", "why"), TestContext.Current.CancellationToken);

        Blocked(result.Results.Single().Outcome).Why.Should().Contain("payments:JSON");
        _cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
    }

    [Theory]
    [InlineData("claim path/db")]
    [InlineData("stage path/db")]
    public async Task Stopped_before_it_distributes_nothing_is_sent(string stoppedAt)
    {
        _cloud.At(stoppedAt, () => _machine.Cancellation.Cancel());

        (await RotateAsync(_machine))
            .Should().BeOfType<RotationOutcome.RolledBack>().Which
            .Should().Be(new RotationOutcome.RolledBack(new(FailureKind.Cancelled, "It was cancelled."), Cancelled: true));
        _cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
        _cloud.Calls.Contains("stage path/db").Should().Be(stoppedAt == "stage path/db");
        ShouldBeOld();
    }

    [Fact]
    public async Task A_rotation_is_recorded_as_promoted_and_a_delivery_is_not()
    {
        await RotateAsync(_machine);
        _cloud.MoveCurrent(_secret);
        await new ModelMachine(_cloud).RotateAsync(Inventories.Of(_secret));

        Vault.Finished.Select(f => f.Promoted).Should().Equal(true, false);
        Vault.Finished.Select(f => f.Mark.Version.Value).Should().Equal(Vault.Previous, Vault.Current);
    }

    [Fact]
    public async Task A_resumed_rotation_is_recorded_as_promoted_whether_or_not_it_was_current_already()
    {
        foreach (var call in new[] { "put payments:DB", "promote path/db" })
        {
            var cloud = new ModelCloud();
            cloud.Deliver(_secret, "old-value", Old);
            cloud.Fate = (made, _) => made == call ? CallFate.DiesAfter : CallFate.Works;
            var first = new ModelMachine(cloud);
            await first.RotateAsync(Inventories.Of(_secret));
            cloud.Fate = (_, _) => CallFate.Works;
            await first.Successor().RotateAsync(Inventories.Of(_secret));

            cloud.Secrets[_secret.Path].Finished.Select(f => f.Promoted).Should().Equal([true], call);
        }
    }

    [Fact]
    public async Task A_rotation_s_id_is_a_random_uuid_of_the_usual_form()
    {
        await RotateAsync(_machine);

        Vault.Current.Should().MatchRegex("^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$");
    }

    private static string RolledBack(RotationOutcome outcome) =>
        outcome.Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message;

    private static Decision.Blocked Blocked(RotationOutcome outcome) =>
        outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Blocked>().Which;

    private void AtVerification(Action change) => _cloud.Fate = (call, number) =>
    {
        if (call == "list payments" && number == 2)
            change();
        return CallFate.Works;
    };

    [Theory]
    [InlineData(129, true)]
    [InlineData(130, false)]
    public async Task Variables_are_replaced_while_a_rotation_that_was_overtaken_may_still_be_heard(int minutes, bool replaced)
    {
        Vault.LastTrace = ModelCloud.Start;
        _cloud.Clock.Advance(Duration.FromMinutes(minutes));

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Rotated>();
        _cloud.Calls.Any(c => c.StartsWith("delete ")).Should().Be(replaced);
    }

    private void LagFromTheClaimOn(int looks) => _cloud.At("claim ", () => Vault.Lagging = (Vault.Describe(), looks));
}
