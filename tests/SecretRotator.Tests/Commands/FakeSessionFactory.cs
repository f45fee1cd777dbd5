using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Audit;
using SecretRotator.Doctor;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Hosting;
using SecretRotator.Inventory;
using SecretRotator.Output;
using SecretRotator.Planning;
using SecretRotator.Providers;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Tests.Output;
using SecretRotator.Tests.Reports;
using SecretRotator.Vaults;
using SecretRotator.Verification;

namespace SecretRotator.Tests.Commands;

/// <summary>A world that answers what a test put into it, and remembers what it was asked.</summary>
internal sealed class FakeSessionFactory : ISessionFactory
{
    public bool HasSandbox { get; set; } = true;

    public IReadOnlyList<IVaultProvider> Providers => VaultProviders.All;

    public RotationPlan Plan { get; set; } = Samples.PlanOf([]);

    public ImmutableArray<DriftFinding> Findings { get; set; } = [];

    public ImmutableArray<UnmanagedVariable> Unmanaged { get; set; } = [];

    public PastEvidence Past { get; set; } = new(ReportSamples.Past(), ReportSamples.EvidenceOf(ReportSamples.Past()));

    public Exception? LookFails { get; set; }

    public List<PlanRequest> LookedAgain { get; } = [];

    public List<InsightReport> Published { get; } = [];

    public ArchiveOutcome? Archived { get; set; }

    public Snapshot Snapshot { get; set; } = ReportSamples.Snapshot;

    public Func<PlanRequest, string?, CancellationToken, RunResult> Run { get; set; } = (_, _, _) => Samples.RunOf([]);

    public SandboxNote? Sandbox { get; set; }

    public EvidenceException? EndFails { get; set; }

    public List<SessionRequest> Opened { get; } = [];

    public List<PlanRequest> Requests { get; } = [];

    public List<ExitCode> Ended { get; } = [];

    public List<string?> Stopped { get; } = [];

    public RollbackRequest? RolledBack { get; private set; }

    public ImmutableArray<ListedVersion> Versions { get; set; } = [];

    public Task<IReadSession> OpenReadAsync(SessionRequest request, CancellationToken cancellation)
    {
        Opened.Add(request);
        return Task.FromResult<IReadSession>(new ReadSession(this));
    }

    public Task<IRotationSession> OpenRotationAsync(SessionRequest request, ImmutableArray<IEvidenceLog> listeners, CancellationToken cancellation)
    {
        Opened.Add(request);
        return Task.FromResult<IRotationSession>(new RotationSession(this));
    }

    public DoctorReport DoctorReport { get; set; } = new([], Offline: false, Sandbox: null);

    public List<DoctorRequest> Examined { get; } = [];

    public Task<DoctorReport> RunDoctorAsync(DoctorRequest request, CancellationToken cancellation)
    {
        Examined.Add(request);
        return Task.FromResult(DoctorReport);
    }

    public Instant Now { get; set; } = Samples.Now;

    public Task<IScheduleReadSession> OpenScheduleReadAsync(SessionRequest request, CancellationToken cancellation) => throw new NotSupportedException("This world has no schedules.");

    public Task<IScheduleSession> OpenSchedulesAsync(SessionRequest request, CancellationToken cancellation) => throw new NotSupportedException("This world has no schedules.");

    public Task<IDiscoverySession> OpenDiscoveryAsync(SessionRequest request, CancellationToken cancellation) => throw new NotSupportedException("There is nothing to discover in this world.");

    private sealed class ReadSession(FakeSessionFactory world) : IReadSession
    {
        public SandboxNote? Sandbox => world.Sandbox;

        public Task<RotationPlan> PlanAsync(PlanRequest request, CancellationToken cancellation)
        {
            world.Requests.Add(request);
            return Task.FromResult(world.Plan);
        }

        public Task<DriftReport> CheckAsync(PlanRequest request, CancellationToken cancellation)
        {
            world.Requests.Add(request);
            return Task.FromResult(new DriftReport(world.Findings, world.Unmanaged));
        }

        public Task<ImmutableArray<ListedVersion>> ListVersionsAsync(ManagedSecret secret, CancellationToken cancellation) => Task.FromResult(world.Versions);

        public Task<PastEvidence> ReadEvidenceAsync(CancellationToken cancellation) => Task.FromResult(world.Past);

        public Task PublishAsync(InsightReport report, CancellationToken cancellation)
        {
            world.Published.Add(report);
            return Task.CompletedTask;
        }

        public Task<Snapshot> LookAsync(PlanRequest request, CancellationToken cancellation)
        {
            world.Requests.Add(request);
            return Task.FromResult(world.Snapshot);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class RotationSession(FakeSessionFactory world) : IRotationSession
    {
        public SandboxNote? Sandbox => world.Sandbox;

        public string Evidence => "evidence/run.jsonl";

        public Task<RunResult> RotateAsync(PlanRequest request, string? expectedDigest, CancellationToken cancellation)
        {
            world.Requests.Add(request);
            return Task.FromResult(world.Run(request, expectedDigest, cancellation));
        }

        public Task<RunResult> RollbackAsync(RollbackRequest request, CancellationToken cancellation)
        {
            world.RolledBack = request;
            return Task.FromResult(world.Run(PlanRequest.Everything, null, cancellation));
        }

        public Task<Snapshot> LookAsync(PlanRequest request, CancellationToken cancellation)
        {
            world.LookedAgain.Add(request);
            return world.LookFails is { } failure ? throw failure : Task.FromResult(world.Snapshot);
        }

        public Task<PastEvidence> ReadEvidenceAsync(CancellationToken cancellation) => Task.FromResult(world.Past);

        public Task PublishAsync(InsightReport report, CancellationToken cancellation)
        {
            world.Published.Add(report);
            return Task.CompletedTask;
        }

        public Task<ClosedEvidence> EndAsync(ExitCode exitCode, string? stopped)
        {
            world.Stopped.Add(stopped);
            world.Ended.Add(exitCode);
            return world.EndFails is { } failure ? throw failure : Task.FromResult(new ClosedEvidence(Evidence, null, world.Archived));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
