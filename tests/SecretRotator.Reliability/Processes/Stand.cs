using SecretRotator.Backends;
using SecretRotator.Hosting;
using SecretRotator.Log;
using SecretRotator.Providers;
using SecretRotator.Settings;

namespace SecretRotator.Reliability.Processes;

/// <summary>Where one placement at a time is tried: a folder with an inventory, a sandbox, and the program under test.</summary>
internal sealed class Stand : IAsyncDisposable
{
    private const string CaBundle = "SECRET_ROTATOR__TLS__CABUNDLE";

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _root;
    private readonly RotatorProgram _rotator;
    private bool _ownsSandbox;
    private int _runs;

    private Stand(InventorySample sample, RotatorProgram rotator, DirectoryInfo root) =>
        (Sample, _rotator, _root) = (sample, rotator, root);

    /// <summary>The inventory.</summary>
    public InventorySample Sample { get; }

    /// <summary>The folder that programs run in.</summary>
    public string Folder => _root.FullName;

    /// <summary>The sandbox; set by whoever starts one of its own.</summary>
    public SandboxProgram Sandbox { get; set; } = null!;

    /// <summary>The inventory's file.</summary>
    public string InventoryFile => Path.Combine(Folder, "rotation.yaml");

    /// <summary>Prepares a folder.</summary>
    /// <param name="sample">The inventory.</param>
    /// <param name="rotator">The program under test.</param>
    /// <param name="withSandbox">Whether a sandbox in memory is started with it.</param>
    public static async Task<Stand> PrepareAsync(InventorySample sample, RotatorProgram rotator, bool withSandbox)
    {
        var stand = new Stand(sample, rotator, Directory.CreateTempSubdirectory("processes-"));
        // Some runs belong to a user who may nearly nothing.
        File.SetUnixFileMode(stand.Folder, (UnixFileMode)0b111_101_101);
        await File.WriteAllTextAsync(stand.InventoryFile, sample.Yaml);
        if (withSandbox)
        {
            stand.Sandbox = await SandboxProgram.StartAsync(sample, stand.InventoryFile, "--memory");
            stand._ownsSandbox = true;
        }

        return stand;
    }

    /// <summary>Begins anew: a fresh sandbox, no evidence, one fault or none.</summary>
    public async Task ResetAsync(string? fault = null)
    {
        await Sandbox.ResetAsync(fault);
        foreach (var directory in _root.EnumerateDirectories("evidence*"))
            directory.Delete(recursive: true);
    }

    /// <summary>Starts a run of <c>rotate</c> with an evidence directory of its own.</summary>
    /// <param name="how">What is special about it.</param>
    public async Task<Run> StartAsync(Special? how = null)
    {
        how ??= Special.None;
        var evidence = how.Evidence ?? Path.Combine(Folder, $"evidence-{Interlocked.Increment(ref _runs)}");
        var environment = await Sandbox.SettingsAsync();
        // Where some runs may read it as well that belong to another user.
        if (environment.TryGetValue(CaBundle, out var authority))
        {
            var copy = Path.Combine(Folder, "ca.pem");
            if (!File.Exists(copy))
            {
                // Runs are started side by side, and may read it already.
                var own = $"{copy}.{Interlocked.Increment(ref _runs)}";
                File.Copy(authority, own);
                File.Move(own, copy, overwrite: true);
            }

            environment[CaBundle] = copy;
        }

        foreach (var (name, value) in how.Environment)
            environment[name] = value;
        return new Run(
            (how.Recovers && Sample.HasBackends ? RotatorProgram.WithShortPauses : _rotator).Start(
                Folder, environment, ["rotate", "--evidence", evidence, "--log-level", "debug", .. how.Arguments], how.Before),
            evidence);
    }

    /// <summary>Starts one and waits for its end.</summary>
    public async Task<Ended> RunAsync(Special? how = null)
    {
        using var run = await StartAsync(how);
        return await run.EndAsync();
    }

    /// <summary>Waits until the sandbox holds a call of a run, and answers whether it came to that before the run ended.</summary>
    public async Task<bool> IsHeldAsync(Run run)
    {
        while (!run.Program.HasEnded)
        {
            if (await Sandbox.HeldAsync() > 0)
                return true;
            await Task.Delay(Glance);
        }

        return false;
    }

    /// <summary>What a person does by hand at the backend of the only secret: through the product's adapter, without any of its
    /// steps.</summary>
    public async Task ActByHandAsync(Func<ICredentialBackend, Task> act)
    {
        var inventory = Sample.Inventory.Value;
        var settings = SettingsReader.ReadEnvironment(await Sandbox.SettingsAsync(), VaultProviders.All);
        var environment = new CommandEnvironment(settings, SystemClock.Instance, TimeProvider.System, Note: null, Sandbox: null);
        using var connections = await Connections.OpenAsync(environment, inventory, RunLog.Silent, CancellationToken.None);
        await act(connections.Backend(inventory.Secrets.Single())!);
    }

    public async ValueTask DisposeAsync()
    {
        if (_ownsSandbox)
            await Sandbox.DisposeAsync();
        _root.Delete(recursive: true);
    }

    /// <summary>What is special about a run.</summary>
    internal sealed record Special
    {
        public static readonly Special None = new();

        /// <summary>It finishes what another run left.</summary>
        public static readonly Special Recovery = new() { Recovers = true };

        /// <summary>
        /// Whether it finishes what another run left. At a backend that takes minutes, until nothing may land any more that was sent
        /// before: then its pauses are short.
        /// </summary>
        public bool Recovers { get; init; }

        /// <summary>Further arguments.</summary>
        public ImmutableArray<string> Arguments { get; init; } = [];

        /// <summary>Further environment variables.</summary>
        public ImmutableDictionary<string, string> Environment { get; init; } = ImmutableDictionary<string, string>.Empty;

        /// <summary>Words that go before the command.</summary>
        public ImmutableArray<string> Before { get; init; } = [];

        /// <summary>Where evidence goes, or null for a directory of its own.</summary>
        public string? Evidence { get; init; }
    }

    /// <summary>A run that was started.</summary>
    internal sealed class Run(RotatorProgram.Running running, string evidence) : IDisposable
    {
        public RotatorProgram.Running Program => running;

        /// <summary>Waits for its end.</summary>
        public async Task<Ended> EndAsync()
        {
            var code = await running.EndAsync(Limit);
            return new Ended(code, running.Said, Trail.OfDirectory(evidence));
        }

        public void Dispose() => running.Dispose();
    }

    /// <summary>How a run ended.</summary>
    /// <param name="ExitCode">Its exit code, or null where it had to be killed because it didn't end.</param>
    /// <param name="Said">What it said.</param>
    /// <param name="Evidence">Its evidence.</param>
    internal sealed record Ended(int? ExitCode, string Said, Trail Evidence);
}
