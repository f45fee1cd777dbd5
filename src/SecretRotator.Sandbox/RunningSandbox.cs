using NodaTime;
using SecretRotator.Inventory;
using SecretRotator.Providers.Azure;
using SecretRotator.Sandbox.Aws;
using SecretRotator.Sandbox.Azure;
using SecretRotator.Sandbox.Bitbucket;
using SecretRotator.Sandbox.Faults;
using SecretRotator.Sandbox.Identity;
using SecretRotator.Sandbox.Seeding;
using SecretRotator.Values;

namespace SecretRotator.Sandbox;

/// <summary>All the stand-ins that an inventory needs, furnished from it and served on loopback.</summary>
public sealed class RunningSandbox : IAsyncDisposable
{
    private RunningSandbox(SandboxHost host, IReadOnlyDictionary<string, string> settings)
    {
        Host = host;
        Settings = settings;
    }

    /// <summary>What points a rotator at this sandbox: environment variables by name, addresses and credentials that are worth nothing elsewhere.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>The time that secrets and variables live in.</summary>
    public IClock Clock => Host.Clock;

    /// <summary>Where the control listener answers: <c>_sandbox/state</c>, <c>_sandbox/calls</c>, <c>_sandbox/faults</c>, <c>_sandbox/settings</c>.</summary>
    public Uri Control => Host.Control;

    /// <summary>The certificate authority that clients must trust, as PEM.</summary>
    public string CaCertificate => Host.AuthorityPem;

    internal SandboxHost Host { get; }

    /// <summary>Starts a sandbox: furnishes what is missing, sets its clock, serves.</summary>
    /// <exception cref="SandboxFailureException">A fault can't be read, or the folder or a port can't be used.</exception>
    public static async Task<RunningSandbox> StartAsync(RotationInventory inventory, SandboxOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        ArgumentNullException.ThrowIfNull(options);
        SandboxHost? host = null;
        var random = new SystemRandom();
        var conditions = Conditions.Read(options.Faults).Conditions;
        List<IEmulator> standIns = [new BitbucketEmulator(random, conditions), new SecretsManagerEmulator(), new S3Emulator(), new StsEmulator(conditions), new OidcEmulator(), new EntraEmulator()];
        standIns.AddRange(inventory.Vaults.Values.OfType<AzureVaultDefinition>()
            .Select(vault => new KeyVaultEmulator(vault.Name, () => host!.EndpointOf("entra"), random)));
        host = await SandboxHost.StartAsync(
            options,
            standIns,
            state => Furnish(state, inventory, options),
            (started, cancelled) => SandboxSettings.OfAsync(started, inventory, cancelled),
            cancellation);
        return new RunningSandbox(host, await SandboxSettings.OfAsync(host, inventory, cancellation));
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private static bool Furnish(SandboxState state, RotationInventory inventory, SandboxOptions options)
    {
        var before = state.ClockOffsetMilliseconds;
        var real = options.RealClock.GetCurrentInstant();
        SetClock(state, inventory, options, real);
        var now = real + Duration.FromMilliseconds(state.ClockOffsetMilliseconds);
        var seeded = SandboxSeed.Apply(state, inventory, now, new SystemRandom());
        var runs = Conditions.Read(options.Faults).Conditions.Contains(Condition.PipelineRunning);
        var changed = new RunningPipelineSeed(state, new SeedValues(new SystemRandom())).Apply(inventory, runs, now);
        return seeded || changed || state.ClockOffsetMilliseconds != before;
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
                options.Note?.Invoke("This state was made for a clock that isn't the machine's: its secrets may date from the future. Begin anew with --reset.");
            return;
        }

        // Only when nothing at all may rotate: a clock that jumps makes claims look older than they are.
        var now = real + Duration.FromMilliseconds(state.ClockOffsetMilliseconds);
        if (state.Seeded.Count == 0 || SeedClock.CountOpen(inventory, now) == 0)
            state.ClockOffsetMilliseconds = (long)(SeedClock.BestFrom(inventory, now) - real).TotalMilliseconds;
    }
}
