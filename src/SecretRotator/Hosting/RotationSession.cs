using SecretRotator.EvidenceStorage;
using SecretRotator.Planning;
using SecretRotator.Rotation;

namespace SecretRotator.Hosting;

/// <summary>Runs one <see cref="RotationJob"/>, and keeps its evidence.</summary>
/// <param name="request">What is asked for.</param>
/// <param name="environment">What it runs against. It ends with the session.</param>
/// <param name="connections">The connections. They end with the session.</param>
/// <param name="evidence">The evidence. It is disposed with the session.</param>
internal sealed class RotationSession(
    SessionRequest request, CommandEnvironment environment, Connections connections, EvidenceOpening evidence)
    : ReadSession(request, environment, connections, environment.Clock), IRotationSession
{
    private readonly RotationInventory _inventory = request.Inventory;
    private readonly RotationJob _job = new(new RotationTools(
        connections.Vault,
        connections.Bitbucket.Variables,
        connections.Bitbucket.Pipelines,
        connections.Bitbucket.Holders,
        evidence.Log,
        connections.Self,
        environment.Clock,
        environment.Time,
        connections.Random)
    {
        Parallelism = request.Settings.Parallelism,
        FirstLook = environment.FirstLook,
        Backends = connections.Backend,
        InFlight = connections.Bitbucket.InFlight,
        Version = ProductVersion.Text,
        Run = evidence.Run,
        By = request.Settings.Operator,
        BeganAt = evidence.BeganAt,
        Before = evidence.Before,
        OnBegun = evidence.BeginAsync,
        OnPause = (left, next) => request.Log.Notice(
            $"{HumanText.Count(left, "secret")} {(left == 1 ? "waits" : "wait")} for the next hour's Bitbucket calls. The run goes on at "
                + $"{HumanText.Time(next)}."),
    });

    public string Evidence => evidence.Path;

    public Task<RunResult> RotateAsync(PlanRequest wanted, string? expectedDigest, CancellationToken cancellation) =>
        _job.RunAsync(_inventory, wanted, expectedDigest, cancellation);

    public Task<RunResult> RollbackAsync(RollbackRequest wanted, CancellationToken cancellation) =>
        _job.RollbackAsync(_inventory, wanted, cancellation);

    public override Task<PastEvidence> ReadEvidenceAsync(Instant? since, CancellationToken cancellation) =>
        evidence.ReadAsync(since, cancellation);

    public Task<ClosedEvidence> EndAsync(ExitCode exitCode, Failure? stopped) => evidence.CloseAsync(exitCode, stopped);

    public override ValueTask DisposeAsync()
    {
        evidence.Dispose();
        return base.DisposeAsync();
    }
}
