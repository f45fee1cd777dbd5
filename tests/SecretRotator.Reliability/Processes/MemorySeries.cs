namespace SecretRotator.Reliability.Processes;

/// <summary>
/// Looks into the running process from outside: its memory, its arguments, its environment, its children, and whether others of its user
/// may
/// look. The memory is read when the last request of a run is held, so that one secret is finished and the other nearly so.
/// </summary>
internal sealed class MemorySeries : ISeries
{
    private const int Nobody = 65534;
    private static readonly ImmutableArray<string> AsNobody = ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups"];

    public string Name => "memory";

    public string Unit => "looks into memory";

    public async Task<IReadOnlyList<Placement>> PlanAsync(Bench bench)
    {
        if (!OperatingSystem.IsLinux())
            return [];
        var calls = await bench.CallsOfAsync(InventorySample.Each);
        List<Placement> placements =
        [
            .. Enumerable.Range(1, calls).Where(k => k % 6 == 0).Select(k => new Placement(Name, InventorySample.Each, "outside", k)),
        ];
        if (!Environment.IsPrivilegedProcess || await Tools.HasAsync(AsNobody))
            placements.Add(new(Name, InventorySample.Each, "sealed", calls / 2));
        if (ProcessImage.CanRead(Environment.ProcessId))
            placements.Add(new(Name, InventorySample.Each, "values", calls));
        return placements;
    }

    public async Task<(int Count, Findings Findings)> TryAsync(Stand stand, Placement placement)
    {
        await stand.ResetAsync($"*.*#{placement.At}=hold");
        var before = await stand.Sandbox.LookAsync();
        var findings = new Findings(before);
        var sealing = placement.Variant == "sealed";
        var evidence = Path.Combine(stand.Folder, "evidence");
        Directory.CreateDirectory(evidence);
        File.SetUnixFileMode(evidence, (UnixFileMode)0b111_111_111);
        using var run = await stand.StartAsync(
            new()
            {
                Arguments = ["--parallelism", "1"],
                Evidence = evidence,
                Before = sealing && Environment.IsPrivilegedProcess ? AsNobody : []
            });
        if (!await stand.IsHeldAsync(run))
        {
            findings.Must(false, $"the run ended before its request {placement.At}: {run.Program.Said}");
            return (0, findings);
        }

        var during = await stand.Sandbox.LookAsync();
        findings.Know(before, during);
        var image = new ProcessImage(run.Program.Id);
        switch (placement.Variant)
        {
            case "sealed":
                findings.Must(image.IsSealed, "P6: other processes of its user may look into it");
                findings.Must(image.CoreLimit == "0", $"P6: it may write a core file of {image.CoreLimit}");
                findings.Must(!image.HasDiagnosticPort, "P6: it opened a diagnostic port");
                await MustBeSeenAliveAsync(stand, findings);
                break;
            case "values":
                CountValues(image, before, during, findings);
                break;
            default:
                findings.Must(!findings.Knows(image.Arguments), "P6: its arguments hold a value");
                findings.Must(!findings.Knows(image.Environment), "P6: its environment holds a value");
                findings.Must(image.Children == 0, $"it started {image.Children} processes");
                break;
        }

        await stand.Sandbox.FaultAsync();
        var ended = await run.EndAsync();
        findings.Must(ended.ExitCode == 0, $"the run ended with {Findings.Code(ended)}");
        findings.MustBeTold(ended, "the run");
        findings.Explain("the run", ended);
        return (1, findings);
    }

    // Sealed or not, another run of the same user must see that the holder of a claim is alive.
    private static async Task MustBeSeenAliveAsync(Stand stand, Findings findings)
    {
        var evidence = Path.Combine(stand.Folder, "evidence-of-another");
        Directory.CreateDirectory(evidence);
        File.SetUnixFileMode(evidence, (UnixFileMode)0b111_111_111);
        var other = await stand.RunAsync(
            new() { Evidence = evidence, Arguments = ["--only", "one"], Before = Environment.IsPrivilegedProcess ? AsNobody : [] });
        findings.Must(
            other.ExitCode == 6
                && string.Join(' ', other.Said.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                    .Contains("has been rotating it since", StringComparison.Ordinal),
            $"P5: another run of the same user ended with {Findings.Code(other)} and did not see that the holder is alive");
        findings.Explain("the other run", other);
    }

    private static void CountValues(ProcessImage image, Picture before, Picture during, Findings findings)
    {
        // The first target of each secret; the new value is the one that the target holds now.
        foreach (var (was, now) in before.Secrets.Zip(during.Secrets))
        {
            foreach (var (age, value) in new[] { ("old", was.Targets[0].Value!), ("new", now.Targets[0].Value!) })
            {
                var utf8 = Encoding.UTF8.GetBytes(value);
                var counts = image.Count(
                    utf8, Encoding.Unicode.GetBytes(value), Encoding.ASCII.GetBytes(Convert.ToBase64String(utf8)[..^4]));
                findings.Note($"{now.Name}, {age} value: {counts[0]} copies as UTF-8, {counts[1]} as UTF-16, {counts[2]} as base64");
                findings.Must(counts[2] == 0, $"P6: the {age} value of {now.Name} stands in memory as base64 {counts[2]} times");
            }
        }
    }
}
