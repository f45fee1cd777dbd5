using SecretRotator.Reliability.World;

namespace SecretRotator.Reliability;

/// <summary>Adds up what workers report, one line each: <c>count NAME N</c> or <c>broken PROMISE TEXT</c>.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly List<string> _broken = [];
    private readonly Lock _lock = new();

    public IReadOnlyList<string> Broken => _broken;

    /// <summary>The sum of all counts of that name.</summary>
    public long this[string name]
    {
        get
        {
            lock (_lock)
                return _counts.GetValueOrDefault(name);
        }
    }

    /// <summary>Names and sums, in the names' order.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> All => [.. _counts];

    public void Add(string name, long count)
    {
        lock (_lock)
            _counts[name] = _counts.GetValueOrDefault(name) + count;
    }

    public void Add(Broken broken, string where)
    {
        lock (_lock)
            _broken.Add($"{broken.Promise} {where}: {broken.What}");
    }

    /// <summary>Writes everything for the process that started this one.</summary>
    public void Report(TextWriter to)
    {
        foreach (var (name, count) in _counts)
            to.WriteLine($"count {name} {count}");
        foreach (var broken in _broken)
            to.WriteLine("broken " + broken.ReplaceLineEndings(" "));
    }

    /// <summary>Starts workers, each with a thread pool of a single thread, and adds up what they report.</summary>
    /// <param name="workers">How many.</param>
    /// <param name="arguments">What each one is started with, by its number from 0.</param>
    public static async Task<Tally> OfWorkersAsync(int workers, Func<int, IEnumerable<string>> arguments)
    {
        var tally = new Tally();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(async number =>
        {
            using var worker = OneThread.Start(arguments(number));
            while (await worker.StandardOutput.ReadLineAsync() is { } line)
                tally.Read(line);
            await worker.WaitForExitAsync();
            if (worker.ExitCode != 0)
                tally.Read($"broken - worker {number} ended with exit code {worker.ExitCode}");
        }));
        return tally;
    }

    private void Read(string line)
    {
        if (line.StartsWith("count ", StringComparison.Ordinal) && line.Split(' ') is [_, var name, var count])
            Add(name, long.Parse(count, CultureInfo.InvariantCulture));
        else if (line.StartsWith("broken ", StringComparison.Ordinal))
            lock (_lock)
                _broken.Add(line["broken ".Length..]);
        else
            Console.Error.WriteLine(line);
    }
}
