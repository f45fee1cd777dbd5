using SecretRotator.Backends;

namespace SecretRotator.Reliability.Processes;

/// <summary>
/// SIGKILL at each request of a rotation, before its effect or after it; then a fresh process, which must finish.
/// The fresh one runs on the same machine, in another pipeline, or where the killed one's process number means nothing. Where a backend
/// accepts the secret: also at each request of the run that ends the old credential; with the request landing while the fresh process is
/// at work; and with someone changing a credential by hand in between.
/// </summary>
internal sealed class KillSeries : ISeries
{
    private const int Killed = 137;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);
    private static readonly RotationId ByHand = new("by-hand");

    private static readonly ImmutableArray<string> Elsewhere = ["unshare", "--pid", "--fork", "--mount-proc"];

    public string Name => "kills";

    public async Task<IReadOnlyList<Placement>> PlanAsync(Bench bench)
    {
        var placements = new List<Placement>();
        foreach (var sample in InventorySample.Small)
        {
            var calls = Enumerable.Range(1, await bench.CallsOfAsync(sample)).ToList();
            placements.AddRange(calls.Select(k => new Placement(Name, sample, "before", k)));
            placements.AddRange(calls.Select(k => new Placement(Name, sample, "after", k)));
            if (sample == InventorySample.Each)
                continue;
            placements.AddRange(calls.Where(k => k % 2 == 0).Select(k => new Placement(Name, sample, "pipeline", k)));
            if (await Tools.HasAsync(Elsewhere))
                placements.AddRange(calls.Where(k => k % 2 == 0).Select(k => new Placement(Name, sample, "elsewhere", k)));
        }

        foreach (var sample in InventorySample.OfBackends)
        {
            var (calls, retiring, _) = await bench.UndisturbedAsync(sample);
            var changes = Enumerable.Range(1, calls.Length).Where(k => SandboxProgram.ChangesBackend(calls[k - 1])).ToList();
            foreach (var effect in new[] { "before", "after" })
            {
                placements.AddRange(Enumerable.Range(1, calls.Length).Select(k => new Placement(Name, sample, effect, k)));
                placements.AddRange(Enumerable.Range(1, retiring.Length).Select(k => new Placement(Name, sample, $"retire-{effect}", k)));
            }

            placements.AddRange(changes.Select(k => new Placement(Name, sample, "late", k)));
            placements.AddRange(
                Enumerable.Range(1, calls.Length).Where(k => k % 3 == 0).Select(k => new Placement(Name, sample, "by-hand", k)));
        }

        return placements;
    }

    public async Task<(int Count, Findings Findings)> TryAsync(Stand stand, Placement placement)
    {
        await stand.ResetAsync();
        var retires = placement.Variant.StartsWith("retire", StringComparison.Ordinal);
        if (retires)
            await stand.RunAsync();
        var effect = placement.Variant is "before" or "retire-before" or "late" ? "hold-before" : "hold";
        await stand.Sandbox.FaultAsync($"*.*#{placement.At}={effect}");
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
        if (placement.Variant != "late")
            await stand.Sandbox.DropAsync();
        var between = await stand.Sandbox.LookAsync();
        findings.Know(before, between);
        findings.MustBeSilent(first, "the killed run");
        findings.MustBeReadable(between, "after the kill");
        findings.MustBeAccepted(between, "after the kill");

        var second = placement.Variant switch
        {
            "pipeline" => await AfterPipelineAsync(stand, between, findings),
            "elsewhere" => await ElsewhereAsync(stand, between, findings),
            "late" => await BesideStragglerAsync(stand),
            "by-hand" => await AfterPersonAsync(stand, findings, before.Secrets.Single(), between.Secrets.Single()),
            "retire-before" or "retire-after" => await RetireAsync(stand),
            _ => await stand.RunAsync(Stand.Special.Recovery),
        };
        var now = await stand.Sandbox.LookAsync();
        findings.MustFinish("the fresh run", second, between, now, onSameValue: placement.Variant != "by-hand");
        if (retires)
            findings.Must(
                before.Secrets.All(
                    secret => !now.Secrets[0].Credentials!.Accepts(secret.Versions.Last(version => version.WasCurrent).Content)),
                "P3: the old credential is accepted after its retirement");
        return (held ? 1 : 0, findings);
    }

    // The fresh run may have to put targets right first.
    private static async Task<Stand.Ended> RetireAsync(Stand stand) =>
        await stand.RunAsync(Stand.Special.Recovery) is var fresh && fresh.ExitCode == 0 ? await stand.RunAsync() : fresh;

    // The killed run's request lands once the fresh run has seen that the backend is without it, or has taken the claim over.
    private static async Task<Stand.Ended> BesideStragglerAsync(Stand stand)
    {
        var known = (await stand.Sandbox.CallsAsync()).Length;
        using var run = await stand.StartAsync(Stand.Special.Recovery);
        while (!run.Program.HasEnded && !(await stand.Sandbox.CallsAsync()).Skip(known).Any(SandboxProgram.ClaimsOrLooks))
            await Task.Delay(Glance);
        await stand.Sandbox.FaultAsync();
        return await run.EndAsync();
    }

    // Someone ends or changes what the killed run made the backend accept; or, where that is nothing, changes what is in use or makes a
    // credential. Where that stops the next run, it tells so; then that person puts it right.
    private static async Task<Stand.Ended> AfterPersonAsync(
        Stand stand, Findings findings, SecretPicture before, SecretPicture secret)
    {
        var credentials = secret.Credentials!;
        var current = secret.CurrentContent;
        var made = secret.Versions.FirstOrDefault(
            version => version.Staged && version.Content != current && version.Content != before.CurrentContent
                && credentials.Accepts(version.Content));
        using var inUse = SecretValue.FromText(current);
        using var changed = SecretValue.FromText(credentials.WithOtherProof(made?.Content ?? current));
        SlotId? stranger = null;
        findings.OldHasEnded = made is null && !credentials.Issues;
        await stand.ActByHandAsync(async backend =>
        {
            if (made is null && credentials.Issues)
                stranger = credentials.Kept.Count > 1
                    ? null
                    : backend.SlotOf(await backend.IssueAsync(ByHand, inUse, CancellationToken.None));
            else if (stand.Sample == InventorySample.Users)
                await backend.SetAsync(ByHand, changed, CancellationToken.None);
            else
                await backend.DisableAsync(backend.SlotOf(changed), default, CancellationToken.None);
        });
        var first = await stand.RunAsync(Stand.Special.Recovery);
        findings.MustBeTold(first, "the run after a change by hand");
        findings.Must(first.ExitCode is 0 or 4 or 5 or 6, $"P3: the run after a change by hand ended with {Findings.Code(first)}");
        var now = (await stand.Sandbox.LookAsync()).Secrets.Single();
        if (stranger is { } its)
            await stand.ActByHandAsync(backend => backend.DeleteAsync(its, default, CancellationToken.None));
        else if (!now.Credentials!.Accepts(now.CurrentContent))
            await stand.ActByHandAsync(backend => backend.SetAsync(ByHand, inUse, CancellationToken.None));
        return first.ExitCode == 0 ? first : await stand.RunAsync(Stand.Special.Recovery);
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
