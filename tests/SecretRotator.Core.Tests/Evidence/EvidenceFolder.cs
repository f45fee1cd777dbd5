using SecretRotator.Evidence;

namespace SecretRotator.Tests.Evidence;

/// <summary>A folder of evidence files of runs, a minute apart.</summary>
internal sealed class EvidenceFolder : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("evidence-");
    private int _runs;

    public string Path => _directory.FullName;

    public static Instant At(int minute) => Instant.FromUtc(2026, 11, 24, 1, minute);

    public static RunId IdOf(string path)
    {
        using var file = File.OpenRead(path);
        return EvidenceReader.Ends(file)!.Value.Head.Run;
    }

    /// <summary>Writes a whole run that names the one before it.</summary>
    /// <param name="before">The file of the one before, or null.</param>
    /// <param name="until">The minute in which it ends, or null for that in which it began.</param>
    public string Run(string? before, int? until = null)
    {
        if (before is null)
            return Write(null, closes: true, out _, until);
        using var file = File.OpenRead(before);
        return Write(EvidenceReader.Ends(file)?.Head, closes: true, out _, until);
    }

    /// <summary>Writes a run, with or without its closing record.</summary>
    public string Write(PreviousRun? after, bool closes, out string head, int? until = null)
    {
        var number = ++_runs;
        using var file = EvidenceFile.Create(Path, $"20261124T01{number:d2}00Z-rotate-0000000{number}.jsonl");
        file.Append(
            new EvidenceRecord.RunStarted(
                At(number), "rotate", "1", new Holder.Process("00000000000000aa", 7, 9, "me@here"), EvidenceFormat.NoHash)
            {
                Run = new RunId($"00000000-0000-8000-8000-{number:d12}"),
                After = after,
            });
        if (closes)
            file.Append(new EvidenceRecord.RunEnded(At(until ?? number), 0));
        head = file.Head;
        return file.Path;
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
