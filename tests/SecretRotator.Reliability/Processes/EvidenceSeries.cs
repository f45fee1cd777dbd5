namespace SecretRotator.Reliability.Processes;

/// <summary>
/// Evidence that can't be written: a directory that no one may write to, a disk that is full, one that fills up in the middle of
/// each record. A run that can't write evidence doesn't rotate; where it breaks off half-way, the exit code tells.
/// </summary>
/// <remarks>
/// A limit on the size of files (RLIMIT_FSIZE, with SIGXFSZ ignored as a shell's trap does it) cuts a write at any byte, as a full disk
/// does.
/// A small tmpfs in a mount namespace of its own gives the real ENOSPC, at the bounds of its pages.
/// </remarks>
internal sealed class EvidenceSeries : ISeries
{
    private static readonly ImmutableArray<string> AsNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    private static readonly ImmutableArray<string> OwnMounts = ["unshare", "--mount"];
    private static readonly ImmutableArray<string> Limited = ["prlimit", "--fsize=65536"];

    public string Name => "evidence";

    public string Unit => "evidence failures";

    public async Task<IReadOnlyList<Placement>> PlanAsync(Bench bench)
    {
        var placements = new List<Placement>();
        var limits = await Tools.HasAsync(Limited);
        var mounts = await Tools.HasAsync(OwnMounts);
        foreach (var sample in InventorySample.Plains.Append(InventorySample.Fields[1]))
        {
            placements.Add(new(Name, sample, "no-directory", 1));
            if (!Environment.IsPrivilegedProcess || await Tools.HasAsync(AsNobody))
                placements.Add(new(Name, sample, "read-only", 1));
            if (mounts)
                placements.AddRange(Enumerable.Range(0, 2).Select(pages => new Placement(Name, sample, "disk", pages)));
            if (limits)
                placements.AddRange(
                    Enumerable.Range(1, (await bench.UndisturbedAsync(sample)).Records)
                        .Select(record => new Placement(Name, sample, "record", record)));
        }

        return placements;
    }

    public async Task<(int Count, Findings Findings)> TryAsync(Stand stand, Placement placement)
    {
        await stand.ResetAsync();
        var (how, nothingMayHappen) = await ArrangeAsync(stand, placement);
        var before = await stand.Sandbox.LookAsync();
        var findings = new Findings(before);
        var ended = await stand.RunAsync(how);
        var between = await stand.Sandbox.LookAsync();
        findings.Know(before, between);
        findings.MustBeSilent(ended, "the run");
        findings.MustBeReadable(between, "after the run");
        findings.Must(
            ended.Evidence is { Wrong: null, IsComplete: false },
            $"P3: the evidence is {ended.Evidence.Wrong ?? "complete"}, though it could not be written");
        findings.Must(
            string.Join(' ', ended.Said.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                .Contains("Evidence can't be written to", StringComparison.Ordinal), "P3: it was not said why there is no evidence");
        Judge(stand, placement, before, between, findings, ended);
        if (nothingMayHappen)
            findings.MustBeUnchanged(before, between, "a run without evidence");
        findings.Explain("the run", ended);

        var next = await stand.RunAsync();
        findings.MustFinish("the next run", next, between, await stand.Sandbox.LookAsync(), onSameValue: false);
        return (1, findings);
    }

    private static void Judge(Stand stand, Placement placement, Picture before, Picture between, Findings findings, Stand.Ended ended)
    {
        if (placement.Variant is "no-directory" or "read-only")
        {
            findings.Must(ended.ExitCode == 2, $"P3: the run ended with {Findings.Code(ended)}");
            findings.MustBeUnchanged(before, between, "a run without evidence");
            return;
        }

        // The documented word for evidence that broke off is 1, whatever became of the rotation; what needs a person is 5.
        findings.Must(ended.ExitCode is 1 or 5, $"P3: the run of {stand.Sample.Name} ended with {Findings.Code(ended)}");
        if (ended.ExitCode == 5)
            return;
        findings.MustAgree(between, "after exit code 1", made: false);
        findings.MustBeClean(between, "after exit code 1", between);
    }

    /// <summary>How the run is started, and whether it is certain that it may do nothing.</summary>
    private static async Task<(Stand.Special How, bool NothingMayHappen)> ArrangeAsync(Stand stand, Placement placement)
    {
        var directory = Path.Combine(stand.Folder, "evidence");
        switch (placement.Variant)
        {
            case "no-directory":
                return (new() { Evidence = Path.Combine(stand.InventoryFile, "evidence") }, true);
            case "read-only":
                Directory.CreateDirectory(directory);
                File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserExecute);
                return (new() { Evidence = directory, Before = Environment.IsPrivilegedProcess ? AsNobody : [] }, true);
            case "disk":
                // Pages of 4 KiB; with none left from the start, the first record can't be written. What was written is carried out of the
                // namespace.
                Directory.CreateDirectory(directory);
                return (new() { Evidence = directory, Before = [.. OwnMounts, "sh", "-c", Filled(placement.At), "sh", directory] },
                    placement.At == 0);
            default:
                var limit = await LengthBeforeAsync(stand, placement.At);
                // A JIT maps its code twice through a file in memory, which the limit would stop; a published binary has no JIT.
                var single = ImmutableDictionary<string, string>.Empty.Add("DOTNET_EnableWriteXorExecute", "0");
                return (new()
                {
                    Evidence = directory,
                    Environment = single,
                    Before =
                    [
                        "sh",
                        "-c",
                        "trap '' XFSZ; limit=$1; shift; exec prlimit --fsize=$limit \"$@\"",
                        "sh",
                        limit.ToString(CultureInfo.InvariantCulture),
                    ],
                }, placement.At <= 2);
        }
    }

    private static string Filled(int pages) => $$"""
        dir=$1; shift
        mount -t tmpfs -o size=32k,mode=700 tmpfs "$dir" || exit 99
        head -c $(( 32768 - {{pages}} * 4096 )) /dev/zero > "$dir/filler"
        "$@"
        code=$?
        rm -f "$dir/filler"
        mkdir "$dir.kept" && cp "$dir"/*.jsonl "$dir.kept/" 2>/dev/null
        umount "$dir" && cp "$dir.kept"/*.jsonl "$dir/" 2>/dev/null
        exit $code
        """;

    // The middle of a record of a run that had room; the same run again has records of nearly the same lengths.
    private static async Task<int> LengthBeforeAsync(Stand stand, int record)
    {
        var whole = await stand.RunAsync();
        await stand.ResetAsync();
        var lengths = whole.Evidence.Lengths;
        return lengths.Take(record - 1).Sum() + (lengths[Math.Min(record, lengths.Count) - 1] / 2);
    }
}
