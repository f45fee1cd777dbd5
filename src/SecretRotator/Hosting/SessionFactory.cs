using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Audit;
using SecretRotator.Doctor;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Inventory;
using SecretRotator.Output;
using SecretRotator.Planning;
using SecretRotator.Providers;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Rotation;
using SecretRotator.Vaults;
using SecretRotator.Verification;

namespace SecretRotator.Hosting;

/// <summary>The composition root: makes everything that a command needs, and nothing that it doesn't.</summary>
/// <param name="time">In which the program waits and measures.</param>
/// <param name="providers">The kinds of vaults that there are.</param>
internal sealed class SessionFactory(TimeProvider time, IReadOnlyList<IVaultProvider> providers) : ISessionFactory
{
    private const string SandboxFolder = ".sandbox";

    /// <inheritdoc />
    public IReadOnlyList<IVaultProvider> Providers => providers;

    /// <inheritdoc />
#if SANDBOX
    public bool HasSandbox => true;
#else
    public bool HasSandbox => false;
#endif

    /// <inheritdoc />
    public async Task<IReadSession> OpenReadAsync(SessionRequest request, CancellationToken cancellation)
    {
        var stage = await StageAsync(request, keepsTime: true, cancellation);
        try
        {
            var connections = await Connections.OpenAsync(stage.Settings, request.Inventory, stage.Clock, stage.Time, request.Log, cancellation);
            var clock = request.Now is { } now ? new StoppedClock(now) : stage.Clock;
            return new ReadSession(request, stage, connections, clock);
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<IRotationSession> OpenRotationAsync(SessionRequest request, ImmutableArray<IEvidenceLog> listeners, CancellationToken cancellation)
    {
        var stage = await StageAsync(request, keepsTime: false, cancellation);
        Connections? connections = null;
        try
        {
            connections = await Connections.OpenAsync(stage.Settings, request.Inventory, stage.Clock, stage.Time, request.Log, cancellation);
            var open = connections;
            return new RotationSession(request, stage, open, await EvidenceOpening.OpenAsync(
                request, stage, location => open.Bucket(location, stage.Settings, stage.Clock), stop => SigningKeySource.FindAsync(request, open, stop), open.Random, UsualEvidence(request),
                listeners, cancellation));
        }
        catch (Exception failure)
        {
            // A mistake in what evidence itself needs can't be kept as evidence.
            if ((connections is null && failure is UsageException) || failure is RemoteFailureException)
                await FailedStart.TellAsync(request, stage, UsualEvidence(request), listeners, failure, cancellation);
            connections?.Dispose();
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<DoctorReport> RunDoctorAsync(DoctorRequest request, CancellationToken cancellation)
    {
        // The sandbox is furnished from the inventory: without one it doesn't stand.
        var rehearsal = request.Inventory.Inventory is null ? null : request.SandboxRun;
        await using var stage = await StageAsync(new SessionRequest("doctor", request.Settings, request.Inventory.Inventory!, rehearsal, null, request.Log), keepsTime: true, cancellation);
        return await DoctorRun.RunAsync(request, stage, cancellation);
    }

    /// <inheritdoc />
#pragma warning disable RS0030 // This is where the program gets its clock from.
    public Instant Now => SystemClock.Instance.GetCurrentInstant();
#pragma warning restore RS0030

    /// <inheritdoc />
    public Task<IScheduleReadSession> OpenScheduleReadAsync(SessionRequest request, CancellationToken cancellation) =>
        ConnectAsync<IScheduleReadSession>(request, (stage, connections) => new ScheduleReadSession(request, stage, connections, connections.Schedules), cancellation);

    /// <inheritdoc />
    public Task<IScheduleSession> OpenSchedulesAsync(SessionRequest request, CancellationToken cancellation) => ConnectAsync<IScheduleSession>(
        request,
        (stage, connections) => new ScheduleSession(new ScheduleReadSession(request, stage, connections, connections.Schedules), connections.Schedules),
        cancellation);

    /// <inheritdoc />
    public Task<IDiscoverySession> OpenDiscoveryAsync(SessionRequest request, CancellationToken cancellation) =>
        ConnectAsync<IDiscoverySession>(request, (stage, connections) => new DiscoverySession(request, stage, connections), cancellation);

    private async Task<T> ConnectAsync<T>(SessionRequest request, Func<CommandEnvironment, Connections, T> make, CancellationToken cancellation)
    {
        var stage = await StageAsync(request, keepsTime: true, cancellation);
        try
        {
            return make(stage, await Connections.OpenAsync(stage.Settings, request.Inventory, stage.Clock, stage.Time, request.Log, cancellation));
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    private async Task<CommandEnvironment> StageAsync(SessionRequest request, bool keepsTime, CancellationToken cancellation)
    {
#pragma warning disable RS0030 // This is where the program gets its clock from.
        IClock real = SystemClock.Instance;
#pragma warning restore RS0030
        if (request.SandboxRun is null)
            return new CommandEnvironment(request.Settings, real, time, null, null);
#if SANDBOX
        return await SandboxLauncher.StartAsync(request, SandboxFolder, real, time, keepsTime, cancellation);
#else
        await Task.CompletedTask;
        throw new InvalidOperationException("The command line refuses --sandbox in this build.");
#endif
    }

    private static string UsualEvidence(SessionRequest request) => request.SandboxRun is null ? "evidence" : Path.Combine(SandboxFolder, "evidence");

    private sealed class StoppedClock(Instant now) : IClock
    {
        public Instant GetCurrentInstant() => now;
    }

    /// <summary>Holds readers only.</summary>
    private sealed class ReadSession(SessionRequest request, CommandEnvironment stage, Connections connections, IClock clock) : IReadSession
    {
        private readonly SnapshotReader _sightings = new(request, connections, clock);

        public SandboxNote? Sandbox => stage.Note;

        public Task<RotationPlan> PlanAsync(PlanRequest wanted, CancellationToken cancellation) => _sightings.PlanAsync(wanted, cancellation);

        public Task<DriftReport> CheckAsync(PlanRequest wanted, CancellationToken cancellation) => _sightings.CheckAsync(wanted, cancellation);

        public async Task<ImmutableArray<ListedVersion>> ListVersionsAsync(ManagedSecret secret, CancellationToken cancellation)
        {
            IVaultReader vault = connections.Vault(secret.Vault);
            var describing = vault.DescribeAsync(secret.Path, cancellation);
            var listing = vault.ListVersionsAsync(secret.Path, cancellation);
            await Task.WhenAll(describing, listing);

            // Where a vault keeps one record of delivery for all versions, the description has it.
            var delivered = (await describing).Delivered;
            return [.. (await listing).Select(version => version.Id == delivered?.Version ? version with { DeliveredAt = delivered.DeliveredAt } : version)];
        }

        public Task<Snapshot> LookAsync(PlanRequest wanted, CancellationToken cancellation) => _sightings.LookAsync(wanted, cancellation);

        public async Task<PastEvidence> ReadEvidenceAsync(CancellationToken cancellation)
        {
            using var store = EvidenceStore.Open(request, stage, location => connections.Bucket(location, stage.Settings, stage.Clock), UsualEvidence(request));
            return await store.ReadAsync(cancellation);
        }

        public Task PublishAsync(InsightReport report, CancellationToken cancellation) => connections.PublishAsync(report, cancellation);

        public async ValueTask DisposeAsync()
        {
            request.Telemetry.Called(connections.Calls);
            connections.Dispose();
            await stage.DisposeAsync();
        }
    }

    private sealed class RotationSession : IRotationSession
    {
        private readonly SessionRequest _request;
        private readonly CommandEnvironment _stage;
        private readonly Connections _connections;
        private readonly EvidenceOpening _evidence;
        private readonly RotationJob _job;

        public RotationSession(SessionRequest request, CommandEnvironment stage, Connections connections, EvidenceOpening evidence)
        {
            (_request, _stage, _connections, _evidence) = (request, stage, connections, evidence);
            _job = new RotationJob(new RotationTools(
                connections.Vault, connections.Variables, connections.Pipelines, connections.Holders, evidence.Log, connections.Self, stage.Clock, stage.Time, connections.Random)
            {
                Parallelism = request.Settings.Parallelism,
                FirstLook = stage.FirstLook,
                InFlight = connections.InFlight,
                Version = ProductVersion.Text,
                Run = evidence.Run,
                By = Operator.Name(request.Settings),
                BeganAt = evidence.BeganAt,
                Before = evidence.Before,
                OnBegun = evidence.BeginAsync,
            });
        }

        public SandboxNote? Sandbox => _stage.Note;

        public string Evidence => _evidence.Path;

        public Task<RunResult> RotateAsync(PlanRequest request, string? expectedDigest, CancellationToken cancellation) =>
            _job.RunAsync(_request.Inventory, request, expectedDigest, cancellation);

        public Task<RunResult> RollbackAsync(RollbackRequest request, CancellationToken cancellation) =>
            _job.RollbackAsync(_request.Inventory, request, cancellation);

        public Task<Snapshot> LookAsync(PlanRequest request, CancellationToken cancellation) =>
            new SnapshotReader(_request, _connections, _stage.Clock).LookAsync(request, cancellation);

        public Task<PastEvidence> ReadEvidenceAsync(CancellationToken cancellation) => _evidence.ReadAsync(cancellation);

        public Task PublishAsync(InsightReport report, CancellationToken cancellation) => _connections.PublishAsync(report, cancellation);

        public Task<ClosedEvidence> EndAsync(ExitCode exitCode, string? stopped) => _evidence.CloseAsync(exitCode, stopped);

        public async ValueTask DisposeAsync()
        {
            _request.Telemetry.Called(_connections.Calls);
            _connections.Dispose();
            _evidence.Dispose();
            await _stage.DisposeAsync();
        }
    }
}
