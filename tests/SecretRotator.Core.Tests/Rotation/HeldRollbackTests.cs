using SecretRotator.Evidence;
using SecretRotator.Rotation;

namespace SecretRotator.Tests.Rotation;

/// <summary>What a rollback brought back stays until its hold ends or someone lifts it.</summary>
public sealed class HeldRollbackTests
{
    private static readonly Duration Week = Duration.FromDays(7);

    private readonly ModelCloud _cloud;
    private readonly ManagedSecret _secret;
    private readonly RotationInventory _inventory;
    private readonly ModelMachine _machine;

    public HeldRollbackTests()
    {
        (_cloud, _secret, _inventory) = RollbackTests.Fresh(claimStages: true);
        _machine = new ModelMachine(_cloud);
    }

    private ModelSecret Vault => _cloud.Secrets[_secret.Path];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_next_scheduled_run_on_any_machine_leaves_a_rolled_back_secret_alone(bool claimStages)
    {
        var (cloud, secret, inventory) = RollbackTests.Fresh(claimStages);
        await RollBackAsync(new ModelMachine(cloud), inventory);
        cloud.Clock.AdvanceDays(1);

        var outcome = await RunAsync(new ModelMachine(cloud), inventory);

        outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Waiting>();
        (cloud.Secrets[secret.Path].CurrentContent, cloud.Agrees(secret)).Should().Be(("older-value", true));
    }

    [Fact]
    public async Task Once_the_hold_has_ended_the_secret_rotates_again()
    {
        await RollBackAsync(_machine, _inventory);
        _cloud.Clock.AdvanceDays(7);

        (await RunAsync(new ModelMachine(_cloud), _inventory)).Should().BeOfType<RotationOutcome.Rotated>();
    }

    [Fact]
    public async Task A_hold_lasts_as_long_as_the_operator_says()
    {
        var result = await RollBackAsync(_machine, _inventory, Duration.FromHours(12));
        result.Held.Should().Be(new Hold(ModelCloud.Start + Duration.FromHours(12), "it is refused", ByRollback: true));
        result.IsHeldAsUsual.Should().BeFalse();
        _cloud.Clock.AdvanceHours(11);
        (await RunAsync(new ModelMachine(_cloud), _inventory)).Should().BeOfType<RotationOutcome.Untouched>();
        _cloud.Clock.AdvanceHours(1);
        (await RunAsync(new ModelMachine(_cloud), _inventory)).Should().BeOfType<RotationOutcome.Rotated>();
    }

    [Fact]
    public async Task Force_lifts_the_hold_for_good()
    {
        await RollBackAsync(_machine, _inventory);
        _cloud.Clock.AdvanceDays(1);

        (await RunAsync(new ModelMachine(_cloud), _inventory, new PlanRequest { Force = ["db"], ForcedBy = "me", ForceReason = "fixed" }))
            .Should().BeOfType<RotationOutcome.Rotated>();
        _cloud.Clock.AdvanceDays(1);
        var plan = await new RotationJob(new ModelMachine(_cloud).Tools).RunAsync(_inventory, PlanRequest.Everything, null, Stop);
        plan.Plan.Items[0].Hold.Should().BeNull();
    }

    [Fact]
    public async Task A_second_rollback_has_a_hold_of_its_own()
    {
        await RollBackAsync(_machine, _inventory);
        _cloud.Clock.AdvanceDays(1);
        await RollBackAsync(new ModelMachine(_cloud), _inventory, Duration.FromHours(1), to: "previous");

        Vault.CurrentContent.Should().Be("newer-value");
        Vault.Holds[Vault.Current].Until.Should().Be(_cloud.Clock.GetCurrentInstant() + Duration.FromHours(1));
    }

    [Theory]
    [InlineData("put payments:DB")]
    [InlineData("promote path/db")]
    public async Task A_rollback_that_is_undone_holds_nothing(string call)
    {
        _cloud.Fate = (made, _) => made == call ? CallFate.Refused : CallFate.Works;
        var result = await RollBackAsync(_machine, _inventory);
        _cloud.Fate = (_, _) => CallFate.Works;
        _cloud.Clock.AdvanceDays(60);

        result.Held.Should().BeNull();
        (await RunAsync(new ModelMachine(_cloud), _inventory)).Should().BeOfType<RotationOutcome.Rotated>();
    }

    [Theory]
    [InlineData("claim path/db", true)]
    [InlineData("stage path/db", false)]
    public async Task A_hold_that_can_not_be_written_stops_the_rollback_before_any_target_is_touched(string call, bool claimStages)
    {
        var (cloud, secret, inventory) = RollbackTests.Fresh(claimStages);
        cloud.Fate = (made, _) => made == call ? CallFate.Refused : CallFate.Works;

        var result = await RollBackAsync(new ModelMachine(cloud), inventory);

        result.Results.Single().Outcome.Should().NotBeOfType<RotationOutcome.Rotated>();
        result.Held.Should().BeNull();
        (cloud.Secrets[secret.Path].CurrentContent, cloud.Agrees(secret)).Should().Be(("newer-value", true));
        cloud.Calls.Should().NotContain(c => c.StartsWith("put "));
    }

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_rollback_that_dies_anywhere_is_finished_with_its_hold_or_not_begun(string call, CallFate fate, bool claimStages)
    {
        var (cloud, secret, inventory) = RollbackTests.Fresh(claimStages);
        cloud.Fate = (made, number) => made == call && number == 1 ? fate : CallFate.Works;
        var machine = new ModelMachine(cloud);
        await Record.ExceptionAsync(() => RollBackAsync(machine, inventory));
        cloud.Fate = (_, _) => CallFate.Works;
        cloud.Clock.AdvanceDays(1);
        await RunAsync(machine.Successor(), inventory);
        cloud.Clock.AdvanceDays(1);
        await RunAsync(new ModelMachine(cloud), inventory);

        var vault = cloud.Secrets[secret.Path];
        cloud.Agrees(secret).Should().BeTrue();
        (vault.CurrentContent == "older-value").Should().Be(vault.Holds.ContainsKey(vault.Current));
    }

    public static TheoryData<string, CallFate, bool> Deaths()
    {
        var deaths = new TheoryData<string, CallFate, bool>();
        foreach (var claimStages in new[] { true, false })
            foreach (var call in new[]
            {
                "claim path/db",
                "stage path/db",
                "put payments:DB",
                "put workspace:DB",
                "read-staged path/db",
                "promote path/db",
                "finish path/db",
            })
                foreach (var fate in new[] { CallFate.DiesBefore, CallFate.DiesAfter })
                    deaths.Add(call, fate, claimStages);
        return deaths;
    }

    [Fact]
    public async Task A_held_secret_is_delivered_again_to_a_target_that_someone_made_anew()
    {
        await RollBackAsync(_machine, _inventory);
        _cloud.Clock.AdvanceDays(1);
        _cloud.Variables[Inventories.Payments][0] = new ModelVariable(_cloud.NewUuid(), "DB", "theirs", Secured: true);

        (await RunAsync(new ModelMachine(_cloud), _inventory)).Should().BeOfType<RotationOutcome.Redelivered>();
        (Vault.CurrentContent, _cloud.Agrees(_secret)).Should().Be(("older-value", true));
    }

    [Fact]
    public async Task Evidence_tells_of_the_hold_that_force_lifts()
    {
        await RollBackAsync(_machine, _inventory);
        _cloud.Clock.AdvanceDays(1);
        var machine = new ModelMachine(_cloud);
        await RunAsync(machine, _inventory, new PlanRequest { Force = ["db"], ForcedBy = "me", ForceReason = "fixed" });

        machine.Evidence.OfType<EvidenceRecord.Decided>()
            .Single().Overrides
            .Should().Equal("hold: it is refused, until 2026-11-30T02:00:00Z");
    }

    [Fact]
    public async Task Versions_that_can_not_be_listed_stop_a_rollback_to_the_beginning_of_an_id()
    {
        _cloud.Fate = (call, _) => call == "list-versions path/db" ? CallFate.Refused : CallFate.Works;

        var result = await RollBackAsync(_machine, _inventory);

        result.Results.Single().Outcome.Should().BeOfType<RotationOutcome.Untouched>().Which.Decision.Should().BeOfType<Decision.Blocked>()
            .Which.Why.Should().Be("Its versions could not be listed. list-versions path/db was refused.");
        _cloud.Calls.Should().NotContain(c => c.StartsWith("claim "));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static Task<RunResult> RollBackAsync(
        ModelMachine machine, RotationInventory inventory, Duration? hold = null, string to = RollbackTests.Older) =>
        new RotationJob(machine.Tools)
            .RollbackAsync(
                inventory, new RollbackRequest("db", to, "me", "it is refused") { Hold = hold ?? Week }, machine.Cancellation.Token);

    private static async Task<RotationOutcome> RunAsync(ModelMachine machine, RotationInventory inventory, PlanRequest? request = null) =>
        (await machine.RotateAsync(inventory, request)).Results.Single().Outcome;
}
