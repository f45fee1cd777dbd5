using SecretRotator.Evidence;
using SecretRotator.Providers.Aws;
using SecretRotator.Rotation;

namespace SecretRotator.EvidenceStorage;

/// <summary>Finds the runs that a new one has to name. Never throws for evidence that can't be read: an old file must not stop a new
/// run.</summary>
/// <param name="now">When the new run begins.</param>
/// <param name="notice">Told of files that are passed over.</param>
internal sealed class RunsBefore(Instant now, Action<string> notice)
{
    /// <summary>Those in a directory.</summary>
    /// <param name="directory">It need not exist.</param>
    public async Task<ChainEnds> InAsync(string directory)
    {
        try
        {
            if (!Directory.Exists(directory))
                return ChainEnds.None;
            return await ChainEnds.FindAsync(
                EvidenceFiles.Whole([.. Directory.EnumerateFiles(directory).Select(path => Path.GetFileName(path))]),
                name => Task.FromResult<Stream?>(Open(Path.Combine(directory, name))), now, notice);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            notice($"{directory} can't be read, so this run's evidence names no run before it.");
            return ChainEnds.None;
        }
    }

    /// <summary>Those in a bucket.</summary>
    /// <param name="archive">The bucket.</param>
    /// <param name="from">Runs that began before aren't looked for.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<ChainEnds> InAsync(S3Archive archive, Instant from, CancellationToken cancellation)
    {
        try
        {
            List<string> names = [];
            await foreach (var name in archive.ListAsync(EvidenceName.Beginning(from), cancellation))
                names.Add(name);
            return await ChainEnds.FindAsync(
                EvidenceFiles.Whole(names), name => OpenAsync(archive, name, cancellation), now,
                told => notice($"{archive.Location}: {told}"));
        }
        catch (RemoteFailureException failure)
        {
            notice($"{archive.Location} can't be listed, so this run's evidence names no run before it. "
                + $"{FailureMessages.Text(failure.Failure)}");
            return ChainEnds.None;
        }
    }

    private FileStream? Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            notice($"{path} can't be read, so it was passed over: this run's evidence doesn't name it.");
            return null;
        }
    }

    private async Task<Stream?> OpenAsync(S3Archive archive, string name, CancellationToken cancellation)
    {
        var content = new MemoryStream();
        try
        {
            await archive.ReadAsync(name, content, cancellation);
            content.Position = 0;
            return content;
        }
        catch (RemoteFailureException failure)
        {
            await content.DisposeAsync();
            notice($"{archive.Location.AddressOf(name)} can't be read, so it was passed over: this run's evidence doesn't name it. "
                + $"{FailureMessages.Text(failure.Failure)}");
            return null;
        }
        catch
        {
            await content.DisposeAsync();
            throw;
        }
    }
}
