using SecretRotator.Audit;
using SecretRotator.Backends;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Discovery;
using SecretRotator.Doctor.BackendAccess;
using SecretRotator.EvidenceStorage;
using SecretRotator.Planning;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Verification;

namespace SecretRotator.Hosting;

/// <summary>Observes vaults and Bitbucket, and makes of it what a command asks for.</summary>
/// <param name="request">What is asked for.</param>
/// <param name="environment">What it runs against. It ends with the session.</param>
/// <param name="connections">The connections. They end with the session.</param>
/// <param name="clock">The time for plans and comparisons.</param>
internal class ReadSession(SessionRequest request, CommandEnvironment environment, Connections connections, IClock clock) : IReadSession
{
    public SandboxNote? Sandbox => environment.Note;

    public Instant Now => clock.GetCurrentInstant();

    public int CallsLeft => connections.Bitbucket.CallsLeft;

    public CredentialEnd? CredentialEnd => connections.CredentialEnd;

    public async Task<RotationPlan> PlanAsync(PlanRequest wanted, CancellationToken cancellation) =>
        Plan(await Observer(plans: true).ObserveAsync(request.Inventory, wanted, cancellation), wanted);

    public async Task<DriftReport> CheckAsync(PlanRequest wanted, CancellationToken cancellation) =>
        Compare(await ObserveAllAsync(wanted, plans: false, cancellation), wanted);

    public async Task<Snapshot> TakeSnapshotAsync(PlanRequest wanted, CancellationToken cancellation)
    {
        var observation = await ObserveAllAsync(wanted, plans: true, cancellation);
        return new Snapshot(request.Inventory, observation, Plan(observation, wanted), Compare(observation, wanted))
        {
            Credential = CredentialEnd,
        };
    }

    public async Task<(SecretDescription Description, ImmutableArray<ListedVersion> Versions)> ListVersionsAsync(
        ManagedSecret secret, CancellationToken cancellation)
    {
        IVaultReader vault = connections.Vault(secret.Vault);
        var describing = vault.DescribeAsync(secret.Path, cancellation);
        var listing = vault.ListVersionsAsync(secret.Path, cancellation);
        await Task.WhenAll(describing, listing);

        // Where a vault keeps one record of delivery for all versions, the description has it.
        var description = await describing;
        var delivered = description.Delivered;
        var versions = await listing;
        return (description,
            [.. versions.Select(each => each.Id == delivered?.Version ? each with { DeliveredAt = delivered.DeliveredAt } : each)]);
    }

    public Task<DiscoveryReport> DiscoverAsync(DiscoveryRequest wanted, CancellationToken cancellation) =>
        new VariableDiscovery(connections.Bitbucket.Scopes, request.Inventory, request.Log.Notice).RunAsync(wanted, cancellation);

    public async Task<SchedulePlan> PlanSchedulesAsync(ImmutableArray<ScheduleDeclaration> declared, CancellationToken cancellation)
    {
        IScheduleReader reader = connections.Schedules;
        var records = await reader.ListRecordsAsync(cancellation);
        var observed = ImmutableArray.CreateBuilder<ObservedSchedule>();
        foreach (var repository in SchedulePlanner.Repositories(declared, records, request.Inventory.Workspace))
            observed.AddRange(await reader.ListAsync(repository, cancellation));
        return SchedulePlanner.Plan(declared, records, observed.ToImmutable());
    }

    public virtual async Task<PastEvidence> ReadEvidenceAsync(Instant? since, CancellationToken cancellation)
    {
        using var store = EvidenceStore.Open(request, environment, connections.Bucket);
        return await store.ReadAsync(since, cancellation);
    }

    public Task PublishAsync(InsightReport report, CancellationToken cancellation) => connections.PublishAsync(report, cancellation);

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        request.Telemetry.Called(connections.Calls);
        connections.Dispose();
        await environment.DisposeAsync();
    }

    private Observer Observer(bool plans) => new(
        connections.Vault, connections.Bitbucket.Variables, connections.Bitbucket.Holders, clock, request.Settings.Parallelism)
    {
        InFlight = connections.Bitbucket.InFlight,
        Self = connections.Self,
        OldCredentials = plans ? new OldCredentialReader(connections.Vault, connections.Backend) : null,
    };

    // What may hide a target is observed as well.
    private Task<Observation> ObserveAllAsync(PlanRequest wanted, bool plans, CancellationToken cancellation) =>
        Observer(plans).ObserveAsync(request.Inventory, wanted, DriftCheck.ScopesThatMayHide(request.Inventory, wanted), cancellation);

    private RotationPlan Plan(Observation observation, PlanRequest wanted) =>
        Planner.Plan(request.Inventory, observation, wanted, Now, vault => connections.Vault(vault).Costs);

    private DriftReport Compare(Observation observation, PlanRequest wanted) =>
        DriftCheck.Compare(request.Inventory, observation, wanted, Now);
}

/// <summary>Changes the schedules of Bitbucket.</summary>
internal sealed class ScheduleSession(SessionRequest request, CommandEnvironment environment, Connections connections)
    : ReadSession(request, environment, connections, environment.Clock)
{
    private readonly IScheduleStore _store = connections.Schedules;

    /// <summary>Does what a plan says.</summary>
    public Task<ImmutableArray<ScheduleResult>> ApplyAsync(SchedulePlan plan, CancellationToken cancellation) =>
        new ScheduleApplication(_store).RunAsync(plan, cancellation);
}

/// <summary>Tests the systems that accept values.</summary>
internal sealed class BackendSession(SessionRequest request, CommandEnvironment environment, Connections connections)
    : ReadSession(request, environment, connections, environment.Clock)
{
    private readonly Connections _connections = connections;
    private readonly CommandEnvironment _environment = environment;
    private readonly RunLimits _limits = request.Inventory.Limits;

    /// <summary>Asks the backend of a secret, which has one.</summary>
    /// <inheritdoc cref="BackendTest.RunAsync" />
    public Task<BackendTestResult> TestAsync(ManagedSecret secret, bool writes, CancellationToken cancellation) => new BackendTest(
        secret, _connections.Vault(secret.Vault), _connections.Backend(secret)!, _limits, _connections.Self, _environment.Clock,
        _environment.Time, _connections.Random).RunAsync(writes, cancellation);
}
