using SecretRotator.Evidence;

namespace SecretRotator.EvidenceStorage;

/// <summary>Finds evidence files.</summary>
internal static class EvidenceFiles
{
    private const string Ending = ".jsonl";

    /// <summary>How the name of a run's first line ends, which an archive keeps by itself.</summary>
    public const string BegunEnding = ".begun.jsonl";

    /// <summary>
    /// The names of evidence among others, in their order. The first line of a run, which an archive keeps by itself, counts where the
    /// whole isn't there: that run was cut short.
    /// </summary>
    public static IEnumerable<string> Whole(IReadOnlyCollection<string> names)
    {
        var all = names.ToHashSet(StringComparer.Ordinal);
        return names
            .Where(name => name.EndsWith(Ending, StringComparison.Ordinal))
            .Where(name => !name.EndsWith(BegunEnding, StringComparison.Ordinal) || !all.Contains(name[..^BegunEnding.Length] + Ending))
            .Order(StringComparer.Ordinal);
    }

    /// <summary>The evidence in a directory, by path; none where there is no such directory.</summary>
    /// <exception cref="UsageException">The directory can't be read.</exception>
    public static ImmutableArray<string> In(string directory) => Directory.Exists(directory) ? [.. Found(directory)] : [];

    /// <summary>Reads and checks them.</summary>
    /// <exception cref="UsageException">One isn't there or can't be read.</exception>
    public static CheckedEvidence Read(IEnumerable<string> paths, bool fromStart = false)
    {
        var current = "";
        try
        {
            return EvidenceReader.Read(
                [.. paths.SelectMany(FilesOf).DistinctBy(Path.GetFullPath, StringComparer.Ordinal)],
                path => new FileStream(
                    current = path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite, BufferSize = 0 }),
                fromStart);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException("The evidence can't be read.", "Check that it is a file, and that this user may read it.", current);
        }
    }

    private static string[] FilesOf(string path)
    {
        if (Directory.Exists(path))
            return Found(path) is { Length: > 0 } found
                ? found
                : throw new UsageException("There is no evidence in this directory.", "Evidence files end with .jsonl.", path);
        return File.Exists(path)
            ? [path]
            : throw new UsageException("There is no such file.", "Name evidence files, or the directory that they are in.", path);
    }

    private static string[] Found(string directory)
    {
        try
        {
            return [.. Whole(Directory.GetFiles(directory, "*" + Ending))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException("The directory can't be read.", "Check that this user may read it.", directory);
        }
    }
}
