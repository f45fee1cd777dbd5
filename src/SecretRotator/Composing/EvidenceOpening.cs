using System.Collections.Immutable;
using NodaTime;
using NodaTime.Text;
using SecretRotator.Archive;
using SecretRotator.Commands;
using SecretRotator.Evidence;
using SecretRotator.Log;

namespace SecretRotator.Composing;

/// <summary>One run's evidence, from the finding of its key and of the run before to the closed and signed file.</summary>
internal sealed class EvidenceOpening : IDisposable
{
    private static readonly InstantPattern FileTime = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");

    private readonly EvidenceFile _file;
    private readonly SigningKey? _key;
    private readonly IClock _clock;
    private readonly EvidenceStore _store;
    private readonly EvidenceArchive? _archive;
    private bool _isArchiveBegun;

    private EvidenceOpening(
        EvidenceFile file, SigningKey? key, IClock clock, EvidenceStore store, EvidenceArchive? archive, RunId run, PreviousRun? after, ImmutableArray<IEvidenceLog> listeners)
    {
        (_file, _key, _clock, _store, _archive) = (file, key, clock, store, archive);
        (Run, After) = (run, after);
        Log = new EvidenceTee(file, listeners);
    }

    /// <summary>The run's identity.</summary>
    public RunId Run { get; }

    /// <summary>The run before, or null where none is known.</summary>
    public PreviousRun? After { get; }

    /// <summary>Where records go.</summary>
    public IEvidenceLog Log { get; }

    /// <summary>Where the file lies.</summary>
    public string Path => _file.Path;

    /// <summary>Opens it. Nothing that could stop a signature or a record is left for later.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="stage">The settings and the clock that hold on it.</param>
    /// <param name="connections">The ways to the vaults, of which one may hold the key, and to the bucket.</param>
    /// <param name="usual">The directory where nobody names another place.</param>
    /// <param name="listeners">Told of every record after it was written.</param>
    /// <param name="cancellation">Stops the opening.</param>
    /// <exception cref="UsageException">The key is none, or the place can't be written to.</exception>
    public static async Task<EvidenceOpening> OpenAsync(
        WorldRequest request, Stage stage, Connections connections, string usual, ImmutableArray<IEvidenceLog> listeners, CancellationToken cancellation)
    {
        var store = EvidenceStore.Open(request, stage, connections, usual);
        SigningKey? key = null;
        EvidenceSpool? spool = null;
        try
        {
            key = await SigningKeySource.FindAsync(request, connections, cancellation);
            var after = await store.LastAsync(cancellation);
            var run = RunId.New(connections.Random);
            var name = $"{FileTime.Format(stage.Clock.GetCurrentInstant())}-{request.Command}-{run.Value[..8]}.jsonl";
            spool = store.Directory is null ? EvidenceSpool.Create() : null;
            var file = EvidenceFile.Create(store.Directory ?? spool!.Directory, name);
            var archive = store.Bucket is { } bucket ? new EvidenceArchive(bucket, spool, stage.Clock) : null;
            return new EvidenceOpening(file, key, stage.Clock, store, archive, run, after, listeners);
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
        if (_archive is null)
            return;
        await using var file = new FileStream(_file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var first = new MemoryStream();
        await file.CopyToAsync(first, cancellation);
        await _archive.BeginAsync(System.IO.Path.GetFileNameWithoutExtension(_file.Path), first.ToArray(), cancellation);
        _isArchiveBegun = true;
    }

    /// <summary>Closes the file with the exit code that the process will answer, signs it where there is a key, and archives both.</summary>
    /// <exception cref="EvidenceException">The closing record or the signature can't be written. What there is stays where it is.</exception>
    public async Task<ClosedEvidence> CloseAsync(ExitCode exitCode)
    {
        var endedAt = _clock.GetCurrentInstant();
        Log.Append(new EvidenceRecord.RunEnded(endedAt, (int)exitCode));
        string? signature = null;
        if (_key is not null)
        {
            signature = EvidenceEnvelope.PathOf(_file.Path);
            var facts = new SignedFacts(System.IO.Path.GetFileName(_file.Path), _file.Content, Run, _file.Records, _file.Head, (int)exitCode, endedAt);
            EvidenceFile.WriteBeside(signature, EvidenceEnvelope.Make(_key, facts));
        }

        // Evidence of a run that was stopped goes to the archive as well: nothing cancels that.
        var archived = _archive is not null && _isArchiveBegun
            ? await _archive.EndAsync(signature is null ? [_file.Path] : [_file.Path, signature], CancellationToken.None)
            : null;
        return new ClosedEvidence(_file.Path, signature, archived);
    }

    /// <summary>Reads what all evidence in the same place tells.</summary>
    /// <exception cref="UsageException">It can't be read.</exception>
    public Task<PastEvidence> ReadAsync(CancellationToken cancellation) => _store.ReadAsync(cancellation);

    public void Dispose()
    {
        _file.Dispose();
        _key?.Dispose();
        _store.Dispose();
    }
}
