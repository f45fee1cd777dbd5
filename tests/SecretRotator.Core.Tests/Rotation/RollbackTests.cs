using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>A rollback is a rotation like any other, whose new value happens to be an old one.</summary>
public sealed class RollbackTests
{
    internal const string Older = "older";
    private static readonly Duration Young = Duration.FromDays(4);
    private static readonly Instant OlderSince = ModelCloud.Start - Duration.FromDays(90);

    private readonly ModelCloud _cloud;
    private readonly ModelMachine _machine;
    private readonly ManagedSecret _secret;
    private readonly RotationInventory _inventory;

    public RollbackTests()
    {
        (_cloud, _secret, _inventory) = Fresh(claimStages: true);
        _machine = new ModelMachine(_cloud);
    }

    private ModelSecret Vault => _cloud.Secrets[_secret.Path];

    [Fact]
    public async Task The_older_value_becomes_current_as_a_new_version_and_is_delivered_to_every_target()
    {
        var before = Vault.Current;
        var outcome = (await RollBackAsync(_machine)).Should().BeOfType<RotationOutcome.Rotated>().Which;

        outcome.From.Value.Should().Be(before);
        outcome.To.Value.Should().Be(Vault.Current).And.NotBe(Older);
        ShouldBeRolledBack();
    }

    [Fact]
    public async Task The_value_is_as_old_as_it_was()
    {
        await RollBackAsync(_machine);

        Vault.Delivered!.ValueSince.Should().Be(OlderSince);
    }

    [Fact]
    public async Task One_secret_is_rolled_back_and_the_others_are_not_even_looked_at()
    {
        var other = Inventories.Plain("other", Inventories.Payments);
        _cloud.Deliver(other, "other-value", Young);
        var run = await new RotationJob(_machine.Tools).RollbackAsync(Inventories.Of(other, _secret), new("db", Older, "me", "why"), Stop);

        run.Results.Should().ContainSingle().Which.Item.Secret.Should().Be(_secret);
        _cloud.Calls.Should().NotContain(call => call.Contains("other"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_many_rollbacks_at_once_those_that_lose_the_claim_change_nothing(bool claimStages)
    {
        var (cloud, secret, inventory) = Fresh(claimStages);
        var outcomes = await Task.WhenAll(
            Enumerable.Range(1, 20).Select(_ => Task.Run(() => RollBackAsync(new ModelMachine(cloud), inventory))));

        outcomes.Count(o => o is RotationOutcome.Rotated).Should().BeGreaterThanOrEqualTo(1);
        outcomes.Should().OnlyContain(o => o is RotationOutcome.Rotated || o is RotationOutcome.Untouched);
        cloud.Calls.Count(c => c.StartsWith("put ") || c.StartsWith("create ")).Should()
            .Be(3 * outcomes.Count(o => o is RotationOutcome.Rotated));
        cloud.Agrees(secret).Should().BeTrue();
        cloud.Secrets[secret.Path].CurrentContent.Should().Be("older-value");
    }

    [Fact]
    public async Task A_rollback_that_loses_the_claim_changes_nothing()
    {
        _cloud.At("claim ", () => Vault.Open = Theirs());

        Blocked(await RollBackAsync(_machine)).Hint.Should().Contain("--take-over db");
        ShouldBeUntouched();
        Vault.Open.Should().Be(Theirs());
    }

    [Fact]
    public async Task A_version_that_another_run_made_current_meanwhile_is_not_rolled_back_from()
    {
        var overtaken = false;
        _cloud.Fate = (call, _) =>
        {
            if (call.StartsWith("claim ") && !overtaken)
            {
                overtaken = true;
                _cloud.MoveCurrent(_secret);
            }

            return CallFate.Works;
        };

        (await RollBackAsync(_machine)).Should().BeOfType<RotationOutcome.Untouched>();
        Vault.CurrentContent.Should().Be("made-elsewhere");
        Vault.Open.Should().BeNull();
        _cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
    }

    [Fact]
    public async Task A_record_of_delivery_that_is_lost_between_the_plan_and_the_claim_stops_the_rollback()
    {
        _cloud.At("claim ", () => Vault.Delivered = null);

        (await RollBackAsync(_machine)).Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Adopt>();
        ShouldBeUntouched();
        Vault.Open.Should().BeNull();
    }

    [Theory]
    [InlineData("put payments:DB", CallFate.Refused)]
    [InlineData("put payments:DB", CallFate.AnswerLost)]
    [InlineData("put payments/production:DB", CallFate.Refused)]
    [InlineData("put payments/production:DB", CallFate.AnswerLost)]
    [InlineData("put workspace:DB", CallFate.Refused)]
    [InlineData("put workspace:DB", CallFate.AnswerLost)]
    [InlineData("read-staged path/db", CallFate.Refused)]
    [InlineData("promote path/db", CallFate.Refused)]
    public async Task A_failure_at_any_target_or_before_the_commit_puts_the_newer_value_back(string call, CallFate fate)
    {
        _cloud.Fate = (made, number) => made == call && number == 1 ? fate : CallFate.Works;

        (await RollBackAsync(_machine)).Should().Be(new RotationOutcome.RolledBack(
            new(FailureKind.Unavailable, fate == CallFate.Refused ? $"{call} was refused." : $"The answer to {call} was lost.")
            {
                Effect = fate == CallFate.Refused ? Effect.Rejected : Effect.Unknown,
            },
            Cancelled: false));
        ShouldBeWholeOnTheNewerValue();
    }

    [Fact]
    public async Task What_can_not_be_put_back_needs_an_operator_and_the_next_run_finishes_the_rollback()
    {
        _cloud.Fate = (
            call, _) => call == "put payments/production:DB"
                ? CallFate.AnswerLost
                : call.StartsWith("delete ") ? CallFate.Refused : CallFate.Works;
        var outcome = await RollBackAsync(_machine);
        _cloud.Fate = (_, _) => CallFate.Works;
        await _machine.Successor().RotateAsync(_inventory);

        outcome.Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().ContainSingle().Which
            .Should().Contain("payments/production:DB");
        ShouldBeRolledBack();
    }

    [Fact]
    public async Task A_cancelled_rollback_is_undone()
    {
        _cloud.At("put ", () => _machine.Cancellation.Cancel());

        (await RollBackAsync(_machine)).Should().BeOfType<RotationOutcome.RolledBack>().Which.Cancelled.Should().BeTrue();
        ShouldBeWholeOnTheNewerValue();
    }

    /// <summary>Kills the process before and after every single call of a rollback, and lets a successor rotate.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Killed_at_any_call_the_next_run_leaves_everything_whole(bool claimStages)
    {
        var (counted, _, counting) = Fresh(claimStages);
        await RollBackAsync(new ModelMachine(counted), counting);
        for (var k = 1; k <= counted.Calls.Count; k++)
        {
            foreach (var fate in new[] { CallFate.DiesBefore, CallFate.DiesAfter })
            {
                var (cloud, secret, inventory) = Fresh(claimStages);
                var number = 0;
                cloud.Fate = (_, _) => Interlocked.Increment(ref number) == k ? fate : CallFate.Works;
                var first = new ModelMachine(cloud);
                await RollBackAsync(first, inventory).ContinueWith(t => t.Exception, TaskScheduler.Default);
                var staged = cloud.Secrets[secret.Path].Open is { } open
                    ? cloud.Secrets[secret.Path].Versions.GetValueOrDefault(open.Id.Value).Content
                    : null;
                cloud.Fate = (_, _) => CallFate.Works;
                var result = await first.Successor().RotateAsync(inventory);

                var because = $"it died {fate} at call {k}: {cloud.Calls[k - 1]}, and then: {result.Results[0].Outcome}";
                cloud.Agrees(secret).Should().BeTrue(because);
                cloud.Secrets[secret.Path].Open.Should().BeNull(because);
                if (staged is not null)
                    cloud.Secrets[secret.Path].CurrentContent.Should().Be("older-value", because);
            }
        }
    }

    [Fact]
    public async Task A_version_that_is_not_there_is_refused()
    {
        Blocked(await RollBackAsync(_machine, version: "no-such-version")).Why.Should().Contain("no-such-version");
        ShouldBeUntouched();
        _cloud.Calls.Should().NotContain(c => c.StartsWith("claim "));
    }

    [Fact]
    public async Task The_current_version_is_refused()
    {
        Blocked(await RollBackAsync(_machine, version: Vault.Current)).Why.Should().Contain(Vault.Current);
        ShouldBeUntouched();
        _cloud.Calls.Should().NotContain(c => c.StartsWith("claim "));
    }

    [Fact]
    public async Task What_the_vault_rotates_itself_is_refused()
    {
        var managed = _secret with { Value = new ValuePolicy.VaultManaged() };
        Vault.Foreign = new ForeignRotation.ByVault();

        Blocked(await RollBackAsync(_machine, Inventories.Of(managed))).Why.Should().Contain("vault's own rotation");
        ShouldBeUntouched();
    }

    [Fact]
    public async Task A_secret_that_was_never_delivered_is_refused_until_it_is_adopted()
    {
        Vault.Delivered = null;

        Blocked(await RollBackAsync(_machine)).Hint.Should().Contain("--adopt");
        ShouldBeUntouched();
    }

    [Fact]
    public async Task A_secret_whose_last_rotation_stands_open_is_refused_until_that_is_finished()
    {
        _cloud.Fate = (call, _) => call.StartsWith("put ") ? CallFate.DiesAfter : CallFate.Works;
        await _machine.RotateAsync(_inventory, new PlanRequest { Force = ["db"], ForcedBy = "me", ForceReason = "why" });
        _cloud.Fate = (_, _) => CallFate.Works;
        _cloud.Calls.Clear();

        Blocked(await RollBackAsync(_machine.Successor())).Hint.Should().Contain("rotate --only db");
        _cloud.Calls.Should().OnlyContain(c => c.StartsWith("list ") || c.StartsWith("describe "));
    }

    [Fact]
    public async Task A_secret_whose_target_is_missing_is_refused()
    {
        _cloud.Variables[Inventories.Production].Clear();

        Blocked(await RollBackAsync(_machine)).Why.Should().Contain("payments/production:DB");
        _cloud.Calls.Should().OnlyContain(c => c.StartsWith("list ") || c.StartsWith("describe "));
    }

    [Fact]
    public async Task An_older_version_without_a_field_that_a_target_needs_is_refused_before_any_target_is_touched()
    {
        var secret = Inventories.Secret(
            "db", new ValuePolicy.Json([new GeneratedField("password", new ValueGenerator.Hex(20, null))]),
            new VariableTarget(Inventories.Payments, "DB", "password", false));
        var cloud = new ModelCloud();
        cloud.Deliver(secret, """{"password":"new"}""", Young);
        cloud.Secrets[secret.Path].Versions[Older] = ("""{"user":"app"}""", OlderSince);

        Blocked(await RollBackAsync(new ModelMachine(cloud), Inventories.Of(secret))).Why.Should().Contain("payments:DB");
        cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
        cloud.Secrets[secret.Path].Open.Should().BeNull();
        cloud.Agrees(secret).Should().BeTrue();
    }

    [Fact]
    public async Task Neither_a_freeze_nor_the_minimum_interval_keeps_an_operator_from_rolling_back()
    {
        var start = ModelCloud.Start.InUtc().LocalDateTime;
        var frozen = _inventory with
        {
            Freezes = [new Freeze(start.PlusDays(-1), start.PlusDays(1), DateTimeZone.Utc, "year-end close")],
            Limits = _inventory.Limits with { MinimumInterval = Duration.FromDays(30) },
        };

        (await RollBackAsync(_machine, frozen)).Should().BeOfType<RotationOutcome.Rotated>();
        ShouldBeRolledBack();
    }

    [Fact]
    public async Task Evidence_tells_who_wanted_it_and_why_and_every_step()
    {
        var before = Vault.Current;
        await RollBackAsync(_machine);

        _machine.Evidence.OfType<EvidenceRecord.RunStarted>().Should().ContainSingle().Which.Command.Should().Be("rollback");
        _machine.Evidence.OfType<EvidenceRecord.Planned>().Should().ContainSingle().Which.Secrets.Should().Be(1);
        _machine.Evidence.OfType<EvidenceRecord.Decided>()
            .Should().ContainSingle().Which.Decision
            .Should().Be(new Decision.Forced("me", "the new one is refused"));
        _machine.Evidence.OfType<EvidenceRecord.Step>().Where(s => s.State == StepState.Done).Select(s => s.Kind).Distinct().Should().Equal(
            RotationStep.Claim, RotationStep.Check, RotationStep.Stage, RotationStep.Distribute, RotationStep.Verify, RotationStep.Promote,
            RotationStep.Finish);
        _machine.Evidence.OfType<EvidenceRecord.Step>().Single(s => s is { Kind: RotationStep.Promote, State: StepState.Done }).Detail
            .Should().Be($"{before} -> {Vault.Current}");
        _machine.Evidence.OfType<EvidenceRecord.Ended>()
            .Should().ContainSingle().Which.Outcome
            .Should().BeOfType<RotationOutcome.Rotated>();
    }

    [Fact]
    public async Task Evidence_of_a_refusal_tells_why()
    {
        await RollBackAsync(_machine, version: Vault.Current);

        _machine.Evidence.OfType<EvidenceRecord.Decided>().Should().ContainSingle().Which.Decision.Should().BeOfType<Decision.Blocked>();
        _machine.Evidence.OfType<EvidenceRecord.Step>().Should().BeEmpty();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static OpenRotation Theirs() =>
        new(new("theirs"),
            new("v0"), new Holder.Process("00000000000000bb", 1, 1, "them@elsewhere"), ModelCloud.Start, Staged: true, "theirs");

    private static Decision.Blocked Blocked(RotationOutcome outcome) =>
        outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Blocked>().Which;

    internal static (ModelCloud ModelCloud, ManagedSecret Secret, RotationInventory Inventory) Fresh(bool claimStages)
    {
        var cloud = new ModelCloud { ClaimStages = claimStages };
        var secret = Inventories.Plain("db", Inventories.Payments, Inventories.Production, Inventories.Workspace);
        cloud.Deliver(secret, "newer-value", Young);
        cloud.Secrets[secret.Path].Versions[Older] = ("older-value", OlderSince);
        return (cloud, secret, Inventories.Of(secret));
    }

    private Task<RotationOutcome> RollBackAsync(ModelMachine machine, string version = Older) =>
        RollBackAsync(machine, _inventory, version);

    private static async Task<RotationOutcome> RollBackAsync(ModelMachine machine, RotationInventory inventory, string version = Older) =>
        (await new RotationJob(machine.Tools)
            .RollbackAsync(inventory, new("db", version, "me", "the new one is refused"), machine.Cancellation.Token)).Results
            .Single().Outcome;

    private void ShouldBeRolledBack()
    {
        Vault.CurrentContent.Should().Be("older-value");
        _cloud.Agrees(_secret).Should().BeTrue();
        Vault.Open.Should().BeNull();
        Vault.Delivered!.Version.Value.Should().Be(Vault.Current);
    }

    private void ShouldBeWholeOnTheNewerValue()
    {
        Vault.CurrentContent.Should().Be("newer-value");
        _cloud.Agrees(_secret).Should().BeTrue();
        Vault.Open.Should().BeNull();
    }

    private void ShouldBeUntouched()
    {
        Vault.CurrentContent.Should().Be("newer-value");
        _cloud.Agrees(_secret).Should().BeTrue();
        _cloud.Calls.Should()
            .NotContain(c => c.StartsWith("put ") || c.StartsWith("create ") || c.StartsWith("delete ") || c.StartsWith("promote "));
    }
}
