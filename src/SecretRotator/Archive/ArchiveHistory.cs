using NodaTime;
using NodaTime.Text;
using SecretRotator.Evidence;

namespace SecretRotator.Archive;

/// <summary>Earlier runs in a bucket. Their names begin with the time in UTC, so the last name is the last run.</summary>
/// <param name="archive">The bucket.</param>
/// <param name="from">Runs that began before aren't looked for.</param>
/// <param name="notice">Told where the last run can't be read.</param>
internal sealed class ArchiveHistory(S3Archive archive, Instant from, Action<string> notice)
{
    private static readonly InstantPattern FileTime = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");

    /// <summary>The run before, or null where none is known. Never throws for evidence that can't be read: an old file must not stop a new run.</summary>
    public async Task<PreviousRun?> LastAsync(CancellationToken cancellation)
    {
        try
        {
            List<string> names = [];
            await foreach (var name in archive.ListAsync(FileTime.Format(from), cancellation))
                names.Add(name);
            if (EvidenceFiles.Whole(names).LastOrDefault() is not { } last)
                return null;
            using var content = new MemoryStream();
            await archive.ReadAsync(last, content, cancellation);
            content.Position = 0;
            if (EvidenceReader.Head(content) is { } head)
                return head;
            notice($"{archive.Location.AddressOf(last)} is not evidence that this program reads, so this run's evidence names no run before it.");
            return null;
        }
        catch (RemoteFailureException failure)
        {
            notice($"The last run in {archive.Location} can't be read, so this run's evidence names no run before it. {failure.Message} {failure.Hint}");
            return null;
        }
    }
}
