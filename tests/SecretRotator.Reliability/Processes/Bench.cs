using System.Collections.Concurrent;
using System.Diagnostics;

namespace SecretRotator.Reliability.Processes;

/// <summary>Runs the placements of a series, a few at a time, and counts.</summary>
/// <param name="rotator">The program under test.</param>
/// <param name="parallel">How many placements at once.</param>
/// <param name="every">Only each so many-th placement.</param>
/// <param name="progress">Where progress goes.</param>
/// <param name="reproduce">The command that repeats one placement, without its name.</param>
internal sealed class Bench(RotatorProgram rotator, int parallel, int every, TextWriter progress, string reproduce)
{
    private readonly ConcurrentDictionary<InventorySample, Lazy<Task<Undisturbed>>> _undisturbed = new();
    private readonly Lock _lock = new();

    /// <summary>Each so many-th placement is tried.</summary>
    public int Every => every;

    /// <summary>What an undisturbed rotation of a sample does.</summary>
    public Task<Undisturbed> UndisturbedAsync(InventorySample sample) =>
        _undisturbed.GetOrAdd(sample, each => new(() => RunUndisturbedAsync(each))).Value;

    /// <summary>How many calls an undisturbed rotation of a sample makes.</summary>
    public async Task<int> CallsOfAsync(InventorySample sample) => (await UndisturbedAsync(sample)).Calls.Length;

    /// <summary>Runs a series, or one placement of it.</summary>
    public async Task<SeriesTally> RunAsync(ISeries series, Placement? only = null)
    {
        var watch = Stopwatch.StartNew();
        var tally = new SeriesTally(series.Unit);
        var samples = (only is null ? await series.PlanAsync(this) : [only]).GroupBy(placement => placement.Sample)
            .Select(sample => sample.Where((_, i) => i % every == 0).ToList()).ToList();
        var open = samples.ToDictionary(sample => sample[0].Sample, sample => sample.Count);
        var queue = new ConcurrentQueue<Placement>(samples.SelectMany(sample => sample));
        await Task.WhenAll(Enumerable.Range(0, Math.Min(parallel, queue.Count)).Select(_ => WorkAsync(series, queue, tally, Done)));
        return tally;

        void Done(Placement placement)
        {
            lock (open)
            {
                if (--open[placement.Sample] == 0)
                    progress.WriteLine($"  {series.Name} {placement.Sample.Name}: done, {watch.Elapsed.TotalSeconds:0} s");
            }
        }
    }

    private async Task<Undisturbed> RunUndisturbedAsync(InventorySample sample)
    {
        await using var stand = await Stand.PrepareAsync(sample, rotator, withSandbox: true);
        await stand.ResetAsync();
        var rotated = await stand.RunAsync();
        var calls = await stand.Sandbox.CallsAsync();
        var ended = rotated.ExitCode == 0 && sample.HasBackends ? await stand.RunAsync() : rotated;
        return ended.ExitCode == 0
            ? new(calls, [.. (await stand.Sandbox.CallsAsync()).Skip(calls.Length)], rotated.Evidence.Lengths.Count)
            : throw new InvalidOperationException(
                $"The undisturbed rotation of {sample.Name} ended with {Findings.Code(ended)}: {ended.Said}");
    }

    private async Task WorkAsync(ISeries series, ConcurrentQueue<Placement> queue, SeriesTally tally, Action<Placement> done)
    {
        Stand? stand = null;
        try
        {
            while (queue.TryDequeue(out var placement))
            {
                var broken = new List<string>();
                try
                {
                    if (stand?.Sample != placement.Sample)
                    {
                        await (stand?.DisposeAsync() ?? default);
                        stand = null;
                        stand = await Stand.PrepareAsync(placement.Sample, rotator, withSandbox: !series.StartsSandboxes);
                    }

                    (var count, var findings) = await series.TryAsync(stand, placement);
                    broken.AddRange(findings.Broken);
                    foreach (var note in findings.Notes)
                        progress.WriteLine($"    {note}");
                    tally.Add(count, broken.Count > 0);
                }
                catch (Exception failure)
                {
                    // An experiment that fails has shown nothing: it counts as broken.
                    broken.Add($"the experiment failed: {failure}");
                    tally.Add(0, broken: true);
                }

                if (broken.Count > 0)
                    Tell(placement, broken);
                done(placement);
            }
        }
        finally
        {
            await (stand?.DisposeAsync() ?? default);
        }
    }

    private void Tell(Placement placement, IReadOnlyList<string> broken)
    {
        lock (_lock)
        {
            progress.WriteLine($"BROKEN {placement}");
            foreach (var each in broken)
                progress.WriteLine($"    {each}");
            progress.WriteLine($"    again: {reproduce} --placement {placement}");
        }
    }
}

/// <summary>What an undisturbed rotation does.</summary>
/// <param name="Calls">Its calls.</param>
/// <param name="Retiring">Where there is a backend, the calls of the next run, which ends the old credential.</param>
/// <param name="Records">How many evidence records it writes.</param>
internal sealed record Undisturbed(ImmutableArray<string> Calls, ImmutableArray<string> Retiring, int Records);

/// <summary>The count of one series.</summary>
/// <param name="unit">What is counted.</param>
internal sealed class SeriesTally(string unit)
{
    private int _count;
    private int _broken;
    private int _placements;

    /// <summary>How many took place.</summary>
    public int Count => _count;

    /// <summary>How many placements broke a promise.</summary>
    public int Broken => _broken;

    /// <summary>How many placements there were.</summary>
    public int Placements => _placements;

    /// <summary>The count with its unit.</summary>
    public override string ToString() => $"{_count} {unit}";

    /// <summary>Adds one placement.</summary>
    public void Add(int count, bool broken)
    {
        Interlocked.Add(ref _count, count);
        Interlocked.Increment(ref _placements);
        if (broken)
            Interlocked.Increment(ref _broken);
    }
}
