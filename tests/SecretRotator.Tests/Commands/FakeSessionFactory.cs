using SecretRotator.Audit;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Discovery;
using SecretRotator.Doctor;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Hosting;
using SecretRotator.Notifications;
using SecretRotator.Output;
using SecretRotator.Providers;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Tests.Output;
using SecretRotator.Tests.Reports;
using SecretRotator.Verification;

namespace SecretRotator.Tests.Commands;

/// <summary>Sessions that answer what a test put into them, and remember what they were asked.</summary>
internal sealed class FakeSessionFactory : ISessionFactory
{
    public bool HasSandbox { get; set; } = true;

    public IReadOnlyList<IVaultProvider> Providers => VaultProviders.All;

    public RotationPlan Plan { get; set; } = Samples.PlanOf([]);

    public ImmutableArray<DriftFinding> Findings { get; set; } = [];

    public ImmutableArray<UnmanagedVariable> Unmanaged { get; set; } = [];

    public PastEvidence Past { get; set; } = new(ReportSamples.Past(), ReportSamples.EvidenceOf(ReportSamples.Past()));

    public Exception? SnapshotFails { get; set; }

    public List<PlanRequest> SnapshotsAfterRun { get; } = [];

    public List<InsightReport> Published { get; } = [];

    public ArchiveOutcome? Archived { get; set; }

    public Snapshot Snapshot { get; set; } = ReportSamples.Snapshot;

    public Func<PlanRequest, string?, CancellationToken, RunResult> Run { get; set; } = (_, _, _) => Samples.RunOf([]);

    public SandboxNote? Sandbox { get; set; }

    public EvidenceException? EndFails { get; set; }

    public List<SessionRequest> Opened { get; } = [];

    public List<PlanRequest> Requests { get; } = [];

    public List<ExitCode> Ended { get; } = [];

    public List<Failure?> Stopped { get; } = [];

    public RollbackRequest? RolledBack { get; private set; }

    public ImmutableArray<ListedVersion> Versions { get; set; } = [];

    public SecretDescription Description { get; set; } = Samples.Description;

    public List<Instant?> EvidenceSince { get; } = [];

    public DoctorReport DoctorReport { get; set; } = new([], Offline: false, Sandbox: null);

    public List<DoctorRequest> DoctorRequests { get; } = [];

    public Instant Now { get; set; } = Samples.Now;

    /// <summary>The messages that were to be sent, in the order in which they came.</summary>
    public List<AddressedNotification> Notified { get; } = [];

    /// <summary>What receivers answer, by name; the others answer 200.</summary>
    public Dictionary<string, Failure> NotTold { get; } = new(StringComparer.Ordinal);

    public Exception? OpeningFails { get; set; }

    public CredentialEnd? CredentialEnd { get; set; }

    public Task<ImmutableArray<NotificationAnswer>> NotifyAsync(
        SessionRequest request, ImmutableArray<AddressedNotification> messages, CancellationToken cancellation)
    {
        Notified.AddRange(messages);
        return Task.FromResult<ImmutableArray<NotificationAnswer>>(
        [
            .. messages.Select(message => NotTold.TryGetValue(message.Receiver.Name, out var failure)
                ? new NotificationAnswer(message.Receiver, null, failure)
                : new NotificationAnswer(message.Receiver, "200", null)),
        ]);
    }

    public Task<IReadSession> OpenReadAsync(SessionRequest request, CancellationToken cancellation)
    {
        Opened.Add(request);
        return Task.FromResult<IReadSession>(new Session(this, isRun: false));
    }

    public Task<IRotationSession> OpenRotationAsync(
        SessionRequest request, ImmutableArray<IEvidenceLog> listeners, CancellationToken cancellation)
    {
        Opened.Add(request);
        if (OpeningFails is { } failure)
            throw failure;
        return Task.FromResult<IRotationSession>(new Session(this, isRun: true));
    }

    public Task<BackendSession> OpenBackendAsync(SessionRequest request, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public Task<ScheduleSession> OpenSchedulesAsync(SessionRequest request, CancellationToken cancellation) =>
        throw new NotSupportedException("There are no schedules here.");

    public Task<DoctorReport> RunDoctorAsync(DoctorRequest request, CancellationToken cancellation)
    {
        DoctorRequests.Add(request);
        return Task.FromResult(DoctorReport);
    }

    private sealed class Session(FakeSessionFactory sessions, bool isRun) : IRotationSession
    {
        public SandboxNote? Sandbox => sessions.Sandbox;

        public CredentialEnd? CredentialEnd => sessions.CredentialEnd;

        public Instant Now => sessions.Now;

        public string Evidence => "evidence/run.jsonl";

        public int CallsLeft => 900;

        public Task<RotationPlan> PlanAsync(PlanRequest request, CancellationToken cancellation)
        {
            sessions.Requests.Add(request);
            return Task.FromResult(sessions.Plan);
        }

        public Task<DriftReport> CheckAsync(PlanRequest request, CancellationToken cancellation)
        {
            sessions.Requests.Add(request);
            return Task.FromResult(new DriftReport(sessions.Findings, sessions.Unmanaged));
        }

        public Task<Snapshot> TakeSnapshotAsync(PlanRequest request, CancellationToken cancellation)
        {
            (isRun ? sessions.SnapshotsAfterRun : sessions.Requests).Add(request);
            return isRun && sessions.SnapshotFails is { } failure ? throw failure : Task.FromResult(sessions.Snapshot);
        }

        public Task<(SecretDescription Description, ImmutableArray<ListedVersion> Versions)> ListVersionsAsync(
            ManagedSecret secret, CancellationToken cancellation) => Task.FromResult((sessions.Description, sessions.Versions));

        public Task<DiscoveryReport> DiscoverAsync(DiscoveryRequest request, CancellationToken cancellation) =>
            throw new NotSupportedException("There is nothing to discover here.");

        public Task<SchedulePlan> PlanSchedulesAsync(ImmutableArray<ScheduleDeclaration> declared, CancellationToken cancellation) =>
            throw new NotSupportedException("There are no schedules here.");

        public Task<PastEvidence> ReadEvidenceAsync(Instant? since, CancellationToken cancellation)
        {
            sessions.EvidenceSince.Add(since);
            return Task.FromResult(sessions.Past);
        }

        public Task PublishAsync(InsightReport report, CancellationToken cancellation)
        {
            sessions.Published.Add(report);
            return Task.CompletedTask;
        }

        public Task<RunResult> RotateAsync(PlanRequest request, string? expectedDigest, CancellationToken cancellation)
        {
            sessions.Requests.Add(request);
            return Task.FromResult(sessions.Run(request, expectedDigest, cancellation));
        }

        public Task<RunResult> RollbackAsync(RollbackRequest request, CancellationToken cancellation)
        {
            sessions.RolledBack = request;
            return Task.FromResult(sessions.Run(PlanRequest.Everything, null, cancellation));
        }

        public Task<ClosedEvidence> EndAsync(ExitCode exitCode, Failure? stopped)
        {
            sessions.Stopped.Add(stopped);
            sessions.Ended.Add(exitCode);
            return sessions.EndFails is { } failure
                ? throw failure
                : Task.FromResult(new ClosedEvidence(Evidence, null, sessions.Archived));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
