using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>Whatever needs an operator says what the vault and every target hold.</summary>
public sealed class StateToldTests
{
    private readonly ModelCloud _cloud = new();
    private readonly ModelMachine _machine;
    private readonly ManagedSecret _secret;

    public StateToldTests()
    {
        _machine = new ModelMachine(_cloud);
        _secret = Inventories.Plain("db", Inventories.Payments, Inventories.Production, Inventories.Workspace);
        _cloud.Deliver(_secret, "old-value", Duration.FromDays(40));
        Before = _cloud.Secrets[_secret.Path].Current;
    }

    private string Before { get; }

    [Fact]
    public async Task An_undo_that_fails_at_one_target_tells_of_the_vault_and_of_all_three()
    {
        _cloud.Fate = (call, number) => call switch
        {
            "put workspace:DB" => CallFate.Refused,
            "put payments:DB" when number > 1 => CallFate.Refused,
            "delete payments:DB" => CallFate.Refused,
            _ => CallFate.Works,
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
        _cloud.Fate = (
            call, _) => call is "put workspace:DB"
                ? CallFate.AnswerLost
                : call is "create workspace:DB" ? CallFate.Refused : CallFate.Works;

        (await StateAsync()).Should().Contain("workspace:DB is MISSING: it was deleted, and could not be created again.");
    }

    [Fact]
    public async Task A_target_whose_undo_could_not_be_listed_is_not_said_to_be_as_before()
    {
        _cloud.Fate = (
            call, number) => call is "put payments:DB" && number == 1 || (call is "list workspace" && number > 1)
                ? CallFate.Refused
                : CallFate.Works;

        (await StateAsync()).Should().Contain("workspace:DB was given the old value again, which isn't verified.")
            .And.Contain("payments:DB holds the old value.").And.Contain("payments/production:DB holds the old value again.");
    }

    [Fact]
    public async Task A_commit_that_is_not_known_names_both_versions()
    {
        _cloud.Fate = (
            call, number) => call is "promote path/db"
                ? CallFate.RequestLost
                : call is "describe path/db" && number > 2 ? CallFate.Refused : CallFate.Works;

        var state = await StateAsync();

        state[0].Should().StartWith($"The vault's current version is {Before} or the one that ").And
            .EndWith("which of them isn't known. The claim stays.");
        state.Skip(1).Should()
            .Equal("payments:DB holds the new value.", "payments/production:DB holds the new value.", "workspace:DB holds the new value.");
    }

    [Fact]
    public async Task A_finish_that_fails_says_that_the_new_version_is_current_everywhere()
    {
        _cloud.Fate = (call, _) => call is "finish path/db" ? CallFate.Refused : CallFate.Works;

        (await StateAsync()).Should().Equal(
            $"The vault's current version is {_cloud.Secrets[_secret.Path].Current}'s, the new one.",
            "payments:DB holds the new value.", "payments/production:DB holds the new value.", "workspace:DB holds the new value.");
    }

    [Fact]
    public async Task A_claim_whose_fate_is_not_known_says_that_no_target_was_touched()
    {
        _cloud.Fate = (call, _) => call is "claim path/db" ? CallFate.RequestLost : CallFate.Works;

        (await StateAsync()).Should().Equal(
            $"The vault's current version was {Before} when this run looked.",
            "payments:DB was not touched by this run.", "payments/production:DB was not touched by this run.",
            "workspace:DB was not touched by this run.");
    }

    [Fact]
    public async Task A_delivery_that_stops_half_way_tells_which_targets_hold_the_current_value()
    {
        _cloud.Secrets[_secret.Path].Delivered = null;
        _cloud.Fate = (call, _) => call is "put payments:DB" ? CallFate.Refused : CallFate.Works;

        (await StateAsync(new PlanRequest { Adopt = true })).Should().Equal(
            $"The vault's current version is {Before}. The claim is released.",
            "payments:DB holds what it held before.",
            "payments/production:DB holds the vault's current value.",
            "workspace:DB holds the vault's current value.");
        _cloud.Calls.Should().NotContain("mark path/db", "nothing that was sent may still land");
    }

    [Theory]
    [InlineData(CallFate.Works, "isn't there, as before.")]
    [InlineData(CallFate.Refused, "isn't there, as before.")]
    [InlineData(CallFate.RequestLost, "may hold the new value, or not be there.")]
    public async Task A_target_that_was_to_be_created_is_told_by_what_became_of_its_creation(CallFate creation, string told)
    {
        var secret = _secret with { Targets = _secret.Targets.SetItem(2, _secret.Targets[2] with { MayCreate = true }) };
        _cloud.Variables[Inventories.Workspace].Clear();
        _cloud.Secrets[_secret.Path].Delivered = _cloud.Secrets[_secret.Path].Delivered! with { TargetsDigest = _cloud.Digest(secret) };
        _cloud.Fate = (call, number) => call switch
        {
            "create workspace:DB" => number == 1 ? creation : CallFate.Refused,
            "put payments:DB" or "delete payments/production:DB" => CallFate.Refused,
            "put payments/production:DB" when number > 1 => CallFate.Refused,
            _ => CallFate.Works,
        };

        (await _machine.RotateAsync(Inventories.Of(secret))).Results.Single().Outcome
            .Should().BeOfType<RotationOutcome.NeedsOperator>().Which.State[^1].Should().Be($"workspace:DB {told}");
    }

    [Fact]
    public async Task A_target_that_is_not_as_it_was_though_it_was_put_back_is_not_said_to_hold_the_old_value()
    {
        _cloud.Fate = (call, _) => call == "put workspace:DB" ? CallFate.Refused : CallFate.Works;
        _cloud.OnEffect = _ =>
        {
            if (_cloud.Calls.Count(call => call == "put payments:DB") == 2)
                _cloud.Variables[Inventories.Payments].Clear();
        };

        (await StateAsync()).Should().Contain("payments:DB may hold the new value or the old value.");
    }

    private async Task<IReadOnlyList<string>> StateAsync(PlanRequest? request = null) =>
        (await _machine.RotateAsync(Inventories.Of(_secret), request)).Results
            .Single().Outcome
            .Should().BeOfType<RotationOutcome.NeedsOperator>().Which.State;
}
