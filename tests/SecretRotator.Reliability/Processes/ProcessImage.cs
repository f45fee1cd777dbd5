using Microsoft.Win32.SafeHandles;

namespace SecretRotator.Reliability.Processes;

/// <summary>A running process as its system shows it (proc(5)), its memory included.</summary>
/// <param name="process">Its number.</param>
internal sealed class ProcessImage(int process)
{
    private const int Chunk = 1 << 20;

    private readonly string _folder = $"/proc/{process}";

    /// <summary>Its arguments.</summary>
    public string Arguments => File.ReadAllText(Path.Combine(_folder, "cmdline"));

    /// <summary>The environment that it was started with, and what it wrote there since.</summary>
    public string Environment => File.ReadAllText(Path.Combine(_folder, "environ"));

    /// <summary>How many children it has.</summary>
    public int Children => Directory.EnumerateDirectories(Path.Combine(_folder, "task"))
        .Sum(thread => File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);

    /// <summary>How large a core file it may write, in bytes, by the higher one of its two limits.</summary>
    public string CoreLimit => File.ReadLines(Path.Combine(_folder, "limits"))
        .Single(line => line.StartsWith("Max core file size", StringComparison.Ordinal))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)[5];

    /// <summary>Whether the files that show its inside belong to root, though it doesn't: only root may look then.</summary>
    public bool IsSealed
    {
        get
        {
            using var stat = System.Diagnostics.Process.Start(
                new System.Diagnostics.ProcessStartInfo(
                    "stat", ["--format=%u", Path.Combine(_folder, "environ")])
                { RedirectStandardOutput = true })!;
            return stat.StandardOutput.ReadToEnd().Trim() == "0";
        }
    }

    /// <summary>Whether it opened a port at which .NET's tools attach.</summary>
    public bool HasDiagnosticPort => Directory.EnumerateFiles(Path.GetTempPath(), $"dotnet-diagnostic-{process}-*").Any();

    /// <summary>Whether this user may read a process's memory.</summary>
    public static bool CanRead(int process)
    {
        try
        {
            using var memory = File.OpenHandle($"/proc/{process}/mem");
            return System.Environment.IsPrivilegedProcess;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>How often each pattern stands in the memory that it can write to.</summary>
    public int[] Count(params byte[][] patterns)
    {
        var counts = new int[patterns.Length];
        using var memory = File.OpenHandle(Path.Combine(_folder, "mem"));
        foreach (var line in File.ReadLines(Path.Combine(_folder, "maps")))
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (!columns[1].StartsWith("rw", StringComparison.Ordinal)
                || columns.Length > 5 && columns[5].StartsWith("[v", StringComparison.Ordinal))
                continue;
            var bounds = columns[0].Split('-');
            Count(memory,
                long.Parse(bounds[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                long.Parse(bounds[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture), patterns, counts);
        }

        return counts;
    }

    private static void Count(SafeFileHandle memory, long start, long end, byte[][] patterns, int[] counts)
    {
        // Neighbouring chunks overlap by the longest pattern less one, so that none is cut and none counted twice.
        var overlap = patterns.Max(pattern => pattern.Length) - 1;
        var buffer = new byte[Chunk + overlap];
        for (var at = start; at < end; at += Chunk)
        {
            int read;
            try
            {
                read = RandomAccess.Read(memory, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)), at);
            }
            catch (IOException)
            {
                // A page that was never touched, or is gone.
                continue;
            }

            for (var i = 0; i < patterns.Length; i++)
            {
                var limit = Math.Min(read, Chunk + patterns[i].Length - 1);
                for (var from = 0; from < limit
                    && buffer.AsSpan(from, limit - from).IndexOf(patterns[i]) is >= 0 and var found; from += found + 1)
                    counts[i]++;
            }
        }
    }
}
