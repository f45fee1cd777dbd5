using SecretRotator.Audit;
using SecretRotator.Configuration.Schedules;
using SecretRotator.Discovery;
using SecretRotator.Doctor;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Log;
using SecretRotator.Notifications;
using SecretRotator.Planning;
using SecretRotator.Providers;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Settings;
using SecretRotator.Telemetry;
using SecretRotator.Verification;

namespace SecretRotator.Hosting;

/// <summary>Opens what commands reach beyond their own process.</summary>
internal interface ISessionFactory
{
    /// <summary>Whether this build holds the sandbox. A published one doesn't.</summary>
    bool HasSandbox { get; }

    /// <summary>The kinds of vaults that there are.</summary>
    IReadOnlyList<IVaultProvider> Providers { get; }

    /// <summary>The machine's time, by which the files in <c>schedules/</c> are judged before anything is opened.</summary>
    Instant Now { get; }

    /// <summary>Opens a session for a command that only reads.</summary>
    /// <exception cref="UsageException">The settings don't suffice for this inventory.</exception>
    Task<IReadSession> OpenReadAsync(SessionRequest request, CancellationToken cancellation);

    /// <summary>Opens a session for <c>rotate</c> and <c>rollback</c>.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="listeners">Told of every evidence record after it was written.</param>
    /// <param name="cancellation">Stops the opening.</param>
    /// <exception cref="UsageException">The settings don't suffice for this inventory.</exception>
    /// <exception cref="RemoteFailureException">An identity or a credential isn't available. Evidence records it.</exception>
    /// <exception cref="EvidenceException">Evidence can't be kept.</exception>
    Task<IRotationSession> OpenRotationAsync(
        SessionRequest request, ImmutableArray<IEvidenceLog> listeners, CancellationToken cancellation);

    /// <summary>Opens a session for <c>schedules apply</c>.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    Task<ScheduleSession> OpenSchedulesAsync(SessionRequest request, CancellationToken cancellation);

    /// <summary>Opens a session for <c>backend test</c>.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    Task<BackendSession> OpenBackendAsync(SessionRequest request, CancellationToken cancellation);

    /// <summary>
    /// Sends messages to receivers of the inventory, with connections of its own: what a run broke on may not keep it from being told.
    /// Throws for nothing that a vault, a receiver or the network does; a sandbox sends nothing.
    /// </summary>
    /// <returns>One answer for each message.</returns>
    Task<ImmutableArray<NotificationAnswer>> NotifyAsync(
        SessionRequest request, ImmutableArray<AddressedNotification> messages, CancellationToken cancellation);

    /// <summary>Does what <c>doctor</c> asks for. What is broken becomes an answer; nothing is written.</summary>
    /// <exception cref="UsageException">A fault can't be read, or the sandbox can't start.</exception>
    Task<DoctorReport> RunDoctorAsync(DoctorRequest request, CancellationToken cancellation);
}

/// <summary>Which session a command asks for.</summary>
/// <param name="Command">The command.</param>
/// <param name="Settings">The settings.</param>
/// <param name="Inventory">The inventory.</param>
/// <param name="SandboxRun">Set where the session is to be with the sandbox.</param>
/// <param name="Now">The time to pretend, or null.</param>
/// <param name="Log">For what a person should know meanwhile.</param>
internal sealed record SessionRequest(
    string Command, RotatorSettings Settings, RotationInventory Inventory, SandboxRun? SandboxRun, Instant? Now, RunLog Log)
{
    /// <summary>How many shards share the Bitbucket calls of an hour.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Counts the calls.</summary>
    public RunTelemetry Telemetry { get; init; } = RunTelemetry.None;
}

/// <summary>Reads vaults, Bitbucket and evidence, and never writes but a report on the pipeline's own commit.</summary>
internal interface IReadSession : IAsyncDisposable
{
    /// <summary>Set where it reads the sandbox.</summary>
    SandboxNote? Sandbox { get; }

    /// <summary>When the Bitbucket credential ends; null where the settings give the credential.</summary>
    CredentialEnd? CredentialEnd { get; }

    /// <summary>The time of this session.</summary>
    Instant Now { get; }

    /// <summary>Observes and plans.</summary>
    Task<RotationPlan> PlanAsync(PlanRequest request, CancellationToken cancellation);

    /// <summary>Observes and compares.</summary>
    Task<DriftReport> CheckAsync(PlanRequest request, CancellationToken cancellation);

    /// <summary>Observes once, plans and compares. After a run that is what the run left behind.</summary>
    Task<Snapshot> TakeSnapshotAsync(PlanRequest request, CancellationToken cancellation);

    /// <summary>Describes one secret of the inventory, and lists its versions, the newest first.</summary>
    Task<(SecretDescription Description, ImmutableArray<ListedVersion> Versions)> ListVersionsAsync(ManagedSecret secret, CancellationToken cancellation);

    /// <summary>Looks for variables that no entry of the inventory covers.</summary>
    /// <exception cref="RemoteFailureException">The repositories of the workspace can't be listed.</exception>
    Task<DiscoveryReport> DiscoverAsync(DiscoveryRequest request, CancellationToken cancellation);

    /// <summary>Observes the schedules in Bitbucket, and plans what makes them as they are declared.</summary>
    /// <exception cref="RemoteFailureException">Bitbucket can't be seen as a whole.</exception>
    Task<SchedulePlan> PlanSchedulesAsync(ImmutableArray<ScheduleDeclaration> declared, CancellationToken cancellation);

    /// <summary>Reads the evidence of earlier runs, and after a run its own.</summary>
    /// <param name="since">Runs that began before are left out; null for all.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="UsageException">It can't be read.</exception>
    Task<PastEvidence> ReadEvidenceAsync(Instant? since, CancellationToken cancellation);

    /// <summary>Puts a report on the pipeline's commit; does nothing outside a pipeline and where it is switched off.</summary>
    Task PublishAsync(InsightReport report, CancellationToken cancellation);
}

/// <summary>Rotates, and keeps evidence of it.</summary>
internal interface IRotationSession : IReadSession
{
    /// <summary>Where the evidence is.</summary>
    string Evidence { get; }

    /// <summary>How many Bitbucket calls could begin now without waiting for the hourly budget.</summary>
    int CallsLeft { get; }

    /// <summary>Rotates what is due.</summary>
    /// <exception cref="PlanChangedException">The plan that was reviewed isn't the one that would be acted on.</exception>
    Task<RunResult> RotateAsync(PlanRequest request, string? expectedDigest, CancellationToken cancellation);

    /// <summary>Makes an older version current again, and holds it.</summary>
    Task<RunResult> RollbackAsync(RollbackRequest request, CancellationToken cancellation);

    /// <summary>Closes the evidence with the exit code of the process, and signs it where a key is set. Called once.</summary>
    /// <param name="exitCode">The exit code.</param>
    /// <param name="stopped">What stopped the run as a whole, or null where it has a result.</param>
    /// <exception cref="EvidenceException">It can't be written.</exception>
    Task<ClosedEvidence> EndAsync(ExitCode exitCode, Failure? stopped);
}
