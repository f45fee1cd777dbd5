namespace SecretRotator.Evidence;

/// <summary>The evidence files that a command line names.</summary>
internal static class EvidenceFiles
{
    /// <summary>Reads and checks them.</summary>
    /// <exception cref="UsageException">One isn't there or can't be read.</exception>
    public static CheckedEvidence Read(IEnumerable<string> paths, bool fromStart = false)
    {
        var current = "";
        try
        {
            return EvidenceReader.Read(
                Find(paths),
                path => new FileStream(current = path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite, BufferSize = 0 }),
                fromStart);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException([new Problem("The evidence can't be read.", "Check that it is a file, and that this user may read it.", current)]);
        }
    }

    private static List<string> Find(IEnumerable<string> paths)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (!Directory.Exists(path))
            {
                files.Add(File.Exists(path) ? path : throw new UsageException([new Problem("There is no such file.", "Name evidence files, or the directory that they are in.", path)]));
                continue;
            }

            var found = Found(path);
            if (found.Length == 0)
                throw new UsageException([new Problem("There is no evidence in this directory.", "Evidence files end with .jsonl.", path)]);
            files.AddRange(found.Order(StringComparer.Ordinal));
        }

        return [.. files.DistinctBy(Path.GetFullPath, StringComparer.Ordinal)];
    }

    private static string[] Found(string directory)
    {
        try
        {
            return Directory.GetFiles(directory, "*.jsonl");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException([new Problem("The directory can't be read.", "Check that this user may read it.", directory)]);
        }
    }
}
