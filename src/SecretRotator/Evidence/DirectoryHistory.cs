using System.Text.RegularExpressions;

namespace SecretRotator.Evidence;

/// <summary>Earlier runs in a directory. Their files' names begin with the time in UTC, so the last name is the last run.</summary>
/// <param name="directory">The directory, which need not exist.</param>
/// <param name="notice">Told where the last run can't be read.</param>
internal sealed partial class DirectoryHistory(string directory, Action<string> notice)
{
    /// <summary>The run before, or null where none is known. Never throws for evidence that can't be read: an old file must not stop a new run.</summary>
    public PreviousRun? Last()
    {
        var current = directory;
        try
        {
            if (!Directory.Exists(directory))
                return null;
            foreach (var path in Directory.EnumerateFiles(directory, "*.jsonl").Where(path => Name().IsMatch(Path.GetFileName(path))).OrderDescending(StringComparer.Ordinal))
            {
                current = path;
                using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                // A run that was killed before its first record leaves an empty file.
                if (file.Length == 0)
                    continue;
                if (EvidenceReader.Head(file) is { } head)
                    return head;
                notice($"{current} is not evidence that this program reads, so this run's evidence names no run before it.");
                return null;
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            notice($"{current} can't be read, so this run's evidence names no run before it.");
            return null;
        }
    }

    [GeneratedRegex("^[0-9]{8}T[0-9]{6}Z-", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: Timeout.Infinite)]
    private static partial Regex Name();
}
