using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>An outcome says what is where, and what the next run does about it; and no one waits for who has ended.</summary>
public sealed class OutcomeTextTests() : DueSecret(Inventories.Payments)
{
    [Fact]
    public async Task A_rotation_that_could_not_be_recorded_says_that_vault_and_targets_agree()
    {
        Fails("finish path/db");

        (await LeftAsync()).Should().Contain("Vault and targets agree").And.Contain("next run");
    }

    [Fact]
    public async Task A_version_that_someone_else_made_current_is_named_as_theirs()
    {
        _cloud.At("put ", MoveCurrent);

        (await LeftAsync()).Should().Contain("someone else's now");
    }

    [Fact]
    public async Task A_delivery_that_could_not_be_verified_says_that_its_targets_took_it()
    {
        MoveCurrent();
        _cloud.Fate = (call, number) => call == "list payments" && number == 3 ? CallFate.Refused : CallFate.Works;

        (await LeftAsync()).Should().Contain("All targets took the vault's current version").And.Contain("could not be verified");
    }

    [Fact]
    public async Task A_claim_that_is_left_after_the_undo_is_named_with_the_reason()
    {
        Fails("promote path/db", "discard path/db");

        (await LeftAsync()).Should().Contain("left in the vault: discard path/db was refused.").And.Contain("resumes it");
    }

    [Fact]
    public async Task A_resume_that_could_not_look_says_that_the_value_stays_staged()
    {
        await KillAsync(_cloud, "put payments:DB", CallFate.DiesAfter);
        Fails("read-staged path/db");

        (await LeftAsync(_machine.Successor())).Should().Contain("stays staged in the vault");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_claim_without_a_staged_value_is_released_and_decided_anew(bool becameFresh)
    {
        var cloud = await KilledBeforeStagingAsync();
        cloud.Fate = (call, _) =>
        {
            if (becameFresh && call.StartsWith("discard "))
                cloud.Secrets[_secret.Path].Delivered = cloud.Secrets[_secret.Path].Delivered! with { ValueSince = ModelCloud.Start };
            return CallFate.Works;
        };
        var outcome = await RotateAsync(new ModelMachine(cloud), takeOver: true);

        if (becameFresh)
            outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.NotDue>();
        else
            outcome.Should().BeOfType<RotationOutcome.Rotated>();
        cloud.Calls.Count(c => c.StartsWith("claim ")).Should().Be(becameFresh ? 2 : 3, "the killed run claimed it as well");
        cloud.Secrets[_secret.Path].Open.Should().BeNull();
    }

    [Fact]
    public async Task A_claim_that_was_released_and_can_not_be_decided_anew_is_left_to_the_next_run()
    {
        var cloud = await KilledBeforeStagingAsync();
        var released = false;
        cloud.Fate = (
            call, _) => call.StartsWith("discard ") && (released = true)
                ? CallFate.Works
                : released && call.StartsWith("describe ") ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(new ModelMachine(cloud), takeOver: true)).Should().Be(new RotationOutcome.Untouched(
                new Decision.Blocked(Refused("describe path/db was refused.", "Fix what it says, then run again."))));
    }

    [Fact]
    public async Task Stopped_while_it_reads_nothing_was_changed()
    {
        _cloud.Fate = (call, _) => call.StartsWith("read ") ? throw new OperationCanceledException() : CallFate.Works;

        (await RotateAsync(_machine)).Should().Be(new RotationOutcome.RolledBack(
                new(FailureKind.Cancelled, "It was cancelled before anything was changed."), Cancelled: true));
    }

    [Fact]
    public async Task An_old_value_that_can_not_be_read_gives_the_claim_back_and_nothing_was_sent()
    {
        _cloud.Fate = (call, _) => call.StartsWith("read ") ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(_machine)).Should().Be(new RotationOutcome.Untouched(
                new Decision.Blocked(Refused("read path/db was refused.", "Fix what it says, then run again."))));
        _cloud.Secrets[_secret.Path].Open.Should().BeNull();
        _cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
    }

    [Fact]
    public async Task An_old_value_that_can_not_be_read_and_a_claim_that_can_not_be_given_back_need_an_operator()
    {
        _cloud.Fate = (call, _) => call.StartsWith("read ") || call.StartsWith("discard ") ? CallFate.Refused : CallFate.Works;

        (await RotateAsync(_machine)).Should().BeOfType<RotationOutcome.NeedsOperator>()
            .Which.NotUndone.Should().Equal("The claim is left in the vault: discard path/db was refused. The next run discards it.");
        _cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
    }

    [Fact]
    public async Task An_unexpected_error_before_the_claim_changes_nothing_and_keeps_its_text_to_itself()
    {
        _cloud.Fate = (call, _) => call.StartsWith("read ") ? throw new InvalidOperationException("holds a value") : CallFate.Works;

        (await RotateAsync(_machine)).Should().Be(new RotationOutcome.Untouched(
            new Decision.Blocked(
                FailureKind.Unexpected, "Unexpected error (InvalidOperationException).", "Fix what it says, then run again.")));
    }

    [Fact]
    public async Task Content_of_which_no_new_one_can_be_made_is_refused_before_the_claim()
    {
        var secret = _secret with { Value = new ValuePolicy.Json([new GeneratedField("password", new ValueGenerator.Hex(20, null))]) };

        (await _machine.RotateAsync(Inventories.Of(secret))).Results.Single().Outcome.Should().BeOfType<RotationOutcome.Untouched>()
            .Which.Decision.Should().BeOfType<Decision.Blocked>().Which.Hint.Should().NotBe("Fix what it says, then run again.");
        _cloud.Calls.Should().NotContain(c => c.StartsWith("claim "));
    }

    [Theory]
    [InlineData(32, "claim path/db")]
    [InlineData(40_000, "none")]
    public async Task Who_is_refused_keeps_no_one_of_the_same_scope_waiting(int bytes, string refused)
    {
        var other = Inventories.Plain("other", Inventories.Payments);
        _cloud.Deliver(other, "old-value", Duration.FromDays(40));
        foreach (var each in new[] { _secret, other })
            _cloud.Secrets[each.Path].Delivered = _cloud.Secrets[each.Path].Delivered! with { TargetsDigest = _cloud.Digest(each) };
        Fails(refused);
        var large = _secret with { Value = new ValuePolicy.Plain(new ValueGenerator.Hex(bytes, null)) };

        (await _machine.RotateAsync(Inventories.Of(large, other))).Results
            .Select(r => r.Outcome is RotationOutcome.Rotated)
            .Should().Equal(false, true);
    }

    private async Task<ModelCloud> KilledBeforeStagingAsync()
    {
        var cloud = new ModelCloud { ClaimStages = false };
        cloud.Deliver(_secret, "old-value", Duration.FromDays(40));
        await KillAsync(cloud, "stage path/db", CallFate.DiesBefore);
        cloud.Secrets[_secret.Path].Open.Should().NotBeNull();
        return cloud;
    }

    private async Task KillAsync(ModelCloud cloud, string at, CallFate fate)
    {
        cloud.Fate = (call, _) => call == at ? fate : CallFate.Works;
        await (cloud == _cloud ? _machine : new ModelMachine(cloud)).RotateAsync(Inventories.Of(_secret));
        cloud.Fate = (_, _) => CallFate.Works;
    }

    private void Fails(params string[] calls) => _cloud.Fate = (call, _) => calls.Contains(call) ? CallFate.Refused : CallFate.Works;

    private void MoveCurrent()
    {
        Vault.Versions["elsewhere"] = ("made-elsewhere", ModelCloud.Start - Duration.FromDays(1));
        (Vault.Previous, Vault.Current) = (Vault.Current, "elsewhere");
    }

    private async Task<string> LeftAsync(ModelMachine? machine = null) =>
        (await RotateAsync(machine ?? _machine))
            .Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().ContainSingle().Which;

    private async Task<RotationOutcome> RotateAsync(ModelMachine machine, bool takeOver = false) =>
        (await machine.RotateAsync(Inventories.Of(_secret), new PlanRequest { TakeOver = takeOver ? ["db"] : [] })).Results
            .Single().Outcome;

    private static Failure Refused(string what, string hint) => new(FailureKind.Unavailable, what, hint) { Effect = Effect.Rejected };
}
