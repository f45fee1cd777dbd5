using NodaTime.Testing;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>A holder that was held up for so long that its claim may be someone else's changes nothing more, and says so.</summary>
public sealed class LeaseTests
{
    private readonly ModelCloud _cloud = new();
    private readonly ModelMachine _machine;
    private readonly ManagedSecret _secret = Inventories.Plain("db", Inventories.Payments, Inventories.Production, Inventories.Workspace);

    public LeaseTests()
    {
        _machine = new ModelMachine(_cloud);
        _cloud.Deliver(_secret, "old-value", Duration.FromDays(40));
    }

    private ModelSecret Vault => _cloud.Secrets[_secret.Path];

    [Fact]
    public void A_lease_is_over_from_its_end_on()
    {
        new Lease(new FakeClock(ModelCloud.Start), ModelCloud.Start).IsOver.Should().BeTrue();
        new Lease(new FakeClock(ModelCloud.Start), ModelCloud.Start + Duration.Epsilon).IsOver.Should().BeFalse();
    }

    [Fact]
    public async Task Held_up_before_it_distributes_it_sends_nothing()
    {
        HoldUpAt("stage path/db", 1);
        await RotateAsync(_secret);

        _cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
        Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task Held_up_during_the_undo_it_puts_nothing_more_back_and_names_what_is_left()
    {
        var undo = false;
        _cloud.Fate = (call, _) =>
        {
            if (undo && call.StartsWith("put "))
                _cloud.Clock.Advance(RunLimits.Default.ClaimLimit);
            undo |= call.StartsWith("promote ");
            return call.StartsWith("promote ") ? CallFate.Refused : CallFate.Works;
        };

        var left = (await RotateAsync(_secret)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone;
        left.Should().HaveCount(2).And.OnlyContain(each => each.Contains("limits.claim-limit"));
        _cloud.Calls.SkipWhile(c => !c.StartsWith("promote ")).Count(c => c.StartsWith("put ")).Should().Be(1);
        Vault.Open.Should().NotBeNull();
    }

    [Fact]
    public async Task Held_up_after_it_distributed_it_says_where_both_values_are()
    {
        HoldUpAt("read-staged path/db", 1);

        var before = Vault.Current;
        var outcome = (await RotateAsync(_secret)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which;
        outcome.NotUndone.Should().ContainSingle()
            .Which.Should().Contain("may hold the old or the new value").And.Contain("Both stay in the vault");
        outcome.State[0].Should().StartWith($"The vault's current version was {before} when this run last looked");
    }

    [Fact]
    public async Task Held_up_while_it_replaces_a_variable_it_names_the_one_that_is_missing()
    {
        var secret = _secret with { Targets = [_secret.Targets[0]] };
        await RotateAsync(secret);
        _cloud.MoveCurrent(secret);
        HoldUpAt("delete payments:DB", 1);

        (await RotateAsync(secret)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone
            .Should().ContainSingle(left => left.Contains("is missing right now")).Which.Should().StartWith("payments:DB");
    }

    [Fact]
    public async Task Held_up_before_it_retires_a_version_it_retires_nothing_and_leaves_the_claim_to_the_next_run()
    {
        var secret = _secret with { Grace = new GracePolicy.Lasting(Duration.FromHours(1)) };
        var old = Vault.Current;
        await RotateAsync(secret);
        _cloud.Clock.Advance(Duration.FromHours(2));
        HoldUpAt("claim path/db", 2);

        (await RotateAsync(secret)).Should().BeOfType<RotationOutcome.NeedsOperator>().Which.NotUndone.Should().Equal(
            $"The old version {old} is valid still. The next run retires it.", "The claim is left in the vault. The next run releases it.");
        _cloud.Calls.Should().NotContain(c => c.StartsWith("retire ") || c.StartsWith("discard "));
    }

    private void HoldUpAt(string call, int number) => _cloud.Fate = (made, n) =>
    {
        if (made == call && n == number)
            _cloud.Clock.Advance(RunLimits.Default.ClaimLimit);
        return CallFate.Works;
    };

    private async Task<RotationOutcome> RotateAsync(ManagedSecret secret) =>
        (await _machine.RotateAsync(Inventories.Of(secret))).Results.Single().Outcome;
}
