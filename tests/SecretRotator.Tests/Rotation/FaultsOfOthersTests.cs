using SecretRotator.Evidence;
using SecretRotator.Rotation;
using SecretRotator.Tests.Providers.Bitbucket;

namespace SecretRotator.Tests.Rotation;

/// <summary>Faults that rotation tools are known for. Each test is named after what must not happen here.</summary>
public sealed class FaultsOfOthersTests() : DueSecret(Inventories.Payments, Inventories.Production, Inventories.Workspace)
{
    private static readonly Duration Young = Duration.FromDays(4);
    private static readonly Duration Period = Duration.FromDays(31);

    [Fact]
    public async Task A_crash_between_the_value_and_its_metadata_does_not_lose_the_due_date()
    {
        await DieAsync("promote ");
        await RotateAsync(_machine.Successor());

        Vault.Delivered!.Version.Value.Should().Be(Vault.Current);
        Vault.Delivered.ValueSince.Should().Be(ModelCloud.Start);
        _cloud.Clock.Advance(Period);
        (await RotateAsync(new ModelMachine(_cloud))).Should().BeOfType<RotationOutcome.Rotated>();
    }

    [Fact]
    public async Task Interrupted_work_does_not_look_finished()
    {
        await DieAsync("put ");
        var plan = await PlanAsync(new ModelMachine(_cloud));

        plan.Items.Single().Decision.Should().BeOfType<Decision.Blocked>().Which.Why.Should().Contain("test@machine");
    }

    [Fact]
    public async Task One_failing_secret_does_not_stop_the_rest()
    {
        var others = Enumerable.Range(1, 3).Select(i => Inventories.Plain($"s{i}", new VariableScope.Repository("acme", $"r{i}")))
            .ToArray();
        foreach (var other in others)
            _cloud.Deliver(other, "old-value", Old);
        _cloud.Fate = (call, _) => call == "put r1:S1" ? CallFate.Refused : CallFate.Works;
        var result = await _machine.RotateAsync(Inventories.Of(others));

        result.Results.Select(r => r.Outcome is RotationOutcome.Rotated).Should().Equal(false, true, true);
    }

    [Fact]
    public async Task A_missing_target_is_no_warning_and_does_not_count_as_rotated()
    {
        _cloud.Variables[Inventories.Production].Clear();
        var result = await _machine.RotateAsync(_inventory);

        result.Results.Single().Outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Blocked>();
        ExitCodes.Of(result).Should().Be(ExitCode.Blocked);
        Vault.CurrentContent.Should().Be("old-value");
    }

    [Fact]
    public async Task Running_twice_quickly_rotates_once()
    {
        var forced = new PlanRequest { Force = ["db"], ForceReason = "leaked", ForcedBy = "me" };
        await RotateAsync(_machine, forced);
        var again = await RotateAsync(new ModelMachine(_cloud), forced);

        again.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Waiting>();
        Vault.Versions.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(CallFate.Refused)]
    [InlineData(CallFate.AnswerLost)]
    [InlineData(CallFate.RequestLost)]
    public async Task A_failed_delivery_does_not_look_fresh(CallFate fate)
    {
        var before = Vault.Delivered;
        _cloud.Fate = (call, _) => call == "put workspace:DB" ? fate : CallFate.Works;
        await RotateAsync(_machine);

        Vault.Delivered!.ValueSince.Should().Be(before!.ValueSince);
        (await PlanAsync(new ModelMachine(_cloud))).Items.Single().Decision.Should().BeOfType<Decision.Due>();
    }

    [Fact]
    public async Task A_bare_rotate_rotates_only_what_is_due()
    {
        var young = Inventories.Plain("young", new VariableScope.Repository("acme", "young"));
        _cloud.Deliver(young, "young-value", Young);
        await _machine.RotateAsync(Inventories.Of(_secret, young));

        Vault.CurrentContent.Should().NotBe("old-value");
        _cloud.Secrets[young.Path].CurrentContent.Should().Be("young-value");
        _cloud.Calls.Should().NotContain(c => c.Contains("YOUNG"));
    }

    [Fact]
    public async Task A_dry_run_changes_nothing_and_reads_no_value()
    {
        await PlanAsync(_machine);

        _cloud.Calls.Should().NotBeEmpty().And.OnlyContain(c => c.StartsWith("list ") || c.StartsWith("describe "));
        _machine.Values.Should().BeEmpty();
    }

    [Fact]
    public async Task An_undo_that_failed_is_never_called_done()
    {
        _cloud.Fate = (
            call, _) => call == "put payments/production:DB"
                ? CallFate.AnswerLost
                : call.StartsWith("delete ") ? CallFate.Refused : CallFate.Works;
        var outcome = await RotateAsync(_machine);

        outcome.Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().Contain(left => left.Contains("payments/production:DB"));
        Steps(RotationStep.Restore).Should().Contain(s => s.Target == "payments/production:DB").And
            .NotContain(s => s.Target == "payments/production:DB" && s.State == StepState.Done);
        Steps(RotationStep.Discard).Should().NotContain(s => s.State == StepState.Done);
    }

    [Fact]
    public async Task A_failed_delivery_is_undone_where_it_arrived()
    {
        _cloud.Fate = (call, _) => call == "put workspace:DB" ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.RolledBack>();
        _cloud.Calls.Should().Contain("put payments:DB");
        ShouldBeOld();
    }

    [Fact]
    public async Task A_lost_answer_is_not_undone_without_looking()
    {
        _cloud.Fate = (call, _) => call.StartsWith("promote ") ? CallFate.AnswerLost : CallFate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Rotated>();
        _cloud.Calls.SkipWhile(c => !c.StartsWith("promote ")).ElementAt(1).Should().StartWith("describe ");
        Steps(RotationStep.Restore).Should().BeEmpty();
    }

    [Theory]
    [InlineData("list workspace")]
    [InlineData("list payments/production")]
    [InlineData("describe path/db")]
    public async Task A_failed_listing_plans_nothing_from_half_the_truth(string blind)
    {
        // A target that may be created must not be taken for one that is missing.
        var secret = _secret with { Targets = [.. _secret.Targets.Select(t => t with { MayCreate = true })] };
        _cloud.Fate = (call, _) => call == blind ? CallFate.Refused : CallFate.Works;
        var outcome = (await _machine.RotateAsync(Inventories.Of(secret))).Results.Single().Outcome;

        outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Blocked>();
        _cloud.Calls.Should().OnlyContain(c => c.StartsWith("list ") || c.StartsWith("describe "));
    }

    [Fact]
    public async Task A_failed_proof_is_not_overwritten_by_the_next_one_s_success()
    {
        _cloud.Fate = (call, number) => call == "list payments" && number == 2 ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.RolledBack>();
        _cloud.Calls.Should().NotContain(c => c.StartsWith("promote "));
        ShouldBeOld();
    }

    [Fact]
    public async Task An_answered_put_that_left_no_variable_is_not_taken_for_a_delivery()
    {
        _cloud.Fate = (call, number) =>
        {
            if (call == "list workspace" && number == 2)
                _cloud.Variables[Inventories.Workspace].Clear();
            return CallFate.Works;
        };

        (await RotateAsync(_machine)).Should().NotBeOfType<RotationOutcome.Rotated>();
        _cloud.Calls.Should().NotContain(c => c.StartsWith("promote "));
        Vault.CurrentContent.Should().Be("old-value");
    }

    [Fact]
    public async Task Success_is_recorded_after_the_delivery()
    {
        var before = Vault.Delivered;
        var early = new List<string>();
        _cloud.Fate = (call, _) =>
        {
            if (Vault.Delivered != before)
                early.Add(call);
            return CallFate.Works;
        };
        await RotateAsync(_machine);

        early.Should().BeEmpty();
        Vault.Delivered.Should().NotBe(before);
        var recorded = _cloud.Calls.FindIndex(c => c.StartsWith("finish "));
        _cloud.Calls.FindLastIndex(c => c.StartsWith("put ") || c.StartsWith("list ")).Should().BeLessThan(recorded);
    }

    [Fact]
    public async Task Existing_keys_are_never_posted()
    {
        var secret = _secret with { Targets = [.. _secret.Targets.Select(t => t with { MayCreate = true })] };
        var outcome = (await _machine.RotateAsync(Inventories.Of(secret))).Results.Single().Outcome;

        outcome.Should().BeOfType<RotationOutcome.Rotated>();
        _cloud.Calls.Should().NotContain(c => c.StartsWith("create "));
    }

    [Theory]
    [InlineData(CallFate.Works)]
    [InlineData(CallFate.Refused)]
    [InlineData(CallFate.AnswerLost)]
    public async Task Unmanaged_variables_are_left_alone(CallFate fate)
    {
        var theirs = _secret.Targets.Select(t => t.Scope)
            .ToDictionary(s => s, _ => new ModelVariable(_cloud.NewUuid(), "DB_OF_OTHERS", "theirs", Secured: false));
        foreach (var (scope, variable) in theirs)
            _cloud.Variables[scope].Add(variable);
        _cloud.Fate = (call, _) => call == "put workspace:DB" ? fate : CallFate.Works;
        await RotateAsync(_machine);

        theirs.Should().OnlyContain(t => _cloud.Variables[t.Key].Contains(t.Value));
    }

    [Fact]
    public async Task The_old_version_is_not_given_up_before_the_new_one_is_stored_everywhere()
    {
        var lost = new List<string>();
        _cloud.Fate = (call, _) =>
        {
            if (Vault.CurrentContent != "old-value" && !call.StartsWith("finish ") && !call.StartsWith("describe "))
                lost.Add(call);
            return CallFate.Works;
        };
        await RotateAsync(_machine);

        lost.Should().BeEmpty();
        _cloud.Agrees(_secret).Should().BeTrue();
    }

    [Fact]
    public async Task The_old_version_stays_readable_after_the_new_one_is_current()
    {
        var rotated = (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.Rotated>().Which;
        using var old = await _machine.Vault.ReadAsync(_secret.Path, rotated.From, TestContext.Current.CancellationToken);

        old.Value.RevealText().Should().Be("old-value");
        rotated.To.Value.Should().Be(Vault.Current);
    }

    [Theory]
    [InlineData(true, "claim ", CallFate.DiesAfter)]
    [InlineData(false, "claim ", CallFate.DiesAfter)]
    [InlineData(false, "stage ", CallFate.DiesAfter)]
    [InlineData(true, "finish ", CallFate.DiesBefore)]
    public async Task A_staging_mark_left_behind_does_not_block_later_rotations(bool claimStages, string call, CallFate fate)
    {
        var cloud = new ModelCloud { ClaimStages = claimStages };
        cloud.Deliver(_secret, "old-value", Old);
        cloud.Fate = (made, _) => made.StartsWith(call) ? fate : CallFate.Works;
        var died = new ModelMachine(cloud);
        await died.RotateAsync(_inventory);
        cloud.Secrets[_secret.Path].Open.Should().NotBeNull();
        cloud.Fate = (_, _) => CallFate.Works;

        (await died.Successor().RotateAsync(_inventory)).Results.Single().Outcome.Should().BeOfType<RotationOutcome.Rotated>();
        cloud.Clock.Advance(Period);
        (await new ModelMachine(cloud).RotateAsync(_inventory)).Results.Single().Outcome.Should().BeOfType<RotationOutcome.Rotated>();
    }

    [Fact]
    public async Task A_plan_that_changed_since_its_review_is_not_carried_out()
    {
        var reviewed = (await PlanAsync(_machine)).Digest;
        _cloud.Variables[Inventories.Workspace][0] = _cloud.Variables[Inventories.Workspace][0] with { Uuid = _cloud.NewUuid() };
        var rotate = () => new ModelMachine(_cloud).RotateAsync(_inventory, digest: reviewed);

        await rotate.Should().ThrowAsync<PlanChangedException>();
        _cloud.Calls.Should().NotContain(c => c.StartsWith("claim "));
    }

    [Fact]
    public async Task A_secured_variable_that_was_made_anew_by_hand_does_not_go_unseen()
    {
        await RotateAsync(_machine);
        _cloud.Variables[Inventories.Workspace][0] = _cloud.Variables[Inventories.Workspace][0] with
        {
            Uuid = _cloud.NewUuid(),
            Value = "by-hand",
        };

        (await RotateAsync(new ModelMachine(_cloud))).Should().BeOfType<RotationOutcome.Redelivered>();
        _cloud.Agrees(_secret).Should().BeTrue();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public async Task Every_page_of_a_listing_is_read(int size)
    {
        var network = new ScriptedNetwork((_, page) => ScriptedNetwork.Page(
            $"\"size\":{(2 * size) + 1},", [.. Enumerable.Range((page - 1) * size, page < 3 ? size : 1).Select(i => $"K{i}")]));
        using var connection = network.Connect();
        var listed = await connection.Variables.ListAsync(Inventories.Payments, TestContext.Current.CancellationToken);

        listed.Select(v => v.Key).Should().BeEquivalentTo(Enumerable.Range(0, (2 * size) + 1).Select(i => $"K{i}"));
    }

    private IEnumerable<EvidenceRecord.Step> Steps(RotationStep kind) =>
        _machine.Evidence.OfType<EvidenceRecord.Step>().Where(s => s.Kind == kind);

    private async Task<RotationPlan> PlanAsync(ModelMachine machine)
    {
        var tools = machine.Tools;
        var observation = await new Observer(tools.Vaults, tools.Variables, tools.Holders, tools.Clock, tools.Parallelism)
            .ObserveAsync(_inventory, PlanRequest.Everything, TestContext.Current.CancellationToken);
        return Planner.Plan(
            _inventory, observation, PlanRequest.Everything, _cloud.Clock.GetCurrentInstant(), vault => tools.Vaults(vault).Costs);
    }

    /// <summary>A run whose process ends right after its first call of that name took effect.</summary>
    private async Task DieAsync(string call)
    {
        _cloud.Fate = (made, _) => made.StartsWith(call) ? CallFate.DiesAfter : CallFate.Works;
        await RotateAsync(_machine);
        _machine.IsDead.Should().BeTrue();
        _cloud.Fate = (_, _) => CallFate.Works;
    }
}
