using NodaTime;
using NodaTime.Text;
using SecretRotator.Evidence;

namespace SecretRotator.Archive;

/// <summary>Earlier runs in a bucket. Their names begin with the time in UTC, so the last name is the last run.</summary>
/// <param name="archive">The bucket.</param>
/// <param name="from">Runs that began before aren't looked for.</param>
/// <param name="notice">Told where the last run can't be read.</param>
internal sealed class ArchiveHistory(S3Archive archive, Instant from, Action<string> notice) : IEvidenceHistory
{
    private static readonly InstantPattern FileTime = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");

    /// <inheritdoc />
    public async Task<PreviousRun?> LastAsync(CancellationToken cancellation)
    {
        try
        {
            string? last = null;
            List<string> names = [];
            await foreach (var name in archive.ListAsync(FileTime.Format(from), cancellation))
                names.Add(name);
            last = EvidenceFiles.Whole(names).LastOrDefault();
            if (last is null)
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
