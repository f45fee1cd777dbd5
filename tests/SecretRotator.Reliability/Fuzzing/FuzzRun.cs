using System.Diagnostics;

namespace SecretRotator.Reliability.Fuzzing;

/// <summary>Fuzzes one target for some time: inputs that take a new branch are changed further.</summary>
internal sealed class FuzzRun(FuzzTarget target, Coverage? coverage, Chance chance, string? directory, TextWriter output)
{
    /// <summary>No input may make a parser allocate more, all pages of a listing together.</summary>
    public const long MostBytes = 256L << 20;

    /// <summary>No input may take longer. Far more than any does, because the machine may be busy.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private readonly HashSet<string> _findings = new(StringComparer.Ordinal);

    /// <summary>Inputs tried.</summary>
    public long Runs { get; private set; }

    /// <summary>How many of them were taken.</summary>
    public long Taken { get; private set; }

    /// <summary>Promises broken, each place counted once.</summary>
    public int Findings => _findings.Count;

    /// <summary>Goes on until the time is over.</summary>
    public void For(TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        var corpus = new List<byte[]>();
        foreach (var input in Corpus.Read(target, directory))
        {
            Try(input);
            corpus.Add(input);
        }

        var mutation = new Mutation(chance, target.Seeds);
        while (watch.Elapsed < time)
        {
            var input = mutation.Of(corpus);
            if (!Try(input))
                continue;
            corpus.Add(input);
            if (directory is not null)
                Corpus.Keep(directory, target, input);
        }
    }

    /// <summary>Tries one input within the bounds of memory, and answers whether it was taken. One that hangs ends the process.</summary>
    /// <exception cref="BrokenPromiseException">It took too much.</exception>
    public static bool Bounded(FuzzTarget target, byte[] input)
    {
        using var watchdog = new Timer(
            _ => Environment.FailFast($"{target.Name} hangs on: {Corpus.Shown(input)}"), null, Longest * 6, Timeout.InfiniteTimeSpan);
        // Of this thread: others of the process have their own work.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var isTaken = target.Try(input);
        if (GC.GetAllocatedBytesForCurrentThread() - before is var bytes and > MostBytes)
            throw new BrokenPromiseException($"It took {bytes >> 20} MB.");
        return isTaken;
    }

    // Whether the input took a new branch.
    private bool Try(byte[] input)
    {
        Runs++;
        coverage?.Begin();
        try
        {
            // Nothing else runs in this process: here the whole of it counts.
            var (before, watch) = (GC.GetTotalAllocatedBytes(), Stopwatch.StartNew());
            Taken += Bounded(target, input) ? 1 : 0;
            if (GC.GetTotalAllocatedBytes() - before is var bytes and > MostBytes)
                throw new BrokenPromiseException($"It took {bytes >> 20} MB.");
            if (watch.Elapsed > Longest)
                throw new BrokenPromiseException($"It took {watch.Elapsed.TotalSeconds:0} s.");
        }
#pragma warning disable CA1031 // Whatever a parser lets escape is what is looked for.
        catch (Exception broken)
#pragma warning restore CA1031
        {
            Report(broken, input);
        }

        return coverage?.IsNew() ?? false;
    }

    private void Report(Exception broken, byte[] input)
    {
        var place = broken is BrokenPromiseException
            ? broken.Message
            : broken.GetType().Name + " " + string.Join(" < ", Frames(broken).Take(3));
        if (!_findings.Add(place))
            return;
        output.WriteLine($"BROKEN {target.Name}: {place}");
        output.WriteLine($"  input: {Corpus.Shown(input)}");
        if (directory is not null)
            output.WriteLine($"  kept: {Corpus.Keep(directory, target, input, "broken-")}");
        foreach (var line in broken.ToString().Split('\n').Take(12))
            output.WriteLine($"  | {line.TrimEnd()}");
    }

    private static IEnumerable<string> Frames(Exception broken) => new StackTrace(broken).GetFrames()
        .Select(frame => frame.GetMethod())
        .Where(method => method?.DeclaringType?.FullName is { } type
            && (type.StartsWith("SecretRotator.", StringComparison.Ordinal)
                || type.StartsWith("Amazon.SecretsManager.", StringComparison.Ordinal)))
        .Select(method => $"{method!.DeclaringType!.Name}.{method.Name}");
}
