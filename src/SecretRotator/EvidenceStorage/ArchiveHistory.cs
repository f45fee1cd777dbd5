using SecretRotator.Evidence;
using SecretRotator.Providers.Aws;
using SecretRotator.Rotation;

namespace SecretRotator.EvidenceStorage;

/// <summary>Earlier runs in a bucket.</summary>
/// <param name="archive">The bucket.</param>
/// <param name="from">Runs that began before aren't looked for.</param>
/// <param name="notice">Told of files that are passed over.</param>
internal sealed class ArchiveHistory(S3Archive archive, Instant from, Action<string> notice)
{
    /// <summary>The runs that a new one has to name. Never throws for evidence that can't be read: an old file must not stop a new
    /// run.</summary>
    /// <param name="now">When the new run begins.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<ChainEnds> EndsAsync(Instant now, CancellationToken cancellation)
    {
        try
        {
            List<string> names = [];
            await foreach (var name in archive.ListAsync(EvidenceName.Beginning(from), cancellation))
                names.Add(name);
            return await ChainEnds.FindAsync(
                EvidenceFiles.Whole(names), name => OpenAsync(name, cancellation), now, told => notice($"{archive.Location}: {told}"));
        }
        catch (RemoteFailureException failure)
        {
            notice($"{archive.Location} can't be listed, so this run's evidence names no run before it. "
                + $"{FailureMessages.Text(failure.Failure)}");
            return ChainEnds.None;
        }
    }

    private async Task<Stream?> OpenAsync(string name, CancellationToken cancellation)
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
