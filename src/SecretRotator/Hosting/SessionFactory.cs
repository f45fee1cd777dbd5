using SecretRotator.Doctor;
using SecretRotator.Evidence;
using SecretRotator.EvidenceStorage;
using SecretRotator.Notifications;
using SecretRotator.Providers;
using SecretRotator.Providers.Doctor;
using SecretRotator.Providers.Http;

namespace SecretRotator.Hosting;

/// <summary>The composition root: makes everything that a command needs, and nothing that it doesn't.</summary>
/// <param name="time">In which the program waits and measures.</param>
/// <param name="providers">The kinds of vaults that there are.</param>
internal sealed class SessionFactory(TimeProvider time, IReadOnlyList<IVaultProvider> providers) : ISessionFactory
{
#pragma warning disable RS0030 // This is where the program gets its clock from.
    private static readonly SystemClock MachineClock = SystemClock.Instance;
#pragma warning restore RS0030

    /// <inheritdoc />
    public IReadOnlyList<IVaultProvider> Providers => providers;

    /// <inheritdoc />
#if SANDBOX
    public bool HasSandbox => true;
#else
    public bool HasSandbox => false;
#endif

    /// <inheritdoc />
    public Instant Now => MachineClock.GetCurrentInstant();

    /// <inheritdoc />
    public async Task<IReadSession> OpenReadAsync(SessionRequest request, CancellationToken cancellation)
    {
        var pretended = request.Now is { } now ? new StoppedClock(now) : null;
        return await OpenAsync(
            request,
            (environment, connections) => new ReadSession(request, environment, connections, pretended ?? environment.Clock),
            cancellation);
    }

    /// <inheritdoc />
    public Task<ScheduleSession> OpenSchedulesAsync(SessionRequest request, CancellationToken cancellation) =>
        OpenAsync(request, (environment, connections) => new ScheduleSession(request, environment, connections), cancellation);

    /// <inheritdoc />
    public Task<BackendSession> OpenBackendAsync(SessionRequest request, CancellationToken cancellation) =>
        OpenAsync(request, (environment, connections) => new BackendSession(request, environment, connections), cancellation);

    /// <inheritdoc />
    public async Task<IRotationSession> OpenRotationAsync(
        SessionRequest request, ImmutableArray<IEvidenceLog> listeners, CancellationToken cancellation)
    {
        var environment = await EnterAsync(request, keepsTime: false, cancellation);
        Connections? connections = null;
        try
        {
            connections = await Connections.OpenAsync(
                environment, request.Inventory with { Limits = request.Inventory.Limits.ForShardOf(request.Shards) }, request.Log,
                cancellation);
            var open = connections;
            var evidence = await EvidenceOpening.OpenAsync(
                request, environment, open.Bucket, stop => SigningKeySource.FindAsync(request, open, stop), open.Random, listeners,
                cancellation);
            return new RotationSession(request, environment, open, evidence);
        }
        catch (Exception failure)
        {
            // A mistake in what evidence itself needs can't be kept as evidence.
            if ((connections is null && failure is UsageException) || failure is RemoteFailureException)
                await FailedStart.TellAsync(request, environment, listeners, failure, cancellation);
            connections?.Dispose();
            await environment.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public Task<ImmutableArray<NotificationAnswer>> NotifyAsync(
        SessionRequest request, ImmutableArray<AddressedNotification> messages, CancellationToken cancellation) =>
        NotificationDelivery.SendAsync(request, messages, MachineClock, time, cancellation);

    /// <inheritdoc />
    public async Task<DoctorReport> RunDoctorAsync(DoctorRequest request, CancellationToken cancellation)
    {
        // The sandbox is seeded from the inventory: without one it can't start.
        var sandboxRun = request.Inventory.Inventory is null ? null : request.SandboxRun;
        var session = new SessionRequest("doctor", request.Settings, request.Inventory.Inventory!, sandboxRun, null, request.Log);
        await using var environment = await EnterAsync(session, keepsTime: true, cancellation);
        var settings = environment.Settings;
        var broken = ImmutableArray<CheckResult>.Empty;
        Network network;
        try
        {
            network = Network.Open(settings.CaBundle, settings.Proxies);
        }
        catch (UsageException exception)
        {
            broken =
            [
                CheckResult.Fail(
                    CheckArea.Network, "ca-bundle", exception.Problems[0].Message,
                    "No service can be trusted by it, and no run starts. What follows was asked without it.",
                    exception.Problems[0].Hint!),
            ];
            network = Network.Open(null, settings.Proxies);
        }

        using (network)
        using (var connections = request.Inventory.Inventory is { } inventory
            ? new DoctorConnections(settings, inventory, network, environment.Clock, environment.Time, request.Log)
            : null)
        {
            // A sandbox can't start without an inventory, and the real services must not be asked in its place.
            var offline = request.Offline || (request.SandboxRun is not null && environment.Sandbox is null);
            var checks = CheckCatalog.Of(request, settings, network, connections, environment.Time)
                .Where(check => (!offline || !check.NeedsNetwork) && request.Includes(check.Area))
                .ToImmutableArray();
            var answers = await CheckRunner.AskAsync(checks, settings.Parallelism, request.Log.Failed, cancellation);
            return new DoctorReport(
                [.. broken.Where(_ => request.Includes(CheckArea.Network)).Concat(answers)
                    .OrderBy(result => result.Area)], offline, environment.Note);
        }
    }

    private async Task<T> OpenAsync<T>(
        SessionRequest request, Func<CommandEnvironment, Connections, T> open, CancellationToken cancellation)
    {
        var environment = await EnterAsync(request, keepsTime: true, cancellation);
        try
        {
            return open(environment, await Connections.OpenAsync(environment, request.Inventory, request.Log, cancellation));
        }
        catch
        {
            await environment.DisposeAsync();
            throw;
        }
    }

    private async Task<CommandEnvironment> EnterAsync(SessionRequest request, bool keepsTime, CancellationToken cancellation)
    {
        if (request.SandboxRun is null)
            return new CommandEnvironment(request.Settings, MachineClock, time, null, null);
#if SANDBOX
        return await SandboxLauncher.StartAsync(request, ".sandbox", MachineClock, time, keepsTime, cancellation);
#else
        await Task.CompletedTask;
        throw new InvalidOperationException("The command line refuses --sandbox in this build.");
#endif
    }

    private sealed class StoppedClock(Instant now) : IClock
    {
        public Instant GetCurrentInstant() => now;
    }
}
