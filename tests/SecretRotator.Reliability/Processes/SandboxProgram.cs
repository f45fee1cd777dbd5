using System.Collections.Frozen;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using SecretRotator.Reliability.World.Vaults;
using SecretRotator.Sandbox;

namespace SecretRotator.Reliability.Processes;

/// <summary>The sandbox as a process of its own, and what its control listener tells and takes.</summary>
internal sealed class SandboxProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly FrozenSet<string> BackendChanges = FrozenSet.Create(
        StringComparer.Ordinal, "postgresql.alter-role", "iam.CreateAccessKey", "iam.UpdateAccessKey", "iam.DeleteAccessKey",
        "graph.addPassword", "graph.removePassword", "bitbucket.post-deploy-key", "bitbucket.delete-deploy-key");

    // No connection is kept: the sandbox that comes back after a kill is another process on the same port.
    private readonly HttpClient _client =
        new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = TimeSpan.FromSeconds(30) };
    private readonly InventorySample _sample;
    private readonly Process _process;
    private readonly string? _authority;
    private bool _disposed;

    private SandboxProgram(InventorySample sample, Process process, Uri control, string? authority) =>
        (_sample, _process, Control, _authority) = (sample, process, control, authority);

    /// <summary>Where its control listener answers.</summary>
    public Uri Control { get; }

    /// <summary>Starts one and waits until it serves.</summary>
    /// <param name="sample">What it is seeded from.</param>
    /// <param name="inventory">The file with that inventory.</param>
    /// <param name="more">Further arguments, such as <c>--memory</c>.</param>
    /// <exception cref="InvalidOperationException">It ended instead.</exception>
    public static async Task<SandboxProgram> StartAsync(InventorySample sample, string inventory, params string[] more)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(RunningSandbox).Assembly.Location, "--inventory", inventory, .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string? authority = null;
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.Contains("TLS__CABUNDLE", StringComparison.Ordinal))
                authority = line.Split('\'')[1];
            if (line.StartsWith("# Ready", StringComparison.Ordinal))
                return new SandboxProgram(sample, process, new Uri(new Uri(line.Split(' ')[^1]), "/"), authority);
        }

        throw new InvalidOperationException($"The sandbox did not start: {await errors}");
    }

    /// <summary>Begins anew, with one fault or none.</summary>
    public async Task ResetAsync(string? fault = null)
    {
        using var answer = await _client.PostAsync(Page("reset"), null);
        answer.EnsureSuccessStatusCode();
        if (fault is not null)
            await FaultAsync(fault);
    }

    /// <summary>Replaces all faults by these, and lets go of what was held.</summary>
    public async Task FaultAsync(params string[] faults)
    {
        using var answer = await _client.PostAsJsonAsync(
            Page("faults"),
            new JsonObject { ["clear"] = true, ["add"] = new JsonArray([.. faults.Select(fault => JsonValue.Create(fault))]) });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Removes all faults and drops what is held: it never takes effect.</summary>
    public async Task DropAsync()
    {
        using var answer = await _client.PostAsJsonAsync(Page("faults"), new JsonObject { ["drop"] = true });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>How many calls are held now.</summary>
    public async Task<int> HeldAsync() => (await GetAsync("faults")).GetProperty("held").GetInt32();

    /// <summary>What vaults and Bitbucket hold now.</summary>
    public async Task<Picture> LookAsync() => Picture.Of(await GetAsync("state"), _sample.Inventory.Value);

    /// <summary>The calls since the last reset, as <c>service.operation resource</c>.</summary>
    public async Task<ImmutableArray<string>> CallsAsync() =>
    [
        .. (await GetAsync("calls")).GetProperty("calls").EnumerateArray()
            .Select(call => $"{call.GetProperty("service").GetString()}.{call.GetProperty("operation").GetString()} "
            + $"{call.GetProperty("resource").GetString()}"),
    ];

    /// <summary>Whether a call, as <see cref="CallsAsync"/> has it, is one that changes what a backend accepts.</summary>
    public static bool ChangesBackend(string call) => BackendChanges.Contains(call.Split(' ')[0]);

    /// <summary>Whether a call is a look at a backend or a write that takes a claim.</summary>
    public static bool ClaimsOrLooks(string call) =>
        call.StartsWith("postgresql.", StringComparison.Ordinal) || call.StartsWith("iam.", StringComparison.Ordinal)
        || call.StartsWith("graph.", StringComparison.Ordinal) || call.StartsWith("bitbucket.list-deploy-keys", StringComparison.Ordinal)
        || VaultWorlds.All.Any(world => call.StartsWith(world.ClaimCall, StringComparison.Ordinal));

    /// <summary>Says that a pipeline of the home repository runs or has ended.</summary>
    public async Task PipelineAsync(Guid uuid, int build, bool runs)
    {
        var pipeline = new JsonObject
        {
            ["workspace"] = "acme",
            ["repository"] = "secret-rotator",
            ["uuid"] = uuid.ToString(),
            ["buildNumber"] = build,
            ["state"] = runs ? "IN_PROGRESS" : "COMPLETED",
        };
        if (!runs)
            pipeline["result"] = "FAILED";
        using var answer = await _client.PostAsJsonAsync(Page("pipelines"), pipeline);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The environment variables that point a rotator at it.</summary>
    public async Task<Dictionary<string, string>> SettingsAsync()
    {
        var settings = (await GetAsync("settings")).GetProperty("settings").EnumerateObject()
            .ToDictionary(setting => setting.Name, setting => setting.Value.GetString()!, StringComparer.Ordinal);
        if (_authority is not null)
            settings.TryAdd("SECRET_ROTATOR__TLS__CABUNDLE", _authority);
        return settings;
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (!_process.HasExited)
        {
            Signals.Send(_process.Id, Signals.Terminate);
            try
            {
                await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
            }
            catch (TimeoutException)
            {
                _process.Kill();
            }
        }

        _process.Dispose();
        _client.Dispose();
    }

    private async Task<JsonElement> GetAsync(string page)
    {
        using var document = JsonDocument.Parse(await _client.GetStringAsync(Page(page)));
        return document.RootElement.Clone();
    }

    private Uri Page(string page) => new(Control, $"_sandbox/{page}");
}
