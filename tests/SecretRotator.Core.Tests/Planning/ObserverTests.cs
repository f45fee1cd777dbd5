namespace SecretRotator.Tests.Planning;

public sealed class ObserverTests
{
    private readonly Models.ModelCloud _cloud = new();
    private readonly ModelMachine _machine;
    private readonly RotationInventory _inventory;

    public ObserverTests()
    {
        _machine = new ModelMachine(_cloud);
        var secrets = new[]
        {
            Inventories.Plain("a", Inventories.Payments, Inventories.Workspace),
            Inventories.Plain("b", Inventories.Payments),
        };
        foreach (var secret in secrets)
            _cloud.Deliver(secret, "old-value", Duration.FromDays(1));
        _inventory = Inventories.Of(secrets);
    }

    [Fact]
    public async Task Each_scope_is_listed_once_and_each_secret_described_once()
    {
        var seen = await ObserveAsync(PlanRequest.Everything);

        _cloud.Calls.Should().BeEquivalentTo("list payments", "list workspace", "describe path/a", "describe path/b");
        seen.Scopes.Keys.Should().BeEquivalentTo([Inventories.Payments, Inventories.Workspace]);
        seen.Secrets.Keys.Should().BeEquivalentTo("a", "b");
        seen.At.Should().Be(Models.ModelCloud.Start);
    }

    [Fact]
    public async Task Only_what_was_asked_about_is_looked_at()
    {
        await ObserveAsync(new PlanRequest { Only = ["b"] });

        _cloud.Calls.Should().BeEquivalentTo("list payments", "describe path/b");
    }

    [Fact]
    public async Task Scopes_that_are_wanted_besides_are_listed_as_well_and_once()
    {
        var observer = new Observer(_ => _machine.Vault, _machine.Variables, _machine, _cloud.Clock, 8);
        await observer.ObserveAsync(_inventory, new PlanRequest { Only = ["b"] }, [Inventories.Payments, Inventories.Workspace], Stop);

        _cloud.Calls.Should().BeEquivalentTo("list payments", "list workspace", "describe path/b");
    }

    [Fact]
    public async Task Scopes_that_the_calls_do_not_last_for_are_left_out_unless_all_are_wanted()
    {
        var inventory = _inventory with { Limits = _inventory.Limits with { BitbucketCallsPerHour = 1 } };
        var observer = new Observer(_ => _machine.Vault, _machine.Variables, _machine, _cloud.Clock, 8);

        var seen = await observer.ObserveAsync(inventory, PlanRequest.Everything, Stop);
        (seen.LeftOut.Single(), seen.Scopes.Keys.Single()).Should().Be((Inventories.Workspace, Inventories.Payments));
        var all = await observer.ObserveAsync(inventory, PlanRequest.Everything, [], Stop);
        (all.LeftOut.Single(), all.Scopes.Count).Should().Be((Inventories.Workspace, 2));
        Planner.Plan(inventory, all, PlanRequest.Everything, Models.ModelCloud.Start, _ => _machine.Vault.Costs).Digest
            .Should().Be(Planner.Plan(inventory, seen, PlanRequest.Everything, Models.ModelCloud.Start, _ => _machine.Vault.Costs).Digest);
    }

    [Fact]
    public async Task A_listing_that_failed_is_part_of_the_observation_and_stops_nothing_else()
    {
        _cloud.Fate = (call, _) => call == "list payments" ? CallFate.Refused : CallFate.Works;
        var seen = await ObserveAsync(PlanRequest.Everything);

        seen.Scopes[Inventories.Payments]
            .Should().BeOfType<ScopeObservation.Unlisted>().Which.Failure.Message
            .Should().Be("list payments was refused.");
        seen.Scopes[Inventories.Workspace].Should().BeOfType<ScopeObservation.Listed>();
        seen.Secrets["a"].Should().BeOfType<SecretObservation.Described>();
    }

    [Fact]
    public async Task A_description_that_failed_is_part_of_the_observation_and_stops_nothing_else()
    {
        _cloud.Fate = (call, _) => call == "describe path/a" ? CallFate.Refused : CallFate.Works;
        var seen = await ObserveAsync(PlanRequest.Everything);

        seen.Secrets["a"]
            .Should().BeOfType<SecretObservation.Undescribed>().Which.Failure.Message
            .Should().Be("describe path/a was refused.");
        seen.Secrets["b"].Should().BeOfType<SecretObservation.Described>();
    }

    [Fact]
    public async Task The_holder_of_an_open_rotation_is_asked_after()
    {
        _cloud.Secrets["path/a"].Open = new OpenRotation(
            new("r"), new("v"), _machine.Self, Models.ModelCloud.Start, Staged: true, "handle");
        var successor = _machine.Successor();
        var seen = await new Observer(_ => successor.Vault, successor.Variables, successor, _cloud.Clock, 8)
            .ObserveAsync(_inventory, PlanRequest.Everything, Stop);

        seen.Secrets["a"].Should().BeOfType<SecretObservation.Described>().Which.HolderState.Should().Be(HolderState.Ended);
        seen.Secrets["b"].Should().BeOfType<SecretObservation.Described>().Which.HolderState.Should().Be(HolderState.Unknown);
    }

    [Fact]
    public async Task The_rerun_of_a_step_knows_that_the_run_before_it_has_ended_without_asking()
    {
        var killed = new Holder.Pipeline(
            "acme", "secret-rotator", "0a1b2c3d-0000-4000-8000-000000000017", 17)
        { Step = new("0a1b2c3d-0000-4000-8000-0000000000aa", 1) };
        _cloud.Secrets["path/a"].Open = new OpenRotation(new("r"), new("v"), killed, Models.ModelCloud.Start, Staged: true, "handle");
        var rerun = killed with { Step = killed.Step with { Run = 2 } };
        var observer = new Observer(_ => _machine.Vault, _machine.Variables, _machine, _cloud.Clock, 8) { Self = rerun };

        var seen = await observer.ObserveAsync(_inventory, PlanRequest.Everything, Stop);

        seen.Secrets["a"].Should().BeOfType<SecretObservation.Described>().Which.HolderState.Should().Be(HolderState.Ended);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task No_more_questions_are_open_at_once_than_are_allowed(int parallelism)
    {
        var vault = new CountingVault();
        var secrets = Enumerable.Range(0, 12).Select(i => Inventories.Plain($"s{i}", Inventories.Payments)).ToArray();
        _cloud.Variables[Inventories.Payments] = [];
        await new Observer(_ => vault, _machine.Variables, _machine, _cloud.Clock, parallelism)
            .ObserveAsync(Inventories.Of(secrets), PlanRequest.Everything, Stop);

        vault.Most.Should().BeInRange(1, parallelism);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private Task<Observation> ObserveAsync(PlanRequest request) =>
        new Observer(_ => _machine.Vault, _machine.Variables, _machine, _cloud.Clock, 8).ObserveAsync(_inventory, request, Stop);

    private sealed class CountingVault : IVaultReader
    {
        private int _open;

        public int Most { get; private set; }

        public VaultCosts Costs => new(1, 1, 1, 1, 0);

        public async Task<SecretDescription> DescribeAsync(string path, CancellationToken cancellation)
        {
            var open = Interlocked.Increment(ref _open);
            lock (this)
                Most = Math.Max(Most, open);
            for (var i = 0; i < 10; i++)
                await Task.Yield();
            Interlocked.Decrement(ref _open);
            return new SecretDescription(new("v1"), null, null, null, new ForeignRotation.None());
        }

        public Task<ImmutableArray<ListedVersion>> ListVersionsAsync(string path, CancellationToken cancellation) =>
            throw new NotSupportedException();
    }
}
