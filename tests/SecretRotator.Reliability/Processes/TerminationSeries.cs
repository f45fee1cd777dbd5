namespace SecretRotator.Reliability.Processes;

/// <summary>
/// SIGTERM while a request is under way, at each request of a rotation. The request took effect already, or takes effect
/// after the signal, or lands when the process has gone. The exit code must tell the truth, and the next run must finish.
/// </summary>
internal sealed class TerminationSeries : ISeries
{
    private static readonly TimeSpan Lateness = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    public string Name => "terminations";

    public async Task<IReadOnlyList<Placement>> PlanAsync(Bench bench)
    {
        var placements = new List<Placement>();
        foreach (var sample in InventorySample.Small.Concat(InventorySample.OfBackends))
        {
            var calls = await bench.CallsOfAsync(sample);
            // Two secrets side by side lengthen a run, and show nothing new about a request that lands late.
            foreach (var variant in sample == InventorySample.Each ? new[] { "before", "after" } : ["before", "after", "late"])
                placements.AddRange(Enumerable.Range(1, calls).Select(k => new Placement(Name, sample, variant, k)));
        }

        return placements;
    }

    public async Task<(int Count, Findings Findings)> TryAsync(Stand stand, Placement placement)
    {
        var effect = placement.Variant == "after" ? "hold" : "hold-before";
        await stand.ResetAsync($"*.*#{placement.At}={effect}");
        var before = await stand.Sandbox.LookAsync();
        var findings = new Findings(before);
        using var run = await stand.StartAsync();
        if (!await stand.IsHeldAsync(run))
            return (0, await JudgeAsync(stand, before, findings, await run.EndAsync()));

        Signals.Send(run.Program.Id, Signals.Terminate);
        findings.Must(
            await UntilAsync(
                () => Task.FromResult(run.Program.Said.Contains("Stopping:", StringComparison.Ordinal) || run.Program.HasEnded)),
                "SIGTERM was not answered");
        var ending = run.EndAsync();
        if (placement.Variant == "late")
            await Task.WhenAny(ending, Task.Delay(Lateness));
        await stand.Sandbox.FaultAsync();
        var ended = await ending;
        findings.Must(await UntilAsync(async () => await stand.Sandbox.HeldAsync() == 0), "the held request never landed");
        return (1, await JudgeAsync(stand, before, findings, ended));
    }

    private static async Task<Findings> JudgeAsync(Stand stand, Picture before, Findings findings, Stand.Ended ended)
    {
        var between = await stand.Sandbox.LookAsync();
        findings.Know(before, between);
        findings.MustBeTold(ended, "the stopped run");
        findings.MustBeReadable(between, "after the stop");
        findings.MustBeAccepted(between, "after the stop");
        Judge(between, findings, ended);
        findings.Explain("the stopped run", ended);

        var next = await stand.RunAsync(Stand.Special.Recovery);
        findings.MustFinish("the next run", next, between, await stand.Sandbox.LookAsync(), ended.ExitCode == 5);
        return findings;
    }

    private static void Judge(Picture between, Findings findings, Stand.Ended ended)
    {
        var outcomes = ended.Evidence.Outcomes.Values;
        switch (ended.ExitCode)
        {
            case 0:
                findings.Must(
                    outcomes.All(outcome => outcome == "rotated"),
                    $"P3: the stopped run ended with 0, and its outcomes are {string.Join(", ", outcomes)}");
                findings.MustAgree(between, "after exit code 0", made: true);
                findings.MustBeClean(between, "after exit code 0");
                findings.MustLeaveNoOrphan(between, "after exit code 0");
                break;
            case 130:
                findings.Must(
                    outcomes.Count == 0 || outcomes.Any(outcome => outcome != "rotated"),
                    "P3: the stopped run ended with 130, though it had done everything");
                findings.MustAgree(between, "after exit code 130", made: false);
                findings.MustBeClean(between, "after exit code 130");
                findings.MustLeaveNoOrphan(between, "after exit code 130");
                break;
            case 5:
                findings.Must(outcomes.Contains("needs-operator"), "P3: the stopped run ended with 5, and no outcome needs an operator");
                break;
            default:
                findings.Must(false, $"P3: the stopped run ended with {Findings.Code(ended)}");
                break;
        }
    }

    private static async Task<bool> UntilAsync(Func<Task<bool>> come)
    {
        for (var left = Patience; left > TimeSpan.Zero; left -= Glance)
        {
            if (await come())
                return true;
            await Task.Delay(Glance);
        }

        return false;
    }
}
