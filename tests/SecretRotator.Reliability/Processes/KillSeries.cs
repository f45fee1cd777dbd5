using System.Collections.Immutable;
using System.Globalization;

namespace SecretRotator.Reliability.Processes;

/// <summary>
/// SIGKILL at each request of a rotation, before its effect or after it; then a fresh process, which must finish.
/// The fresh one runs on the same machine, in another pipeline, or where the killed one's process number means nothing.
/// </summary>
internal sealed class KillSeries : ISeries
{
    private const int Killed = 137;

    private static readonly ImmutableArray<string> Elsewhere = ["unshare", "--pid", "--fork", "--mount-proc"];

    public string Name => "kills";

    public async Task<IReadOnlyList<Placement>> PlanAsync(Bench bench)
    {
        var placements = new List<Placement>();
        foreach (var sample in InventorySample.UpToTwo)
        {
            var calls = Enumerable.Range(1, await bench.CallsOfAsync(sample)).ToList();
            placements.AddRange(calls.Select(k => new Placement(Name, sample, "before", k)));
            placements.AddRange(calls.Select(k => new Placement(Name, sample, "after", k)));
            if (sample == InventorySample.Both)
                continue;
            placements.AddRange(calls.Where(k => k % 2 == 0).Select(k => new Placement(Name, sample, "pipeline", k)));
            if (await Tools.HasAsync(Elsewhere))
                placements.AddRange(calls.Where(k => k % 2 == 0).Select(k => new Placement(Name, sample, "elsewhere", k)));
        }

        return placements;
    }

    public async Task<(int Count, Findings Findings)> TryAsync(Stand stand, Placement placement)
    {
        var effect = placement.Variant == "before" ? "hold-before" : "hold";
        await stand.ResetAsync($"*.*#{placement.At}={effect}");
        var before = await stand.Sandbox.LookAsync();
        var findings = new Findings(before);
        var pipelines = placement.Variant == "pipeline";

        using var run = await stand.StartAsync(pipelines ? await PipelineAsync(stand, 1) : null);
        var held = await stand.IsHeldAsync(run);
        if (held)
            Signals.Send(run.Program.Id, Signals.Kill);
        var first = await run.EndAsync();
        findings.Must(first.ExitCode == (held ? Killed : 0), $"the first run ended with {Findings.Code(first)}");
        findings.Must(first.Evidence.Wrong is null, $"P3: the evidence of the killed run: {first.Evidence.Wrong}");
        await stand.Sandbox.DropAsync();
        var between = await stand.Sandbox.LookAsync();
        findings.Know(before, between);
        findings.MustBeSilent(first, "the killed run");
        findings.MustBeReadable(between, "after the kill");

        var second = placement.Variant switch
        {
            "pipeline" => await AfterPipelineAsync(stand, between, findings),
            "elsewhere" => await ElsewhereAsync(stand, between, findings),
            _ => await stand.RunAsync(),
        };
        findings.MustFinish("the fresh run", second, between, await stand.Sandbox.LookAsync(), onSameValue: true);
        return (held ? 1 : 0, findings);
    }

    // While the killed run's pipeline still counts as running, no one may touch what it holds.
    private static async Task<Stand.Ended> AfterPipelineAsync(Stand stand, Picture between, Findings findings)
    {
        var early = await stand.RunAsync(await PipelineAsync(stand, 2));
        await MustKeepOffAsync(stand, between, early, findings, "a run beside a pipeline that still runs");
        await stand.Sandbox.PipelineAsync(Uuid(1), 1, runs: false);
        return await stand.RunAsync(await PipelineAsync(stand, 3));
    }

    // A process of another machine can't be looked up: it counts as alive until the operator says that it is gone.
    private static async Task<Stand.Ended> ElsewhereAsync(Stand stand, Picture between, Findings findings)
    {
        var early = await stand.RunAsync(new() { Before = Elsewhere });
        await MustKeepOffAsync(stand, between, early, findings, "a run on another machine");
        return early.ExitCode == 0 ? early : await stand.RunAsync(new() { Before = Elsewhere, Arguments = ["--take-over", "one"] });
    }

    private static async Task MustKeepOffAsync(Stand stand, Picture between, Stand.Ended early, Findings findings, string who)
    {
        findings.Must(early.ExitCode is 0 or 6, $"P5: {who} ended with {Findings.Code(early)}");
        findings.MustBeTold(early, who);
        if (early.ExitCode == 6)
            findings.MustBeUnchanged(between, await stand.Sandbox.LookAsync(), who);
    }

    private static Guid Uuid(int build) => new(build, 0x5ec2, 0x4e7a, 0x80, 1, 2, 3, 4, 5, 6, 7);

    private static async Task<Stand.Special> PipelineAsync(Stand stand, int build)
    {
        await stand.Sandbox.PipelineAsync(Uuid(build), build, runs: true);
        return new()
        {
            Environment = ImmutableDictionary<string, string>.Empty
                .Add("BITBUCKET_WORKSPACE", "acme")
                .Add("BITBUCKET_REPO_SLUG", "secret-rotator")
                .Add("BITBUCKET_PIPELINE_UUID", Uuid(build).ToString("B"))
                .Add("BITBUCKET_BUILD_NUMBER", build.ToString(CultureInfo.InvariantCulture)),
        };
    }
}
