namespace SecretRotator.Reliability.Processes;

/// <summary>
/// Twenty processes on one inventory, at once or one shortly after the other: each secret rotates once, whoever wins it, and
/// the losers change nothing.
/// </summary>
internal sealed class ContenderSeries : ISeries
{
    private const int Contenders = 20;
    private const int Rounds = 3;

    // So that late ones meet a rotation in each of its steps, its last ones included.
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(60);

    public string Name => "contenders";

    public Task<IReadOnlyList<Placement>> PlanAsync(Bench bench) => Task.FromResult<IReadOnlyList<Placement>>(
    [
        .. new[] { InventorySample.TwoEach, InventorySample.Credentials }.SelectMany(sample => new[] { "at-once", "in-a-row" }.SelectMany(
            variant => Enumerable.Range(1, Rounds).Select(round => new Placement(Name, sample, variant, round)))),
    ]);

    public async Task<(int Count, Findings Findings)> TryAsync(Stand stand, Placement placement)
    {
        await stand.ResetAsync();
        var before = await stand.Sandbox.LookAsync();
        var findings = new Findings(before);
        var runs = await Task.WhenAll(
            Enumerable.Range(0, Contenders).Select(i => ContendAsync(stand, placement.Variant == "in-a-row" ? i * Gap : TimeSpan.Zero)));
        var now = await stand.Sandbox.LookAsync();
        findings.Know(before, now);

        findings.MustAgree(now, "after all", made: true);
        findings.MustBeReadable(now, "after all");
        findings.MustBeClean(now, "after all");
        findings.MustBeAccepted(now, "after all");
        findings.MustLeaveNoOrphan(now, "after all");
        foreach (var (run, i) in runs.Select((run, i) => (run, i + 1)))
        {
            findings.MustBeTold(run, $"contender {i}");
            findings.Must(run.ExitCode is 0 or 6, $"P5: contender {i} ended with {Findings.Code(run)}");
            findings.Must(
                run.Evidence.Outcomes.Values.All(outcome => outcome is "rotated" or "untouched"),
                $"P5: contender {i} had the outcomes {string.Join(", ", run.Evidence.Outcomes.Values)}");
            if (run.ExitCode is not (0 or 6))
                findings.Explain($"contender {i}", run);
        }

        await MustRotateOnceAsync(stand, before, now, findings, runs);
        return (Contenders, findings);
    }

    private static async Task<Stand.Ended> ContendAsync(Stand stand, TimeSpan after)
    {
        await Task.Delay(after);
        return await stand.RunAsync();
    }

    private static async Task MustRotateOnceAsync(Stand stand, Picture before, Picture now, Findings findings, Stand.Ended[] runs)
    {
        foreach (var (was, secret) in before.Secrets.Zip(now.Secrets))
        {
            var winners = runs.Count(run => run.Evidence.Outcomes.GetValueOrDefault(secret.Name) == "rotated");
            findings.Must(winners == 1, $"P5: {secret.Name} was rotated by {winners} processes");
            findings.Must(secret.PreviousId == was.CurrentId, $"P5: more than one version of {secret.Name} became current");
        }

        // What a loser sends to a target is a PUT too many, or a variable deleted or made. The home repository holds claims only.
        var calls = await stand.Sandbox.CallsAsync();
        var changes = calls
            .Where(call => call.StartsWith("bitbucket.put ", StringComparison.Ordinal)
                || call.StartsWith("bitbucket.delete ", StringComparison.Ordinal)
                || call.StartsWith("bitbucket.post ", StringComparison.Ordinal))
            .Where(call => !call.Contains(" secret-rotator:", StringComparison.Ordinal))
            .ToList();
        var targets = now.Secrets.Sum(secret => secret.Targets.Length);
        findings.Must(
            changes.Count == targets, $"P5: {targets} targets were written to {changes.Count} times: {string.Join(", ", changes)}");
        var written = calls.Where(SandboxProgram.ChangesBackend).ToList();
        var backends = now.Secrets.Count(secret => secret.Credentials is not null);
        findings.Must(
            written.Count == backends, $"P5: {backends} backends were written to {written.Count} times: {string.Join(", ", written)}");
    }
}
