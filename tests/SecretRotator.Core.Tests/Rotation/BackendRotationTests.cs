using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>Rotations whose value a backend accepts: proven before any target gets it, and the old one ended with proof.</summary>
public sealed class BackendRotationTests
{
    [Theory]
    [InlineData(BackendFamily.Set, "claim check stage set prove distribute verify promote finish")]
    [InlineData(BackendFamily.Issue, "claim check issue stage prove distribute verify promote finish")]
    public async Task A_new_value_is_in_the_vault_then_at_the_backend_then_proven_and_then_sent(BackendFamily family, string steps)
    {
        var scene = new BackendScene(family);

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Rotated>().Which.Level.Should().Be(VerificationLevel.Accepted);

        string.Join(' ', Steps(scene).Where(step => step.State == StepState.Begun).Select(step => WireNames.Of(step.Kind)).Distinct())
            .Should().Be(steps);
        Steps(scene).Should().ContainSingle(step => step.Kind == RotationStep.Prove && step.State == StepState.Done).Which.Detail
            .Should().Be("accepted by model.internal");
        scene.Kept.Accepts(scene.Vault.CurrentContent).Should().BeTrue();
        scene.Kept.Slots["a"].Should().BeEquivalentTo(new { Value = "old", Enabled = true });
        scene.Vault.Delivered!.Format().Should().Contain(" level=accepted ");
        DeliveryMark.Parse(scene.Vault.Delivered.Format())!.Level.Should().Be(VerificationLevel.Accepted);
    }

    [Theory]
    [InlineData(BackendFamily.Set)]
    [InlineData(BackendFamily.Issue)]
    public async Task No_target_gets_a_value_that_the_backend_refuses(BackendFamily family)
    {
        var scene = new BackendScene(family);
        scene.Cloud.OnEffect = call => scene.Kept.LaggingLogins = call.StartsWith("stage") ? 99 : scene.Kept.LaggingLogins;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message.Should()
            .Contain("refuses the new credential").And.Contain("28P01");

        scene.Cloud.Calls.Should().NotContain(call => call.StartsWith("put "));
        scene.Vault.Open.Should().BeNull();
        scene.Orphans().Should().BeEmpty();
    }

    [Fact]
    public async Task A_value_that_the_backend_does_not_take_is_dropped_and_the_next_run_makes_another()
    {
        var scene = new BackendScene(BackendFamily.Set);
        var staged = new List<string>();
        scene.Cloud.OnEffect = call =>
        {
            if (call == "stage path/db")
                staged.Add(scene.Vault.Versions[scene.Vault.Open!.Id.Value].Content);
        };
        scene.Cloud.Fate = (call, _) => call == "set b" ? CallFate.Refused : CallFate.Works;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>();

        scene.Cloud.Calls.Count(call => call == "set b").Should().Be(1);
        (scene.Vault.CurrentContent, scene.Vault.Open, scene.FindBroken()).Should().Be((ModelBackend.Content("a", "old"), null, null));

        scene.Cloud.Fate = (_, _) => CallFate.Works;
        scene.Machine = scene.Machine.Successor();
        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Rotated>();
        staged.Should().HaveCount(2).And.OnlyHaveUniqueItems();
        scene.Vault.CurrentContent.Should().Be(staged[1]);
    }

    [Theory]
    [InlineData(BackendFamily.Set)]
    [InlineData(BackendFamily.Issue)]
    public async Task While_a_pipeline_runs_that_may_hold_the_old_one_it_is_accepted(BackendFamily family)
    {
        var pipelines = new ModelPipelineReader();
        pipelines.Start(12, ModelCloud.Start - Duration.FromMinutes(1));
        var scene = new BackendScene(family);
        var inventory = Inventories.Of(
            scene.Secret with { Grace = new GracePolicy.UntilPipelinesFinish(Duration.FromHours(6)) });
        async Task<RotationOutcome> RunAsync()
        {
            scene.Machine = scene.Machine.Successor();
            var run = await new RotationJob(scene.Machine.Tools with { InFlight = pipelines })
                .RunAsync(inventory, PlanRequest.Everything, null, CancellationToken.None);
            return run.Results.Single().Outcome;
        }

        (await RunAsync()).Should().BeOfType<RotationOutcome.Rotated>();
        scene.Cloud.Clock.Advance(Duration.FromHours(5));
        (await RunAsync()).Should().BeOfType<RotationOutcome.Untouched>();
        scene.Kept.Accepts(ModelBackend.Content("a", "old")).Should().BeTrue();

        pipelines.Running.Clear();
        (await RunAsync()).Should().BeOfType<RotationOutcome.Retired>();
        scene.Kept.Accepts(ModelBackend.Content("a", "old")).Should().BeFalse();
    }

    [Fact]
    public async Task A_new_key_ends_the_mark_of_a_delivery_that_was_cut_short()
    {
        var scene = new BackendScene(BackendFamily.Issue);
        scene.Vault.Delivering = DeliveringMark.Of(new("r"), ModelCloud.Start - Duration.FromDays(1), []);

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Rotated>();
        scene.Vault.Delivering.Should().BeNull();
    }

    [Fact]
    public async Task A_disabled_key_makes_room_for_the_next_one()
    {
        var scene = await RotatedAsync(BackendFamily.Issue);
        scene.Cloud.Clock.Advance(Duration.FromHours(2));
        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Retired>();
        scene.Kept.Slots.Should().HaveCount(2);
        scene.Machine = scene.Machine.Successor();
        scene.Cloud.Clock.Advance(Duration.FromHours(2));

        (await scene.RunAsync(BackendScene.Force)).Should().BeOfType<RotationOutcome.Rotated>();

        scene.Cloud.Calls.IndexOf("delete key").Should().BePositive().And.BeLessThan(scene.Cloud.Calls.IndexOf("issue"));
        scene.Kept.Slots.Should().HaveCount(2).And.NotContainKey("a");
    }

    [Theory]
    [InlineData(BackendFamily.Set, true)]
    [InlineData(BackendFamily.Set, false)]
    [InlineData(BackendFamily.Issue, true)]
    public async Task What_is_proven_is_what_the_vault_holds_and_not_what_the_process_remembers(BackendFamily family, bool isThere)
    {
        var scene = new BackendScene(family);
        scene.Cloud.OnEffect = call =>
        {
            if (call != "stage path/db")
                return;
            scene.Vault.Versions.Remove(scene.Vault.Open!.Id.Value);
            if (isThere)
                scene.Vault.Versions[scene.Vault.Open!.Id.Value] = (ModelBackend.Content("b", "cut"), ModelCloud.Start);
        };

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message
            .Should().Contain("someone changed it meanwhile");
        scene.Cloud.Calls.Should().NotContain(call => call.StartsWith("put "));
        scene.Orphans().Should().BeEmpty();
    }

    [Theory]
    [InlineData(BackendFamily.Set, true)]
    [InlineData(BackendFamily.Set, false)]
    [InlineData(BackendFamily.Issue, true)]
    public async Task A_resumption_that_is_stopped_before_it_does_anything_undoes_what_the_dead_holder_did(
        BackendFamily family, bool overlaps)
    {
        var scene = new BackendScene(family, overlaps);
        scene.Cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.DiesBefore : CallFate.Works;
        try
        {
            await scene.RunAsync();
        }
        catch (ProcessDiedException)
        {
        }

        scene.Cloud.Fate = (_, _) => CallFate.Works;
        scene.Machine = scene.Machine.Successor();
        scene.Cloud.OnEffect = call =>
        {
            if (call.StartsWith("claim "))
                scene.Machine.Cancellation.Cancel();
        };

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>();

        scene.Kept.Accepts(scene.Vault.CurrentContent).Should().BeTrue();
        scene.Orphans().Should().BeEmpty();
    }

    [Fact]
    public async Task An_abandoned_credential_is_ended_before_its_version_is_dropped()
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.Fate = (call, _) => call == "prove b" ? CallFate.DiesBefore : CallFate.Works;
        await scene.RunAsync();
        scene.Cloud.Fate = (_, _) => CallFate.Works;
        scene.Vault.Versions["by-hand"] = (scene.Vault.CurrentContent + " ", scene.Cloud.Clock.GetCurrentInstant());
        scene.Vault.Current = "by-hand";
        scene.Machine = scene.Machine.Successor();

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Redelivered>();
        scene.Kept.Slots["b"].Enabled.Should().BeFalse();
        scene.Kept.Slots["a"].Enabled.Should().BeTrue();
    }

    [Fact]
    public async Task A_rollback_that_fails_leaves_alone_what_is_in_its_grace_and_disables_what_it_enabled()
    {
        foreach (var isOver in new[] { false, true })
        {
            var scene = new BackendScene(BackendFamily.Issue);
            var first = scene.Vault.Current;
            await scene.RunAsync();
            scene.Machine = scene.Machine.Successor();
            if (isOver)
            {
                scene.Cloud.Clock.Advance(Duration.FromHours(2));
                await scene.RunAsync();
                scene.Machine = scene.Machine.Successor();
            }

            scene.Cloud.Clock.Advance(Duration.FromMinutes(30));
            scene.Cloud.Fate = (call, _) => call == "put payments:DB" ? CallFate.Refused : CallFate.Works;
            (await scene.RollBackAsync(first)).Should().BeOfType<RotationOutcome.RolledBack>();

            scene.Kept.Slots.Should().ContainKey("a").WhoseValue.Enabled.Should().Be(!isOver);
        }
    }

    // As in a vault whose end drops the staged value before it releases the claim.
    [Fact]
    public async Task What_was_promoted_and_overtaken_is_replaced_at_the_targets_before_its_credential_ends()
    {
        var scene = new BackendScene(BackendFamily.Issue);
        var old = scene.Vault.CurrentContent;
        scene.Cloud.Fate = (call, _) => call == "finish path/db" ? CallFate.DiesBefore : CallFate.Works;
        await scene.RunAsync();
        scene.Cloud.Fate = (_, _) => CallFate.Works;
        scene.Vault.Versions.Remove(scene.Vault.Open!.Id.Value, out var promoted);
        scene.Vault.Versions["promoted"] = promoted;
        scene.Vault.Versions["theirs"] = (old + " ", scene.Cloud.Clock.GetCurrentInstant());
        scene.Vault.Current = "theirs";
        var broken = new List<string?>();
        scene.Cloud.OnEffect = _ => broken.Add(scene.FindBroken());
        scene.Machine = scene.Machine.Successor();

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Redelivered>();

        broken.Should().NotBeEmpty().And.OnlyContain(each => each == null);
        scene.Orphans().Should().BeEmpty();
    }

    [Fact]
    public async Task A_version_that_someone_made_current_while_the_new_one_was_proven_is_never_cut_off()
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.OnEffect = call =>
        {
            if (call != "set b")
                return;
            scene.Vault.Versions["theirs"] = (scene.Vault.Versions[scene.Vault.Open!.Id.Value].Content, ModelCloud.Start);
            scene.Vault.Current = "theirs";
            scene.Kept.LaggingLogins = 1;
        };

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone.Should().ContainSingle()
            .Which.Should().Contain("is someone else's now").And.Contain("its credential may be accepted");
        scene.Kept.Slots["b"].Enabled.Should().BeTrue();

        scene.Cloud.OnEffect = _ => { };
        scene.Machine = scene.Machine.Successor();
        await scene.RunAsync();
        (scene.FindBroken(), scene.Kept.Slots["b"].Enabled).Should().Be((null, true));
    }

    [Fact]
    public async Task A_slot_that_someone_s_version_names_since_the_claim_is_not_written_to()
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.OnEffect = call =>
        {
            if (call != "inspect")
                return;
            scene.Vault.Versions["theirs"] = (ModelBackend.Content("b", "theirs"), ModelCloud.Start);
            (scene.Vault.Current, scene.Kept.Slots["b"]) = ("theirs", new ModelCredential { Value = "theirs" });
        };

        var cause = (await scene.RunAsync()).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.Cause;
        (cause.Kind, cause.Message).Should().Match<(FailureKind Kind, string Message)>(
            told => told.Kind == FailureKind.Superseded && told.Message.Contains("it is theirs now"));
        scene.Cloud.Calls.Should().NotContain(call => call.StartsWith("set ") || call.StartsWith("disable "));

        scene.Cloud.OnEffect = _ => { };
        scene.Machine = scene.Machine.Successor();
        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Redelivered>();
        (scene.FindBroken(), scene.Kept.Slots["b"].Value).Should().Be((null, "theirs"));
    }

    [Fact]
    public async Task A_version_of_someone_else_that_is_refused_is_not_delivered_over_a_staged_one_that_works()
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.Fate = (call, _) => call == "promote path/db" ? CallFate.DiesBefore : CallFate.Works;
        await scene.RunAsync();
        scene.Cloud.Fate = (_, _) => CallFate.Works;
        scene.Vault.Versions["theirs"] = (ModelBackend.Content("b", "theirs"), ModelCloud.Start);
        scene.Vault.Current = "theirs";
        scene.Machine = scene.Machine.Successor();

        var cause = (await scene.RunAsync()).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.Cause;
        cause.Kind.Should().Be(FailureKind.CredentialRefused);
        cause.Message.Should().StartWith("model.internal refuses the vault's current credential, b.");

        scene.Kept.Accepts(ModelBackend.Content(
            scene.Cloud.Find(scene.Secret.Targets[1])!.Value, scene.Cloud.Find(scene.Secret.Targets[0])!.Value)).Should().BeTrue();
        scene.Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task What_a_dead_holder_undid_late_is_waited_for_before_a_login_counts()
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.Fate = (call, _) => call == "put payments:DB" ? CallFate.DiesBefore : CallFate.Works;
        await scene.RunAsync();
        scene.Cloud.Fate = (_, _) => CallFate.Works;
        scene.Machine = scene.Machine.Successor();
        TimeSpan? proven = null;
        scene.Cloud.OnEffect = call => proven ??= call == "prove b" ? ((SkippingTime)scene.Machine.Time).Waited : null;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Rotated>();
        proven.Should().Be(scene.Secret.Backend!.Traits.Settles.ToTimeSpan());
    }

    [Fact]
    public async Task What_a_dead_holder_s_promotion_may_still_make_current_is_not_revoked()
    {
        foreach (var family in Enum.GetValues<BackendFamily>())
        {
            var scene = new BackendScene(family);
            scene.Cloud.Fate = (call, _) => call == "promote path/db" ? CallFate.DiesBefore : CallFate.Works;
            await scene.RunAsync();
            scene.Cloud.Fate = (call, _) => call == "prove b" || call.StartsWith("prove 0") ? CallFate.Refused : CallFate.Works;
            scene.Machine = scene.Machine.Successor();
            var time = (SkippingTime)scene.Machine.Time;
            TimeSpan? revoked = null;
            scene.Cloud.OnEffect = call =>
                revoked ??= call is "disable b" or "delete key" ? time.Waited : null;

            (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>();
            revoked.Should().BeGreaterThanOrEqualTo(RunLimits.Default.MinimumInterval.ToTimeSpan());
        }
    }

    [Fact]
    public async Task A_refused_request_for_a_credential_leaves_alone_what_someone_made_meanwhile()
    {
        var scene = new BackendScene(BackendFamily.Issue);
        scene.Cloud.Fate = (call, _) =>
        {
            if (call != "issue")
                return CallFate.Works;
            scene.Kept.Slots["theirs"] = new ModelCredential { Value = "x" };
            return CallFate.Refused;
        };

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>();
        scene.Kept.Slots.Should().ContainKey("theirs");
    }

    [Fact]
    public async Task A_rollback_that_fails_leaves_alone_what_was_accepted_before_it()
    {
        var scene = new BackendScene(BackendFamily.Set);
        var first = scene.Vault.Current;
        scene.Vault.Versions["theirs"] = (ModelBackend.Content("b", "theirs"), ModelCloud.Start);
        (scene.Vault.Current, scene.Kept.Slots["b"]) = ("theirs", new ModelCredential { Value = "theirs" });
        scene.Cloud.Fate = (call, _) => call == "read-staged path/db" ? CallFate.Refused : CallFate.Works;

        (await scene.RollBackAsync(first)).Should().BeOfType<RotationOutcome.RolledBack>();
        (scene.FindBroken(), scene.Kept.Slots["a"].Enabled).Should().Be((null, true));
    }

    [Fact]
    public async Task Nothing_is_written_to_a_backend_once_the_lease_is_over()
    {
        foreach (var family in Enum.GetValues<BackendFamily>())
        {
            var scene = new BackendScene(family);
            var writes = 0;
            scene.Cloud.OnEffect = call =>
            {
                writes += call is "set b" or "issue" ? 1 : 0;
                if (call == (family == BackendFamily.Set ? "stage path/db" : "inspect"))
                    scene.Cloud.Clock.Advance(Duration.FromHours(2));
            };
            await scene.RunAsync();
            writes.Should().Be(0);
        }
    }

    [Fact]
    public async Task A_backend_that_lags_is_asked_again_and_one_that_does_not_only_once()
    {
        var patient = new BackendScene(BackendFamily.Issue, lag: Duration.FromSeconds(20));
        patient.Cloud.OnEffect = call => patient.Kept.LaggingLogins = call == "issue" ? 3 : patient.Kept.LaggingLogins;
        (await patient.RunAsync()).Should().BeOfType<RotationOutcome.Rotated>();

        var strict = new BackendScene(BackendFamily.Set);
        strict.Cloud.OnEffect = call => strict.Kept.LaggingLogins = call == "set b" ? 1 : strict.Kept.LaggingLogins;
        (await strict.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>();
        strict.Cloud.Calls.Count(call => call == "prove b").Should().Be(1);
    }

    [Theory]
    [InlineData(BackendFamily.Set)]
    [InlineData(BackendFamily.Issue)]
    public async Task A_backend_that_refuses_the_current_credential_blocks_and_force_goes_on(BackendFamily family)
    {
        var scene = new BackendScene(family);
        scene.Kept.Slots["a"].Value = "changed-by-hand";

        var blocked = (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Blocked>().Which;
        blocked.Failure.Kind.Should().Be(FailureKind.CredentialRefused);
        blocked.Failure.Message.Should().StartWith("model.internal refuses the current credential, a.");
        blocked.Failure.Hint.Should().Contain("rotate --force");
        scene.Cloud.Calls.Should().NotContain(call => call.StartsWith("set ") || call == "issue");
        scene.Vault.Open.Should().BeNull();

        scene.Machine = scene.Machine.Successor();
        (await scene.RunAsync(BackendScene.Force)).Should().BeOfType<RotationOutcome.Rotated>();
    }

    [Fact]
    public async Task A_backend_that_can_not_be_asked_blocks_forced_or_not()
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Kept.IsDown = true;

        (await scene.RunAsync(BackendScene.Force)).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Blocked>().Which.Failure.Message.Should().Contain("isn't known").And.Contain("doesn't answer");
    }

    [Theory]
    [InlineData(BackendFamily.Set)]
    [InlineData(BackendFamily.Issue)]
    public async Task A_backend_that_can_not_be_looked_at_blocks(BackendFamily family)
    {
        var scene = new BackendScene(family);
        scene.Cloud.Fate = (call, _) => call == "inspect" ? CallFate.Refused : CallFate.Works;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Blocked>().Which.Failure.Message.Should().Contain("inspect was refused");
    }

    [Fact]
    public async Task A_current_version_that_names_no_credential_blocks()
    {
        var scene = new BackendScene(BackendFamily.Issue);
        scene.Vault.Versions[scene.Vault.Current] = ("{\"password\":\"old\"}", ModelCloud.Start - Duration.FromDays(40));

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Blocked>();
    }

    [Theory]
    [InlineData(false, VerificationLevel.Accepted)]
    [InlineData(true, VerificationLevel.Listed)]
    public async Task What_is_current_is_delivered_also_where_no_one_can_say_whether_it_is_accepted(bool isDown, VerificationLevel level)
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.MoveCurrent(scene.Secret, scene.Vault.CurrentContent);
        scene.Kept.IsDown = isDown;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Redelivered>().Which.Level.Should().Be(level);
    }

    [Theory]
    [InlineData(false, VerificationLevel.Accepted)]
    [InlineData(true, VerificationLevel.Listed)]
    public async Task A_rotation_that_was_promoted_is_finished_with_or_without_the_backend_s_word(bool isDown, VerificationLevel level)
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.Fate = (call, _) => call == "promote path/db" ? CallFate.DiesAfter : CallFate.Works;
        await scene.RunAsync();
        scene.Cloud.Fate = (_, _) => CallFate.Works;
        scene.Kept.IsDown = isDown;
        scene.Machine = scene.Machine.Successor();

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Rotated>().Which.Level.Should().Be(level);
    }

    [Fact]
    public async Task A_rotation_that_was_promoted_is_finished_though_the_inventory_finds_no_credential_in_it()
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.Fate = (call, _) => call == "promote path/db" ? CallFate.DiesAfter : CallFate.Works;
        await scene.RunAsync();
        scene.Cloud.Fate = (_, _) => CallFate.Works;
        scene.Vault.Versions[scene.Vault.Current] = ("{\"password\":\"new\"}", ModelCloud.Start);
        scene.Machine = scene.Machine.Successor();

        var secret = scene.Secret with { Targets = [scene.Secret.Targets[0]] };
        (await scene.Machine.RotateAsync(Inventories.Of(secret))).Results.Single().Outcome
            .Should().BeOfType<RotationOutcome.Rotated>().Which.Level.Should().Be(VerificationLevel.Listed);
    }

    [Fact]
    public async Task A_new_value_of_which_no_one_can_say_whether_it_is_accepted_is_sent_to_no_target()
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.OnEffect = call => scene.Kept.IsDown |= call == "set b";

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message
            .Should().Contain("accepts the new credential, b, isn't known");
        scene.Cloud.Calls.Should().NotContain(call => call.StartsWith("put "));
    }

    [Fact]
    public async Task Where_the_backend_makes_no_values_nothing_is_taken_for_a_value_that_it_made()
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.ClaimStages = false;
        scene.Cloud.Fate = (call, _) => call == "stage path/db" ? CallFate.DiesBefore : CallFate.Works;
        await scene.RunAsync();
        scene.Cloud.Fate = (_, _) => CallFate.Works;
        scene.Machine = scene.Machine.Successor();

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Rotated>();
        scene.Cloud.Calls.Should().NotContain(call => call.StartsWith("disable "));
    }

    [Fact]
    public async Task An_old_version_that_names_the_credential_in_use_is_retired_without_it()
    {
        var scene = await RotatedAsync(BackendFamily.Set);
        scene.Vault.Versions[scene.Vault.Grace!.Version.Value] = (scene.Vault.CurrentContent + " ", ModelCloud.Start);
        scene.Cloud.Clock.Advance(Duration.FromHours(2));

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Retired>();
        scene.FindBroken().Should().BeNull();
    }

    [Theory]
    [InlineData(null, true, "")]
    [InlineData(null, false, ", disabled")]
    [InlineData("r-of-another-inventory", true, " by rotation r-of-another-inventory")]
    public async Task A_credential_that_no_version_names_blocks_by_its_id_whoever_made_it(string? rotation, bool isEnabled, string by)
    {
        var scene = new BackendScene(BackendFamily.Issue);
        scene.Kept.Slots["someone-s"] = new ModelCredential
        {
            Value = "x",
            MadeBy = rotation is null ? null : new(rotation),
            Enabled = isEnabled,
        };

        var blocked = (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Blocked>().Which.Failure;
        (blocked.Kind, blocked.Message).Should().Be((
            FailureKind.UnknownCredential,
            $"model.internal has a credential that no version of the secret names: someone-s (made {Instant.FromUnixTimeTicks(0)}{by})."));
        scene.Cloud.Calls.Should().NotContain("issue");
    }

    [Fact]
    public async Task An_unanswered_request_for_a_credential_is_never_repeated_and_what_it_made_is_deleted()
    {
        var scene = new BackendScene(BackendFamily.Issue);
        scene.Cloud.Fate = (call, _) => call == "issue" ? CallFate.AnswerLost : CallFate.Works;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>();

        scene.Cloud.Calls.Count(call => call == "issue").Should().Be(1);
        scene.Kept.Slots.Keys.Should().Equal("a");
        scene.Vault.Open.Should().BeNull();
    }

    [Fact]
    public async Task Two_credentials_that_may_be_the_rotation_s_are_left_to_the_operator_by_their_ids()
    {
        var scene = new BackendScene(BackendFamily.Issue);
        scene.Cloud.Fate = (call, _) => call == "issue" ? CallFate.DiesAfter : CallFate.Works;
        await scene.RunAsync();
        scene.Cloud.Fate = (_, _) => CallFate.Works;
        scene.Kept.Slots["someone-s"] = new ModelCredential { Value = "x", MadeAt = scene.Cloud.Clock.GetCurrentInstant() };
        scene.Machine = scene.Machine.Successor();

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.Cause.Message
            .Should().Contain("has 2 credentials").And.Contain("someone-s").And.Contain("00000000-0000-4000-8000-");
        scene.Kept.Slots.Should().HaveCount(3);
        scene.Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task A_credential_made_before_the_dead_run_is_not_taken_for_its()
    {
        var scene = new BackendScene(BackendFamily.Issue);
        scene.Cloud.Fate = (call, _) => call == "inspect" ? CallFate.DiesBefore : CallFate.Works;
        await scene.RunAsync();
        scene.Cloud.Fate = (_, _) => CallFate.Works;
        scene.Kept.Slots["someone-s"] =
            new ModelCredential { Value = "x", MadeAt = scene.Cloud.Clock.GetCurrentInstant() - Duration.FromSeconds(2) };
        scene.Machine = scene.Machine.Successor();

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Untouched>();
        scene.Kept.Slots.Should().ContainKey("someone-s");
    }

    [Fact]
    public async Task The_old_one_is_disabled_proven_refused_and_deleted_later()
    {
        var scene = await RotatedAsync(BackendFamily.Issue);
        scene.Cloud.Clock.Advance(Duration.FromHours(2));

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Retired>().Which.DeletedFrom
            .Should().Be(scene.Cloud.Clock.GetCurrentInstant() + Duration.FromDays(7));
        Told(scene).Should().Equal("disable a", "prove a refused by model.internal");
        scene.Kept.Slots["a"].Enabled.Should().BeFalse();

        scene.Machine = scene.Machine.Successor();
        scene.Cloud.Clock.Advance(Duration.FromDays(6));
        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Untouched>();
        scene.Kept.Slots.Should().ContainKey("a");

        scene.Machine = scene.Machine.Successor();
        scene.Cloud.Clock.Advance(Duration.FromDays(1));
        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Retired>().Which.DeletedFrom.Should().BeNull();
        Told(scene).Should().Equal("delete a");
        scene.Kept.Slots.Should().NotContainKey("a");
        scene.Vault.Retired.Should().HaveCount(1);
    }

    [Fact]
    public async Task Where_the_inventory_keeps_no_disabled_one_it_is_deleted_at_once()
    {
        var scene = await RotatedAsync(BackendFamily.Issue);
        scene.Cloud.Clock.Advance(Duration.FromHours(2));
        var secret = scene.Secret with { Backend = scene.Secret.Backend! with { DeleteAfter = Duration.Zero } };

        (await scene.Machine.RotateAsync(Inventories.Of(secret))).Results.Single().Outcome
            .Should().BeOfType<RotationOutcome.Retired>().Which.DeletedFrom.Should().BeNull();
        scene.Kept.Slots.Should().NotContainKey("a");
    }

    [Fact]
    public async Task A_user_that_is_disabled_needs_no_second_step()
    {
        var scene = await RotatedAsync(BackendFamily.Set);
        scene.Cloud.Clock.Advance(Duration.FromHours(2));

        (await scene.RunAsync()).Should().Be(new RotationOutcome.Retired(scene.Vault.Grace!.Version));
        scene.Kept.Slots["a"].Enabled.Should().BeFalse();
        scene.Cloud.Calls.IndexOf("disable a").Should().BeLessThan(scene.Cloud.Calls.IndexOf("retire path/db"));
    }

    [Fact]
    public async Task One_that_is_accepted_although_it_was_disabled_keeps_its_mark()
    {
        var scene = await RotatedAsync(BackendFamily.Set);
        scene.Cloud.Clock.Advance(Duration.FromHours(2));
        scene.Cloud.OnEffect = _ => scene.Kept.Slots["a"].Enabled = true;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.Cause.Message
            .Should().Contain("accepts the old credential, a, although it was disabled");
        scene.Vault.Describe().Grace.Should().NotBeNull();
        scene.Cloud.Calls.Should().NotContain("retire path/db");
    }

    [Fact]
    public async Task One_of_which_no_one_can_say_whether_it_is_refused_keeps_its_mark()
    {
        var scene = await RotatedAsync(BackendFamily.Set);
        scene.Cloud.Clock.Advance(Duration.FromHours(2));
        scene.Cloud.OnEffect = call => scene.Kept.IsDown |= call == "disable a";

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.Cause.Message
            .Should().Contain("refuses the old credential, a, isn't known");
        scene.Vault.Describe().Grace.Should().NotBeNull();
    }

    [Theory]
    [InlineData(50, 70, false)] // Used within the grace, by a pipeline.
    [InlineData(70, 90, true)] // Used after it.
    public async Task One_that_someone_used_after_the_grace_is_not_disabled(int usedAfter, int now, bool waits)
    {
        var scene = await RotatedAsync(BackendFamily.Issue, tellsLastUse: true);
        scene.Kept.Slots["a"].UsedAt = ModelCloud.Start + Duration.FromMinutes(usedAfter);
        scene.Cloud.Clock.Advance(Duration.FromMinutes(now));

        var outcome = await scene.RunAsync();

        if (waits)
            outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Waiting>().Which.Why
                .Should().Contain("someone uses it whom the inventory doesn't know");
        else
            outcome.Should().BeOfType<RotationOutcome.Retired>();
        scene.Kept.Slots["a"].Enabled.Should().Be(waits);
        scene.Vault.Open.Should().BeNull();
    }

    [Fact]
    public async Task A_plan_tells_that_someone_still_uses_the_old_one_so_nothing_is_claimed()
    {
        var scene = await RotatedAsync(BackendFamily.Issue, tellsLastUse: true);
        scene.Kept.Slots["a"].UsedAt = ModelCloud.Start + Duration.FromMinutes(70);
        scene.Cloud.Clock.Advance(Duration.FromMinutes(90));

        var result = await scene.Machine.RotateAsync(Inventories.Of(scene.Secret));

        result.Plan.Items[0].Decision.Should().BeOfType<Decision.Waiting>().Which.Why.Should()
            .Contain("The old credential a was used at").And.Contain("someone uses it whom the inventory doesn't know");
        result.Plan.ObservationCost.Should().Be(new CallCost(2, scene.Machine.Vault.Costs.Describe + 2) { Backend = 1 });
        scene.Cloud.Calls.Should().NotContain(call => call.StartsWith("claim "));
    }

    [Fact]
    public async Task One_that_is_used_after_it_was_planned_to_end_is_not_disabled()
    {
        var scene = await RotatedAsync(BackendFamily.Issue, tellsLastUse: true);
        scene.Cloud.Clock.Advance(Duration.FromMinutes(90));
        scene.Cloud.OnEffect = call =>
        {
            if (call.StartsWith("claim "))
                scene.Kept.Slots["a"].UsedAt = scene.Cloud.Clock.GetCurrentInstant();
        };

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Waiting>();
        scene.Kept.Slots["a"].Enabled.Should().BeTrue();
    }

    [Fact]
    public async Task One_that_is_used_is_ended_where_the_operator_forces_the_next_one()
    {
        var scene = await RotatedAsync(BackendFamily.Issue, tellsLastUse: true);
        scene.Kept.Slots["a"].UsedAt = ModelCloud.Start + Duration.FromMinutes(70);
        scene.Cloud.Clock.Advance(Duration.FromMinutes(90));

        (await scene.RunAsync(BackendScene.Force)).Should().BeOfType<RotationOutcome.Rotated>();
        scene.Kept.Slots.Should().NotContainKey("a");
    }

    [Fact]
    public async Task No_other_rotation_waits_for_one_whose_old_credential_is_used()
    {
        var scene = await RotatedAsync(BackendFamily.Issue, tellsLastUse: true);
        scene.Cloud.Clock.Advance(Duration.FromDays(40));
        scene.Cloud.OnEffect = call =>
        {
            if (call == "claim path/db")
                scene.Kept.Slots["a"].UsedAt = scene.Cloud.Clock.GetCurrentInstant();
        };
        var other = Inventories.Plain("other", Inventories.Payments);
        scene.Cloud.Deliver(other, "old", Duration.FromDays(40));

        var run = await scene.Machine.RotateAsync(Inventories.Of(scene.Secret, other))
            .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        run.Results.Select(result => result.Outcome.GetType().Name).Should().Equal("Untouched", "Rotated");
    }

    [Theory]
    [InlineData(true, 30, false)] // Still in its grace.
    [InlineData(false, 90, false)] // The backend doesn't tell.
    [InlineData(true, 90, true)] // Whoever forces it ends the old one, used or not.
    public async Task A_plan_asks_no_backend_where_its_answer_decides_nothing(bool tellsLastUse, int now, bool isForced)
    {
        var scene = await RotatedAsync(BackendFamily.Issue, tellsLastUse);
        scene.Cloud.Clock.Advance(Duration.FromMinutes(now));

        var plan = (await scene.Machine.RotateAsync(
            Inventories.Of(scene.Secret), isForced ? BackendScene.Force : PlanRequest.Everything)).Plan;

        plan.ObservationCost.Backend.Should().Be(0);
    }

    [Fact]
    public async Task One_that_can_not_be_looked_at_is_planned_to_end_and_the_run_says_why_it_does_not()
    {
        var scene = await RotatedAsync(BackendFamily.Issue, tellsLastUse: true);
        scene.Cloud.Clock.Advance(Duration.FromMinutes(90));
        scene.Cloud.Fate = (call, _) => call == "inspect" ? CallFate.Refused : CallFate.Works;

        var result = (await scene.Machine.RotateAsync(Inventories.Of(scene.Secret))).Results.Single();

        result.Item.Decision.Should().BeOfType<Decision.Retire>();
        result.Outcome.Should().BeOfType<RotationOutcome.RolledBack>().Which.Cause.Message.Should().Contain("inspect was refused");
    }

    [Fact]
    public async Task While_a_target_may_hold_the_new_value_it_stays_valid()
    {
        var scene = new BackendScene(BackendFamily.Set);
        scene.Cloud.Fate = (call, _) => call switch
        {
            "put workspace:DB_USER" => CallFate.Refused,
            "put payments:DB" when scene.Cloud.Calls.Count(c => c == call) > 1 => CallFate.Refused,
            _ when call.StartsWith("delete ") => CallFate.Refused,
            _ => CallFate.Works,
        };

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.NeedsOperator>();

        scene.Cloud.Calls.Should().NotContain("disable b");
        scene.Kept.Slots["b"].Enabled.Should().BeTrue();
        scene.Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task Without_an_overlap_an_undo_sets_the_old_value_again_before_the_targets_get_it()
    {
        var scene = new BackendScene(BackendFamily.Set, overlaps: false);
        scene.Cloud.Fate = (call, _) => call == "put workspace:DB_USER" ? CallFate.Refused : CallFate.Works;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.RolledBack>();

        scene.Kept.Slots["a"].Value.Should().Be("old");
        scene.Cloud.Calls.LastIndexOf("set a").Should().BeLessThan(scene.Cloud.Calls.LastIndexOf("put payments:DB"));
        scene.Cloud.Agrees(scene.Secret).Should().BeTrue();
    }

    [Fact]
    public async Task Without_an_overlap_no_target_gets_the_old_value_back_before_it_is_accepted_again()
    {
        var scene = new BackendScene(BackendFamily.Set, overlaps: false);
        scene.Cloud.Fate = (call, _) => call == "put workspace:DB_USER" ? CallFate.Refused : CallFate.Works;
        scene.Cloud.OnEffect = _ =>
            scene.Kept.LaggingLogins = scene.Cloud.Calls.Count(call => call == "set a") == 2 ? 99 : scene.Kept.LaggingLogins;

        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().ContainSingle().Which.Should().Contain("model.internal may refuse the old value").And.Contain("28P01");
        scene.Cloud.Calls.Count(call => call == "put payments:DB").Should().Be(1);
        scene.Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task A_rollback_to_a_deleted_credential_is_refused_and_one_to_a_disabled_enables_it()
    {
        var scene = new BackendScene(BackendFamily.Issue);
        var first = scene.Vault.Current;
        await scene.RunAsync();
        scene.Machine = scene.Machine.Successor();
        scene.Cloud.Clock.Advance(Duration.FromHours(2));
        await scene.RunAsync();
        scene.Machine = scene.Machine.Successor();
        scene.Cloud.Clock.Advance(Duration.FromHours(2));

        (await scene.RollBackAsync(first)).Should().BeOfType<RotationOutcome.Rotated>().Which.Level.Should().Be(VerificationLevel.Accepted);
        scene.Kept.Slots["a"].Enabled.Should().BeTrue();
        Told(scene).Should().Contain("enable a");

        var deleted = new BackendScene(BackendFamily.Issue);
        var gone = deleted.Vault.Current;
        await deleted.RunAsync();
        deleted.Kept.Slots.Remove("a");
        deleted.Machine = deleted.Machine.Successor();
        deleted.Cloud.Clock.Advance(Duration.FromHours(2));
        (await deleted.RollBackAsync(gone))
            .Should()
            .BeOfType<RotationOutcome.RolledBack>().Which.Cause.Kind
            .Should()
            .Be(FailureKind.NotFound);
        deleted.FindBroken().Should().BeNull();
    }

    [Fact]
    public async Task A_rollback_within_the_slot_in_use_is_refused()
    {
        var scene = await RotatedAsync(BackendFamily.Set);
        var second = scene.Vault.Current;
        scene.Cloud.Clock.Advance(Duration.FromDays(40));
        await scene.RunAsync();
        scene.Machine = scene.Machine.Successor();
        scene.Cloud.Clock.Advance(Duration.FromDays(40));
        await scene.RunAsync();
        scene.Machine = scene.Machine.Successor();
        scene.Cloud.Clock.Advance(Duration.FromHours(1));
        scene.Vault.Retired.Clear();

        (await scene.RollBackAsync(second)).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision
            .Should().BeOfType<Decision.Blocked>().Which.Failure.Message.Should().Contain("b, which is in use");
        scene.FindBroken().Should().BeNull();
    }

    private static async Task<BackendScene> RotatedAsync(BackendFamily family, bool tellsLastUse = false)
    {
        var scene = new BackendScene(family, tellsLastUse: tellsLastUse);
        (await scene.RunAsync()).Should().BeOfType<RotationOutcome.Rotated>();
        scene.Machine = scene.Machine.Successor();
        scene.Cloud.Calls.Clear();
        return scene;
    }

    private static IEnumerable<EvidenceRecord.Step> Steps(BackendScene scene) => scene.Machine.Evidence.OfType<EvidenceRecord.Step>();

    // What evidence tells of the backend, once it is done.
    private static IEnumerable<string> Told(BackendScene scene) => Steps(scene)
        .Where(step => step.State == StepState.Done
            && step.Kind is RotationStep.Disable or RotationStep.Delete or RotationStep.Enable or RotationStep.Prove
            && step is { State: StepState.Done, Target: "a" })
        .Select(step => $"{WireNames.Of(step.Kind)} {step.Target} {step.Detail}".TrimEnd());
}
