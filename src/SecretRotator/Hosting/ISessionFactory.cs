using System.Collections.Immutable;
using NodaTime;
using SecretRotator.Audit;
using SecretRotator.Doctor;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Inventory;
using SecretRotator.Log;
using SecretRotator.Output;
using SecretRotator.Planning;
using SecretRotator.Providers;
using SecretRotator.Providers.Bitbucket.CodeInsights;
using SecretRotator.Settings;
using SecretRotator.Telemetry;
using SecretRotator.Vaults;
using SecretRotator.Verification;

namespace SecretRotator.Hosting;

/// <summary>What commands reach beyond their own process. The composition root makes the real one.</summary>
internal interface ISessionFactory
{
    /// <summary>Whether this build holds the sandbox. A published one doesn't.</summary>
    bool HasSandbox { get; }

    /// <summary>The kinds of vaults that there are.</summary>
    IReadOnlyList<IVaultProvider> Providers { get; }

    /// <summary>What <c>plan</c>, <c>verify</c> and <c>report</c> are given: it holds nothing that writes.</summary>
    /// <exception cref="UsageException">The settings don't suffice for this inventory.</exception>
    Task<IReadSession> OpenReadAsync(SessionRequest request, CancellationToken cancellation);

    /// <summary>What <c>rotate</c> and <c>rollback</c> are given.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="listeners">Told of every evidence record after it was written.</param>
    /// <param name="cancellation">Stops the opening.</param>
    /// <exception cref="UsageException">The settings don't suffice for this inventory.</exception>
    /// <exception cref="RemoteFailureException">An identity or a credential can't be had. Evidence tells of it.</exception>
    /// <exception cref="EvidenceException">Evidence can't be kept.</exception>
    Task<IRotationSession> OpenRotationAsync(SessionRequest request, ImmutableArray<IEvidenceLog> listeners, CancellationToken cancellation);

    /// <summary>Does what <c>doctor</c> asks for. What is broken becomes an answer; nothing is written.</summary>
    /// <exception cref="UsageException">A fault can't be read, or the sandbox can't start.</exception>
    Task<DoctorReport> RunDoctorAsync(DoctorRequest request, CancellationToken cancellation);

    /// <summary>The machine's time, by which the files in <c>schedules/</c> are judged before anything is opened.</summary>
    Instant Now { get; }

    /// <summary>What <c>schedules plan</c> is given: it holds nothing that writes.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    Task<IScheduleReadSession> OpenScheduleReadAsync(SessionRequest request, CancellationToken cancellation);

    /// <summary>What <c>schedules apply</c> is given.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    Task<IScheduleSession> OpenSchedulesAsync(SessionRequest request, CancellationToken cancellation);

    /// <summary>What <c>discover</c> is given: it holds nothing that writes.</summary>
    /// <exception cref="UsageException">The settings don't suffice.</exception>
    Task<IDiscoverySession> OpenDiscoveryAsync(SessionRequest request, CancellationToken cancellation);
}

/// <summary>Which world a command asks for.</summary>
/// <param name="Command">The command.</param>
/// <param name="Settings">The settings.</param>
/// <param name="Inventory">The inventory.</param>
/// <param name="SandboxRun">Set where the world is to be the sandbox.</param>
/// <param name="Now">The time to pretend, or null.</param>
/// <param name="Log">For what a person should know meanwhile.</param>
internal sealed record SessionRequest(string Command, RotatorSettings Settings, RotationInventory Inventory, SandboxRun? SandboxRun, Instant? Now, RunLog Log)
{
    /// <summary>Counts the calls.</summary>
    public RunTelemetry Telemetry { get; init; } = RunTelemetry.None;
}

/// <summary>What reports are made of, and where they are told.</summary>
internal interface IReporter
{
    /// <summary>Observes once, plans and compares. After a run that is what the run left behind.</summary>
    Task<Snapshot> LookAsync(PlanRequest request, CancellationToken cancellation);

    /// <summary>Reads the evidence of earlier runs, and after a run its own.</summary>
    /// <exception cref="UsageException">It can't be read.</exception>
    Task<PastEvidence> ReadEvidenceAsync(CancellationToken cancellation);

    /// <summary>Puts a report on the pipeline's commit; does nothing outside a pipeline and where it is switched off.</summary>
    Task PublishAsync(InsightReport report, CancellationToken cancellation);
}

/// <summary>Looks, and never writes.</summary>
internal interface IReadSession : IReporter, IAsyncDisposable
{
    /// <summary>Set where it looks at the sandbox.</summary>
    SandboxNote? Sandbox { get; }

    /// <summary>Observes and plans.</summary>
    Task<RotationPlan> PlanAsync(PlanRequest request, CancellationToken cancellation);

    /// <summary>Lists the versions of one secret of the inventory, the newest first.</summary>
    Task<ImmutableArray<ListedVersion>> ListVersionsAsync(ManagedSecret secret, CancellationToken cancellation);

    /// <summary>Observes and compares.</summary>
    Task<DriftReport> CheckAsync(PlanRequest request, CancellationToken cancellation);
}

/// <summary>Rotates, and keeps evidence of it.</summary>
internal interface IRotationSession : IReporter, IAsyncDisposable
{
    /// <summary>Set where it rotates in the sandbox.</summary>
    SandboxNote? Sandbox { get; }

    /// <summary>Where the evidence lies.</summary>
    string Evidence { get; }

    /// <summary>Rotates what is due.</summary>
    /// <exception cref="PlanChangedException">The plan that was reviewed isn't the one that would be acted on.</exception>
    Task<RunResult> RotateAsync(PlanRequest request, string? expectedDigest, CancellationToken cancellation);

    /// <summary>Makes an older version current again, and holds it.</summary>
    Task<RunResult> RollbackAsync(RollbackRequest request, CancellationToken cancellation);

    /// <summary>Closes the evidence with the exit code that the process will answer, and signs it where a key is set. Called once.</summary>
    /// <param name="exitCode">The exit code.</param>
    /// <param name="stopped">What stopped the run as a whole, or null where it has a result.</param>
    /// <exception cref="EvidenceException">It can't be written.</exception>
    Task<ClosedEvidence> EndAsync(ExitCode exitCode, string? stopped);
}
