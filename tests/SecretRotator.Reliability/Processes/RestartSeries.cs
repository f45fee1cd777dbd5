using System.Net;
using System.Net.Sockets;

namespace SecretRotator.Reliability.Processes;

/// <summary>
/// Every service dies at once at the k-th request, answered or not, and comes back after a moment with what it had saved. The run
/// must end with the truth, and the next one must finish.
/// </summary>
internal sealed class RestartSeries : ISeries
{
    private static readonly TimeSpan Outage = TimeSpan.FromMilliseconds(500);
    private static int _lastPort = 21_000;

    public string Name => "restarts";

    public bool StartsSandboxes => true;

    public async Task<IReadOnlyList<Placement>> PlanAsync(Bench bench)
    {
        // Each takes two starts of the sandbox, so the two ways share the requests between them.
        var placements = new List<Placement>();
        foreach (var sample in InventorySample.Plains)
            placements.AddRange(
                Enumerable.Range(1, await bench.CallsOfAsync(sample))
                    .Select(k => new Placement(Name, sample, k % 2 == 0 ? "after" : "before", k)));
        return placements;
    }

    public async Task<(int Count, Findings Findings)> TryAsync(Stand stand, Placement placement)
    {
        var state = Path.Combine(stand.Folder, "state");
        var port = FreePorts();
        var effect = placement.Variant == "before" ? "hold-before" : "hold";
        stand.Sandbox = await SandboxProgram.StartAsync(
            stand.Sample, stand.InventoryFile, "--state", state, "--port", port, "--reset", "--fault",
            $"*.*#{placement.At}={effect}");
        try
        {
            return await TryAsync(stand, state, port);
        }
        finally
        {
            await stand.Sandbox.DisposeAsync();
        }
    }

    private static async Task<(int Count, Findings Findings)> TryAsync(Stand stand, string state, string port)
    {
        var before = await stand.Sandbox.LookAsync();
        var findings = new Findings(before);
        using var run = await stand.StartAsync();
        var met = await stand.IsHeldAsync(run);
        await stand.Sandbox.KillAsync();
        await stand.Sandbox.DisposeAsync();
        await Task.Delay(Outage);
        stand.Sandbox = await SandboxProgram.StartAsync(stand.Sample, stand.InventoryFile, "--state", state, "--port", port);
        var ended = await run.EndAsync();

        var between = await stand.Sandbox.LookAsync();
        findings.Know(before, between);
        findings.MustBeTold(ended, "the run");
        findings.MustBeReadable(between, "after the restart");
        Judge(before, between, findings, ended);
        findings.Explain("the run", ended);

        var next = await stand.RunAsync();
        findings.MustFinish("the next run", next, between, await stand.Sandbox.LookAsync(), ended.ExitCode == 5);
        return (met ? 1 : 0, findings);
    }

    private static void Judge(Picture before, Picture between, Findings findings, Stand.Ended ended)
    {
        switch (ended.ExitCode)
        {
            case 0:
                findings.MustAgree(between, "after exit code 0", made: true);
                findings.MustBeClean(between, "after exit code 0");
                findings.Must(
                    between.Secrets.Zip(before.Secrets).All(pair => pair.First.CurrentId != pair.Second.CurrentId),
                    "P3: exit code 0, and nothing was rotated");
                break;
            case 4:
                findings.MustAgree(between, "after exit code 4", made: false);
                findings.MustBeClean(between, "after exit code 4", between);
                break;
            case 5:
                findings.Must(
                    ended.Evidence.Outcomes.ContainsValue("needs-operator"), "P3: the run ended with 5, and no outcome needs an operator");
                break;
            case 1 or 6:
                // It could not look at everything, so it began nothing.
                findings.Must(
                    between.Secrets.Zip(before.Secrets).All(pair => pair.First.CurrentId == pair.Second.CurrentId),
                    $"P3: the run ended with {ended.ExitCode}, and something was rotated");
                findings.MustAgree(between, $"after exit code {ended.ExitCode}", made: false);
                break;
            default:
                findings.Must(false, $"P3: the run ended with {Findings.Code(ended)}");
                break;
        }
    }

    // The sandbox takes as many ports in a row as it has listeners: fewer than twenty.
    private static string FreePorts()
    {
        while (true)
        {
            var first = Interlocked.Add(ref _lastPort, 20);
            if (Enumerable.Range(first, 20).All(IsFree))
                return first.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
