using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Seeding;

namespace SecretRotator.Sandbox;

/// <summary>All the emulators that an inventory needs, seeded from it and served on loopback.</summary>
public sealed class RunningSandbox : IAsyncDisposable
{
    private RunningSandbox(SandboxHost host, IReadOnlyDictionary<string, string> settings) => (Host, Settings) = (host, settings);

    /// <summary>The environment variables that point a rotator at this sandbox; their credentials are worth nothing elsewhere.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>The time that secrets and variables live in.</summary>
    public IClock Clock => Host.Clock;

    /// <summary>The control listener; <c>docs/sandbox.md</c> describes its pages.</summary>
    public Uri Control => Host.Control;

    /// <summary>The certificate authority that clients must trust, as PEM.</summary>
    public string CaCertificate => Host.AuthorityPem;

    internal SandboxHost Host { get; }

    /// <summary>Starts a sandbox: adds what is missing, sets its clock, serves.</summary>
    /// <exception cref="SandboxFailureException">A fault can't be read, the folder or a port can't be used, or a real server doesn't
    /// start.</exception>
    public static async Task<RunningSandbox> StartAsync(RotationInventory inventory, SandboxOptions options, CancellationToken cancellation)
    {
        SandboxHost? host = null;
        var context = new ProviderContext(inventory, FaultSpec.Read(options.Faults).Conditions, listener => host!.EndpointOf(listener));
        var all = EmulatedProviders.All;
        var real = all.SelectMany(provider => provider.RealServers(context)).ToList();
        if (!options.RealDatabases && real.RemoveAll(server => Directory.Exists(options.DataOf(server.Server))) > 0)
            options.Note?.Invoke(
                "This state was made with real databases, which know of other passwords than the emulators: go on with "
                    + "--sandbox-database real, or delete the folder.");
        if (!options.RealDatabases)
            real.Clear();
        host = await SandboxHost.StartAsync(
            options,
            [.. all.SelectMany(provider => provider.Emulators(context))],
            state => Seed(state, context, options),
            (started, cancelled) => SandboxSettings.OfAsync(started, context, cancelled),
            [.. all.SelectMany(provider => provider.SocketEmulators(context))
                .ExceptBy(real.Select(each => each.Server), each => each.Server)],
            real,
            cancellation);
        return new RunningSandbox(host, await SandboxSettings.OfAsync(host, context, cancellation));
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private static bool Seed(SandboxState state, ProviderContext context, SandboxOptions options)
    {
        var before = state.ClockOffsetMilliseconds;
        var real = options.RealClock.GetCurrentInstant();
        SetClock(state, context.Inventory, options, real);
        var now = real + Duration.FromMilliseconds(state.ClockOffsetMilliseconds);
        return new SandboxSeed(state, context.Inventory, now, new SystemRandom(), context.Conditions).Apply()
            || state.ClockOffsetMilliseconds != before;
    }

    private static void SetClock(SandboxState state, RotationInventory inventory, SandboxOptions options, Instant real)
    {
        if (options.Now is { } wanted)
        {
            state.ClockOffsetMilliseconds = (long)(wanted - real).TotalMilliseconds;
            return;
        }

        if (options.RealTime)
        {
            if (state.ClockOffsetMilliseconds != 0)
                options.Note?.Invoke("This state was made for a clock that isn't the machine's: its secrets may date from the future. "
                    + "Start again with --reset.");
            return;
        }

        // Only when nothing at all may rotate: a clock that jumps makes claims look older than they are.
        var now = real + Duration.FromMilliseconds(state.ClockOffsetMilliseconds);
        if (state.Seeded.Count == 0 || SeedClock.CountOpen(inventory, now) == 0)
            state.ClockOffsetMilliseconds = (long)(SeedClock.BestFrom(inventory, now) - real).TotalMilliseconds;
    }
}
