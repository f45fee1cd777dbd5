using SecretRotator.Evidence;

namespace SecretRotator.EvidenceStorage;

/// <summary>Earlier runs in a directory.</summary>
/// <param name="directory">The directory, which need not exist.</param>
/// <param name="notice">Told of files that are passed over.</param>
internal sealed class DirectoryHistory(string directory, Action<string> notice)
{
    /// <summary>The runs that a new one has to name. Never throws for evidence that can't be read: an old file must not stop a new
    /// run.</summary>
    /// <param name="now">When the new run begins.</param>
    public async Task<ChainEnds> EndsAsync(Instant now)
    {
        try
        {
            if (!Directory.Exists(directory))
                return ChainEnds.None;
            return await ChainEnds.FindAsync(
                EvidenceFiles.Whole([.. Directory.EnumerateFiles(directory).Select(path => Path.GetFileName(path))]), OpenAsync, now,
                notice);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            notice($"{directory} can't be read, so this run's evidence names no run before it.");
            return ChainEnds.None;
        }
    }

    private Task<Stream?> OpenAsync(string name)
    {
        var path = Path.Combine(directory, name);
        try
        {
            return Task.FromResult<Stream?>(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            notice($"{path} can't be read, so it was passed over: this run's evidence doesn't name it.");
            return Task.FromResult<Stream?>(null);
        }
    }
}
