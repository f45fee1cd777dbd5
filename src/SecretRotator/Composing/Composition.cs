using System.Collections.Immutable;
using NodaTime;
using NodaTime.Text;
using SecretRotator.Commands;
using SecretRotator.Evidence;
using SecretRotator.Log;
using SecretRotator.Output;
using SecretRotator.Planning;
using SecretRotator.Rotation;
using SecretRotator.Values;
using SecretRotator.Vaults;
using SecretRotator.Verification;

namespace SecretRotator.Composing;

/// <summary>The composition root: makes everything that a command needs, and nothing that it doesn't.</summary>
internal sealed class Composition : ICommandWorld
{
    private const string SandboxFolder = ".sandbox";

    private static readonly InstantPattern FileTime = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");

    /// <inheritdoc />
#if SANDBOX
    public bool HasSandbox => true;
#else
    public bool HasSandbox => false;
#endif

    /// <inheritdoc />
    public async Task<ILookout> OpenLookoutAsync(WorldRequest request, CancellationToken cancellation)
    {
        var stage = await StageAsync(request, keepsTime: true, cancellation);
        try
        {
            var connections = await Connections.OpenAsync(stage.Settings, request.Inventory, stage.Clock, request.Log, cancellation);
            var clock = request.Now is { } now ? new StoppedClock(now) : stage.Clock;
            return new Lookout(request, stage, connections, clock);
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<IRotator> OpenRotatorAsync(WorldRequest request, ImmutableArray<IEvidenceLog> listeners, CancellationToken cancellation)
    {
        var stage = await StageAsync(request, keepsTime: false, cancellation);
        Connections? connections = null;
        try
        {
            connections = await Connections.OpenAsync(stage.Settings, request.Inventory, stage.Clock, request.Log, cancellation);
            return new Rotator(request, stage, connections, OpenEvidence(request, stage.Clock, connections.Random), listeners);
        }
        catch
        {
            connections?.Dispose();
            await stage.DisposeAsync();
            throw;
        }
    }

    private static async Task<Stage> StageAsync(WorldRequest request, bool keepsTime, CancellationToken cancellation)
    {
#pragma warning disable RS0030 // This is where the program gets its clock from.
        IClock real = SystemClock.Instance;
#pragma warning restore RS0030
        if (request.Rehearsal is null)
            return new Stage(request.Settings, real, null, null);
#if SANDBOX
        return await Rehearsing.StartAsync(request, SandboxFolder, real, keepsTime, cancellation);
#else
        await Task.CompletedTask;
        throw new InvalidOperationException("The command line refuses --sandbox in this build.");
#endif
    }

    private static EvidenceFile OpenEvidence(WorldRequest request, IClock clock, IRandomSource random)
    {
        Span<byte> suffix = stackalloc byte[4];
        random.Fill(suffix);
        try
        {
            return EvidenceFile.Create(
                request.Settings.EvidenceDirectory ?? (request.Rehearsal is null ? "evidence" : Path.Combine(SandboxFolder, "evidence")),
                $"{FileTime.Format(clock.GetCurrentInstant())}-{request.Command}-{Convert.ToHexStringLower(suffix)}.jsonl");
        }
        catch (EvidenceException exception)
        {
            throw new UsageException(exception.Message);
        }
    }

    private sealed class StoppedClock(Instant now) : IClock
    {
        public Instant GetCurrentInstant() => now;
    }

    /// <summary>Holds readers only.</summary>
    private sealed class Lookout(WorldRequest request, Stage stage, Connections connections, IClock clock) : ILookout
    {
        private readonly Func<string, IVaultReader> _vaults = connections.Vault;
        private readonly Observer _observer = new(connections.Vault, connections.Variables, connections.Holders, clock, request.Settings.Parallelism);

        public SandboxNote? Sandbox => stage.Note;

        public async Task<RotationPlan> PlanAsync(PlanRequest wanted, CancellationToken cancellation)
        {
            var observation = await _observer.ObserveAsync(request.Inventory, wanted, cancellation);
            return Planner.Plan(request.Inventory, observation, wanted, clock.GetCurrentInstant(), vault => _vaults(vault).Costs);
        }

        public async Task<DriftReport> CheckAsync(PlanRequest wanted, CancellationToken cancellation)
        {
            var besides = DriftCheck.ScopesThatMayHide(request.Inventory, wanted);
            var observation = await _observer.ObserveAsync(request.Inventory, wanted, besides, cancellation);
            return DriftCheck.Compare(request.Inventory, observation, wanted, clock.GetCurrentInstant());
        }

        public async ValueTask DisposeAsync()
        {
            request.Telemetry.Called(connections.Calls);
            connections.Dispose();
            await stage.DisposeAsync();
        }
    }

    private sealed class Rotator : IRotator
    {
        private readonly WorldRequest _request;
        private readonly Stage _stage;
        private readonly Connections _connections;
        private readonly EvidenceFile _file;
        private readonly EvidenceTee _evidence;
        private readonly RotationJob _job;

        public Rotator(WorldRequest request, Stage stage, Connections connections, EvidenceFile file, ImmutableArray<IEvidenceLog> listeners)
        {
            (_request, _stage, _connections, _file) = (request, stage, connections, file);
            _evidence = new EvidenceTee(file, listeners);
            _job = new RotationJob(new RotationTools(
                connections.Vault, connections.Variables, connections.Holders, _evidence, connections.Self, stage.Clock, TimeProvider.System, connections.Random)
            {
                Parallelism = request.Settings.Parallelism,
                Version = ProductVersion.Text,
            });
        }

        public SandboxNote? Sandbox => _stage.Note;

        public string Evidence => _file.Path;

        public Task<RunResult> RotateAsync(PlanRequest request, string? expectedDigest, CancellationToken cancellation) =>
            _job.RunAsync(_request.Inventory, request, expectedDigest, cancellation);

        public Task<RunResult> RollbackAsync(string secret, VersionId to, string by, string reason, CancellationToken cancellation) =>
            _job.RollbackAsync(_request.Inventory, secret, to, by, reason, cancellation);

        public void End(ExitCode exitCode) => _evidence.Append(new EvidenceRecord.RunEnded(_stage.Clock.GetCurrentInstant(), (int)exitCode));

        public async ValueTask DisposeAsync()
        {
            _request.Telemetry.Called(_connections.Calls);
            _connections.Dispose();
            _file.Dispose();
            await _stage.DisposeAsync();
        }
    }
}
