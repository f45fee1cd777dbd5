using SecretRotator.Evidence;
using SecretRotator.Hosting;
using SecretRotator.Log;
using SecretRotator.Providers.Aws;

namespace SecretRotator.EvidenceStorage;

/// <summary>One run's evidence, from the finding of its key and of the run before to the closed and signed file.</summary>
/// <param name="file">The file.</param>
/// <param name="key">The key to sign with, or null.</param>
/// <param name="clock">The time.</param>
/// <param name="store">Where evidence goes.</param>
/// <param name="archive">The way to the bucket, or null where none was asked for.</param>
/// <param name="run">The run's identity.</param>
/// <param name="beganAt">When the run began.</param>
/// <param name="before">The runs that it names.</param>
/// <param name="listeners">Told of every record after it was written.</param>
internal sealed class EvidenceOpening(
    EvidenceFile file, SigningKey? key, IClock clock, EvidenceStore store, EvidenceArchive? archive, RunId run, Instant beganAt,
    ChainEnds before, ImmutableArray<IEvidenceLog> listeners) : IDisposable
{
    private bool _isArchiveBegun;

    /// <summary>The run's identity.</summary>
    public RunId Run => run;

    /// <summary>
    /// When the run began: before the runs before it were looked for. So whatever began without being seen was running at that time, and
    /// two runs that name the same one ran at the same time.
    /// </summary>
    public Instant BeganAt => beganAt;

    /// <summary>The runs that it names.</summary>
    public ChainEnds Before => before;

    /// <summary>Where records go.</summary>
    public IEvidenceLog Log { get; } = new EvidenceTee(file, listeners);

    /// <summary>Where the file is.</summary>
    public string Path => file.Path;

    /// <summary>Opens it. Nothing that could stop a signature or a record is left for later.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="environment">What the run runs against: its settings and its clock.</param>
    /// <param name="connect">The way to a bucket.</param>
    /// <param name="findKey">Finds the key to sign with, or null.</param>
    /// <param name="random">For the run's identity.</param>
    /// <param name="listeners">Told of every record after it was written.</param>
    /// <param name="cancellation">Stops the opening.</param>
    /// <exception cref="UsageException">The key is none, or the place can't be written to.</exception>
    public static async Task<EvidenceOpening> OpenAsync(
        SessionRequest request, CommandEnvironment environment, Func<S3Location, S3Connection> connect,
        Func<CancellationToken, Task<SigningKey?>> findKey, IRandomSource random,
        ImmutableArray<IEvidenceLog> listeners, CancellationToken cancellation)
    {
        var store = EvidenceStore.Open(request, environment, connect);
        SigningKey? key = null;
        EvidenceSpool? spool = null;
        try
        {
            key = await findKey(cancellation);
            var run = RunId.New(random);
            var beganAt = environment.Clock.GetCurrentInstant();
            var before = await store.EndsAsync(beganAt, cancellation);
            spool = store.Directory is null ? EvidenceSpool.Create() : null;
            var file = EvidenceFile.Create(store.Directory ?? spool!.Directory, EvidenceName.Of(beganAt, request.Command, run));
            var archive = store.Bucket is { } bucket ? new EvidenceArchive(bucket, spool, environment.Clock) : null;
            return new EvidenceOpening(file, key, environment.Clock, store, archive, run, beganAt, before, listeners);
        }
        catch (Exception exception)
        {
            key?.Dispose();
            spool?.Remove();
            store.Dispose();
            if (exception is EvidenceException)
                throw new UsageException(exception.Message);
            throw;
        }
    }

    /// <summary>Takes the first record to the archive, where there is one. Nothing may be changed before.</summary>
    /// <exception cref="UsageException">The bucket can't be written: settings or permissions are wrong.</exception>
    /// <exception cref="RemoteFailureException">It can't be reached.</exception>
    public async Task BeginAsync(CancellationToken cancellation)
    {
        if (archive is null)
            return;
        await using var written = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var first = new MemoryStream();
        await written.CopyToAsync(first, cancellation);
        await archive.BeginAsync(System.IO.Path.GetFileNameWithoutExtension(file.Path), first.ToArray(), cancellation);
        _isArchiveBegun = true;
    }

    /// <summary>Closes the file with the exit code that the process will answer, signs it where there is a key, and archives
    /// both.</summary>
    /// <param name="exitCode">The exit code.</param>
    /// <param name="stopped">What stopped the run as a whole, or null where it has a result.</param>
    /// <exception cref="EvidenceException">The closing record or the signature can't be written. What there is stays where it
    /// is.</exception>
    public async Task<ClosedEvidence> CloseAsync(ExitCode exitCode, Failure? stopped)
    {
        if (stopped is not null)
            Log.Append(new EvidenceRecord.Stopped(clock.GetCurrentInstant(), stopped));
        var endedAt = clock.GetCurrentInstant();
        Log.Append(new EvidenceRecord.RunEnded(endedAt, (int)exitCode));
        string? signature = null;
        if (key is not null)
        {
            signature = EvidenceEnvelope.PathOf(file.Path);
            var facts = new SignedFacts(
                System.IO.Path.GetFileName(file.Path), file.Content, run, file.Records, file.Head, (int)exitCode, endedAt);
            EvidenceFile.WriteBeside(signature, EvidenceEnvelope.Make(key, facts));
        }

        return new ClosedEvidence(file.Path, signature, await ArchiveAsync(signature is null ? [file.Path] : [file.Path, signature]));
    }

    /// <summary>
    /// Leaves the file without its closing record, and archives it so: the run's end can't be signed, and an end without the signature that
    /// is asked for could be anyone's.
    /// </summary>
    /// <param name="stopped">What stopped the run as a whole.</param>
    /// <exception cref="EvidenceException">The record can't be written.</exception>
    public async Task<ClosedEvidence> LeaveOpenAsync(Failure stopped)
    {
        Log.Append(new EvidenceRecord.Stopped(clock.GetCurrentInstant(), stopped));
        return new ClosedEvidence(file.Path, null, await ArchiveAsync([file.Path]));
    }

    // Evidence of a run that was stopped goes to the archive as well: nothing cancels that.
    private async Task<ArchiveOutcome?> ArchiveAsync(ImmutableArray<string> files) =>
        archive is not null && _isArchiveBegun ? await archive.EndAsync(files, CancellationToken.None) : null;

    /// <inheritdoc cref="EvidenceStore.ReadAsync" />
    public Task<PastEvidence> ReadAsync(Instant? since, CancellationToken cancellation) => store.ReadAsync(since, cancellation);

    public void Dispose()
    {
        file.Dispose();
        key?.Dispose();
        store.Dispose();
    }
}

/// <summary>Where a run's evidence is once it is closed.</summary>
/// <param name="File">The records.</param>
/// <param name="Signature">The signature over them, or null where no key is set.</param>
/// <param name="Archived">Whether it reached its archive, or null where there is none.</param>
internal sealed record ClosedEvidence(string File, string? Signature, ArchiveOutcome? Archived);
