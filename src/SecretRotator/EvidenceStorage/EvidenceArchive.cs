using NodaTime.Text;
using SecretRotator.Providers.Aws;

namespace SecretRotator.EvidenceStorage;

/// <summary>
/// Takes a run's evidence to S3: its first line before anything is rotated, the whole of it at the end.
/// </summary>
/// <remarks>
/// The first line proves that the bucket can be written, while a failure still costs nothing. It stays, so that a run
/// that was cut short leaves a trace that no one can take away: <c>NAME.begun.jsonl</c> without a <c>NAME.jsonl</c>.
/// </remarks>
/// <param name="archive">The bucket.</param>
/// <param name="spool">The directory to remove once everything is stored, or null where the files are to stay.</param>
/// <param name="clock">For the end of a retention, in the commands that store by hand.</param>
internal sealed class EvidenceArchive(S3Archive archive, EvidenceSpool? spool, IClock clock)
{
    private static readonly InstantPattern Seconds = InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss'Z'");

    /// <summary>Stores the first line of a run that is about to start.</summary>
    /// <param name="name">The run's name: that of its file, without <c>.jsonl</c>.</param>
    /// <param name="firstLine">The line with its end.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="UsageException">The bucket can't be written: settings or permissions are wrong.</exception>
    /// <exception cref="RemoteFailureException">S3 can't be reached, or fails.</exception>
    public async Task BeginAsync(string name, ReadOnlyMemory<byte> firstLine, CancellationToken cancellation)
    {
        try
        {
            using var content = new MemoryStream(firstLine.ToArray(), writable: false);
            await archive.StoreAsync(name + EvidenceFiles.BegunEnding, content, cancellation);
        }
        catch (RemoteFailureException failure)
        {
            spool?.Remove();
            var told = failure.Failure.After($"Evidence can't be kept in {archive.Location}, so nothing was started.");
            throw failure.Kind is FailureKind.Unavailable or FailureKind.Throttled or FailureKind.Garbled
                ? new RemoteFailureException(told with
                {
                    Effect = Effect.Rejected
                }, failure) // Whether the line is there or not, no secret was touched.
                : new UsageException(told.Message, told.Hint);
        }
        catch
        {
            spool?.Remove();
            throw;
        }
    }

    /// <summary>Stores the files of a run that has ended, each under its own name, and removes the spool once all are stored.</summary>
    /// <param name="paths">The files in their order: the evidence, then what signs it.</param>
    /// <param name="cancellation">Stops it. A run that was told to stop still stores its evidence: it gives none of its own.</param>
    public async Task<ArchiveOutcome> EndAsync(ImmutableArray<string> paths, CancellationToken cancellation)
    {
        foreach (var (path, index) in paths.Select((path, index) => (path, index)))
        {
            try
            {
                await using var content = File.OpenRead(path);
                await archive.StoreAsync(Path.GetFileName(path), content, cancellation);
            }
            catch (RemoteFailureException failure)
            {
                return Missing(failure.Failure, paths[index..]);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return Missing(
                    new Failure(FailureKind.EvidenceLost, $"{path} can't be read: {failure.Message.TrimEnd('.')}."), paths[index..]);
            }
        }

        spool?.Remove();
        return new ArchiveOutcome.Stored([.. paths.Select(path => archive.Location.AddressOf(Path.GetFileName(path)))]);
    }

    private ArchiveOutcome.Missing Missing(Failure failure, ImmutableArray<string> left) =>
        new(failure, left, [.. left.Select(CommandFor)], KeptLocally: spool is null);

    private string CommandFor(string path)
    {
        var (location, rules) = (archive.Location, archive.Rules);
        var command =
            $"aws s3api put-object --region {archive.Region} --bucket {location.Bucket} --key "
                + $"{Quoted(location.KeyOf(Path.GetFileName(path)))} --body {Quoted(path)} --if-none-match '*' --checksum-algorithm SHA256";
        if (rules.KmsKeyId is { } key)
            command += $" --server-side-encryption aws:kms --ssekms-key-id {Quoted(key)}";
        if (rules.RetainDays is { } days)
            command += $" --object-lock-mode {(rules.LockMode == LockMode.Compliance ? "COMPLIANCE" : "GOVERNANCE")} "
                + $"--object-lock-retain-until-date {Seconds.Format(clock.GetCurrentInstant() + Duration.FromDays(days))}";
        return command;
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

/// <summary>Whether a run's evidence reached its archive.</summary>
internal abstract record ArchiveOutcome
{
    private ArchiveOutcome()
    {
    }

    /// <summary>All of it is there.</summary>
    /// <param name="Addresses">Where, such as <c>s3://acme-evidence/20261124T013000Z-rotate-1f0c2d3e.jsonl</c>.</param>
    public sealed record Stored(ImmutableArray<string> Addresses) : ArchiveOutcome;

    /// <summary>Some of it isn't there, or isn't known to be. It doesn't undo what the run did.</summary>
    /// <param name="Failure">What happened.</param>
    /// <param name="Files">The files on this machine that aren't in the archive.</param>
    /// <param name="Commands">What stores each of them by hand, in the same order.</param>
    /// <param name="KeptLocally">Whether the files are where the operator asked for them, and not only in a temporary directory.</param>
    public sealed record Missing(
        Failure Failure, ImmutableArray<string> Files, ImmutableArray<string> Commands, bool KeptLocally) : ArchiveOutcome;
}
