using SecretRotator.EvidenceStorage;
using SecretRotator.Inventory;
using SecretRotator.Planning;
using SecretRotator.Rotation;

namespace SecretRotator.Hosting;

/// <summary>Runs one <see cref="RotationJob"/>, and keeps its evidence.</summary>
internal sealed class RotationSession : ReadSession, IRotationSession
{
    private readonly RotationInventory _inventory;
    private readonly EvidenceOpening _evidence;
    private readonly RotationJob _job;

    /// <summary>Makes the job. Nothing is called yet.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="environment">What it runs against. It ends with the session.</param>
    /// <param name="connections">The connections. They end with the session.</param>
    /// <param name="evidence">The evidence. It is disposed with the session.</param>
    public RotationSession(SessionRequest request, CommandEnvironment environment, Connections connections, EvidenceOpening evidence)
        : base(request, environment, connections, environment.Clock)
    {
        (_inventory, _evidence) = (request.Inventory, evidence);
        _job = new RotationJob(new RotationTools(
            connections.Vault,
            connections.Variables,
            connections.Pipelines,
            connections.Holders,
            evidence.Log,
            connections.Self,
            environment.Clock,
            environment.Time,
            connections.Random)
        {
            Parallelism = request.Settings.Parallelism,
            FirstLook = environment.FirstLook,
            Backends = connections.Backend,
            InFlight = connections.InFlight,
            Version = ProductVersion.Text,
            Run = evidence.Run,
            By = Operator.Name(request.Settings),
            BeganAt = evidence.BeganAt,
            Before = evidence.Before,
            OnBegun = evidence.BeginAsync,
        });
    }

    public string Evidence => _evidence.Path;

    public Task<RunResult> RotateAsync(PlanRequest request, string? expectedDigest, CancellationToken cancellation) =>
        _job.RunAsync(_inventory, request, expectedDigest, cancellation);

    public Task<RunResult> RollbackAsync(RollbackRequest request, CancellationToken cancellation) =>
        _job.RollbackAsync(_inventory, request, cancellation);

    public override Task<PastEvidence> ReadEvidenceAsync(CancellationToken cancellation) => _evidence.ReadAsync(cancellation);

    public Task<ClosedEvidence> EndAsync(ExitCode exitCode, Failure? stopped) => _evidence.CloseAsync(exitCode, stopped);

    public override ValueTask DisposeAsync()
    {
        _evidence.Dispose();
        return base.DisposeAsync();
    }
}
