using System.Collections.Immutable;
using NodaTime;
using NodaTime.Text;
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

    private EvidenceOpening(EvidenceFile file, SigningKey? key, IClock clock, RunId run, PreviousRun? after, ImmutableArray<IEvidenceLog> listeners)
    {
        (_file, _key, _clock) = (file, key, clock);
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
    /// <param name="connections">The ways to the vaults, of which one may hold the key.</param>
    /// <param name="clock">The time.</param>
    /// <param name="usual">The directory where nobody names another.</param>
    /// <param name="listeners">Told of every record after it was written.</param>
    /// <param name="cancellation">Stops the opening.</param>
    /// <exception cref="UsageException">The key is none, or the directory can't be written to.</exception>
    public static async Task<EvidenceOpening> OpenAsync(
        WorldRequest request, Connections connections, IClock clock, string usual, ImmutableArray<IEvidenceLog> listeners, CancellationToken cancellation)
    {
        var directory = request.Settings.EvidenceDirectory ?? usual;
        var key = await SigningKeySource.FindAsync(request, connections, cancellation);
        try
        {
            var after = await new DirectoryHistory(directory, request.Log.Notice).LastAsync(cancellation);
            var run = RunId.New(connections.Random);
            var name = $"{FileTime.Format(clock.GetCurrentInstant())}-{request.Command}-{run.Value[..8]}.jsonl";
            return new EvidenceOpening(EvidenceFile.Create(directory, name), key, clock, run, after, listeners);
        }
        catch (EvidenceException exception)
        {
            key?.Dispose();
            throw new UsageException(exception.Message);
        }
        catch
        {
            key?.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file with the exit code that the process will answer, and signs it where there is a key.</summary>
    /// <exception cref="EvidenceException">The closing record or the signature can't be written.</exception>
    public Task<ClosedEvidence> CloseAsync(ExitCode exitCode)
    {
        var endedAt = _clock.GetCurrentInstant();
        Log.Append(new EvidenceRecord.RunEnded(endedAt, (int)exitCode));
        if (_key is null)
            return Task.FromResult(new ClosedEvidence(_file.Path, null));
        var signature = EvidenceEnvelope.PathOf(_file.Path);
        var facts = new SignedFacts(System.IO.Path.GetFileName(_file.Path), _file.Content, Run, _file.Records, _file.Head, (int)exitCode, endedAt);
        EvidenceFile.WriteBeside(signature, EvidenceEnvelope.Make(_key, facts));
        return Task.FromResult(new ClosedEvidence(_file.Path, signature));
    }

    public void Dispose()
    {
        _file.Dispose();
        _key?.Dispose();
    }
}
