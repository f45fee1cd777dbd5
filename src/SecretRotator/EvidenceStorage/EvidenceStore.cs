using SecretRotator.Evidence;
using SecretRotator.Hosting;
using SecretRotator.Providers.Aws;

namespace SecretRotator.EvidenceStorage;

/// <summary>Where evidence goes, and where that of earlier runs is: a directory, a bucket, or both.</summary>
internal sealed class EvidenceStore : IDisposable
{
    // Names begin with a time: what is older isn't looked for, and the chain then starts again.
    private static readonly Duration LooksBack = Duration.FromDays(100);

    private readonly SessionRequest _request;
    private readonly S3Connection? _bucket;

    private EvidenceStore(SessionRequest request, string? directory, S3Connection? bucket) =>
        (_request, Directory, _bucket) = (request, directory, bucket);

    /// <summary>The bucket, or null where none was asked for.</summary>
    public S3Archive? Bucket => _bucket?.Archive;

    /// <summary>The directory, or null where only a bucket was asked for.</summary>
    public string? Directory { get; }

    /// <summary>Opens it. Nothing is called yet.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="environment">What the run runs against.</param>
    /// <param name="connect">The way to a bucket.</param>
    /// <exception cref="UsageException">A place is wrong, or the settings don't suffice for the bucket.</exception>
    public static EvidenceStore Open(SessionRequest request, CommandEnvironment environment, Func<S3Location, S3Connection> connect)
    {
        var places = EvidencePlaces.Parse(request.Settings.Evidence, environment.UsualEvidence);
        var bucket = places.Bucket is { } location ? connect(location) : null;
        return new EvidenceStore(request, places.Directory, bucket);
    }

    /// <summary>The runs that a new one has to name: those of the bucket where it has any, since directories come and go with a pipeline's
    /// steps.</summary>
    /// <param name="now">When the new run begins.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<ChainEnds> EndsAsync(Instant now, CancellationToken cancellation)
    {
        var before = new RunsBefore(now, _request.Log.Notice);
        if (Bucket is { } bucket && await before.InAsync(bucket, now - LooksBack, cancellation) is { After: not null } ends)
            return ends;
        return Directory is null ? ChainEnds.None : await before.InAsync(Directory);
    }

    /// <summary>Reads what evidence in it tells.</summary>
    /// <param name="since">Runs that began before are left out; null for all.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="UsageException">The bucket can't be read.</exception>
    public async Task<PastEvidence> ReadAsync(Instant? since, CancellationToken cancellation)
    {
        var from = since is { } time ? EvidenceName.Beginning(time) : null;
        var here = Directory is null
            ? []
            : EvidenceFiles.In(Directory).Select(path => (Name: Path.GetFileName(path), path))
                .Where(file => string.CompareOrdinal(file.Name, from) >= 0).ToList();
        if (Bucket is not { } bucket)
            return PastEvidence.Read(Directory!, here);
        var spool = EvidenceSpool.Create();
        try
        {
            var there = (await FetchAsync(bucket, spool, from, cancellation))
                .Select(path => (bucket.Location.AddressOf(Path.GetFileName(path)), path));
            return PastEvidence.Read(
                Directory is null ? bucket.Location.ToString() : $"{Directory} and {bucket.Location}", [.. here, .. there]);
        }
        catch (RemoteFailureException failure)
        {
            throw new UsageException($"The evidence in {bucket.Location} can't be read. {failure.Message}", failure.Hint);
        }
        finally
        {
            spool.Remove();
        }
    }

    public void Dispose() => _bucket?.Dispose();

    private static async Task<ImmutableArray<string>> FetchAsync(
        S3Archive bucket, EvidenceSpool spool, string? from, CancellationToken cancellation)
    {
        List<string> names = [];
        await foreach (var name in bucket.ListAsync(from, cancellation))
            names.Add(name);
        await Parallel.ForEachAsync(
            EvidenceFiles.Whole(names),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation },
            async (name, stop) =>
            {
                await using var file = new FileStream(Path.Combine(spool.Directory, Path.GetFileName(name)), FileMode.CreateNew);
                await bucket.ReadAsync(name, file, stop);
            });
        return EvidenceFiles.In(spool.Directory);
    }
}
