using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Rotation;
using SecretRotator.Tests.Models;

namespace SecretRotator.Tests.Rotation;

/// <summary>Whatever needs an operator says what the vault and every target hold.</summary>
public sealed class StateToldTests
{
    private readonly World _world = new();
    private readonly Machine _machine;
    private readonly ManagedSecret _secret;

    public StateToldTests()
    {
        _machine = new Machine(_world);
        _secret = Inventories.Plain("db", Inventories.Payments, Inventories.Production, Inventories.Workspace);
        _world.Deliver(_secret, "old-value", Duration.FromDays(40));
        Before = _world.Secrets[_secret.Path].Current;
    }

    private string Before { get; }

    [Fact]
    public async Task An_undo_that_fails_at_one_target_tells_of_the_vault_and_of_all_three()
    {
        _world.Fate = (call, number) => call switch
        {
            "put workspace:DB" => Fate.Refused,
            "put payments:DB" when number > 1 => Fate.Refused,
            "delete payments:DB" => Fate.Refused,
            _ => Fate.Works,
        };

        (await StateAsync()).Should().Equal(
            $"The vault's current version is {Before}, the old one. The new value stays staged. The claim stays.",
            "payments:DB may hold the new value or the old value.",
            "payments/production:DB holds the old value again.",
            "workspace:DB holds the old value.");
    }

    [Fact]
    public async Task A_target_that_was_deleted_and_not_created_again_is_said_to_be_missing()
    {
        _world.Fate = (call, _) => call is "put workspace:DB" ? Fate.AnswerLost : call is "create workspace:DB" ? Fate.Refused : Fate.Works;

        (await StateAsync()).Should().Contain("workspace:DB is MISSING: it was deleted, and could not be created again.");
    }

    [Fact]
    public async Task A_target_whose_undo_could_not_be_listed_is_not_said_to_be_as_before()
    {
        _world.Fate = (call, number) => call is "put payments:DB" && number == 1 || (call is "list workspace" && number > 1) ? Fate.Refused : Fate.Works;

        (await StateAsync()).Should().Contain("workspace:DB was given the old value again, which isn't verified.")
            .And.Contain("payments:DB holds the old value.").And.Contain("payments/production:DB holds the old value again.");
    }

    [Fact]
    public async Task A_commit_that_is_not_known_names_both_versions()
    {
        _world.Fate = (call, number) => call is "promote path/db" ? Fate.RequestLost : call is "describe path/db" && number > 2 ? Fate.Refused : Fate.Works;

        var state = await StateAsync();

        state[0].Should().StartWith($"The vault's current version is {Before} or the one that ").And.EndWith("which of them isn't known. The claim stays.");
        state.Skip(1).Should().Equal("payments:DB holds the new value.", "payments/production:DB holds the new value.", "workspace:DB holds the new value.");
    }

    [Fact]
    public async Task A_finish_that_fails_says_that_the_new_version_is_current_everywhere()
    {
        _world.Fate = (call, _) => call is "finish path/db" ? Fate.Refused : Fate.Works;

        (await StateAsync()).Should().Equal(
            $"The vault's current version is {_world.Secrets[_secret.Path].Current}'s, the new one.",
            "payments:DB holds the new value.", "payments/production:DB holds the new value.", "workspace:DB holds the new value.");
    }

    [Fact]
    public async Task A_claim_whose_fate_is_not_known_says_that_no_target_was_touched()
    {
        _world.Fate = (call, _) => call is "claim path/db" ? Fate.RequestLost : Fate.Works;

        (await StateAsync()).Should().Equal(
            $"The vault's current version was {Before} when this run looked.",
            "payments:DB was not touched by this run.", "payments/production:DB was not touched by this run.", "workspace:DB was not touched by this run.");
    }

    [Fact]
    public async Task A_delivery_that_stops_half_way_tells_which_targets_hold_the_current_value()
    {
        _world.Secrets[_secret.Path].Delivered = null;
        _world.Fate = (call, _) => call is "put payments:DB" ? Fate.Refused : Fate.Works;

        (await StateAsync(new PlanRequest { Adopt = true })).Should().Equal(
            $"The vault's current version is {Before}. The claim is released.",
            "payments:DB holds what it held before.",
            "payments/production:DB holds the vault's current value.",
            "workspace:DB holds the vault's current value.");
    }

    private async Task<IReadOnlyList<string>> StateAsync(PlanRequest? request = null) =>
        (await _machine.RotateAsync(Inventories.Of(_secret), request)).Results.Single().Outcome.Should().BeOfType<RotationOutcome.NeedsOperator>().Which.State;
}
